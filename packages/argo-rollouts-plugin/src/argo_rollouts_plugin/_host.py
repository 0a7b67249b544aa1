"""A provider and its life: made late, initialised once, called from one event loop."""

import asyncio
import inspect
import logging
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from ._threads import DaemonPool
from .metric_provider import MaybeAwaitable, MetricProvider

_T = TypeVar("_T")
ProviderFactory = Callable[[], MetricProvider]

_HOUSEKEEPING_THREADS: Final = 2
_log: Final = logging.getLogger("argo_rollouts_plugin")


class ProviderHost:
    """Holds one provider; every method runs on the same event loop.

    Args:
        provider: the provider, or what makes it (its class, for example), called at the first use
            in a thread of the pool, so that slow imports happen after the handshake.
        threads: how many plain methods may run at once.
        ready: called once the provider is initialised.
    """

    def __init__(
        self,
        provider: MetricProvider | ProviderFactory,
        threads: int,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._ready = ready
        self._factory = _factory_of(provider)
        self._measuring = DaemonPool("measure", threads)
        self._housekeeping = DaemonPool("housekeep", _HOUSEKEEPING_THREADS)
        self._making: asyncio.Task[MetricProvider] | None = None
        self._initialising: asyncio.Task[MetricProvider] | None = None
        self._type: str | None = None

    async def initialised(self) -> MetricProvider:
        """The provider after its `init`.

        Calls that come together share one attempt and its outcome; the next call after a failed
        one tries again. (The controller goes on without InitPlugin after a failed one.)
        """
        if self._initialising is None or _failed(self._initialising):
            self._initialising = asyncio.create_task(self._initialise(), name="init")
        return await asyncio.shield(self._initialising)

    async def type(self) -> str:
        """The provider's type; asked once, and without waiting for `init`."""
        if self._type is None:
            provider = await self._made()
            found = await self.housekeep(provider.type)
            if not isinstance(found, str):
                raise TypeError(f"type() gave {type(found).__name__}, it has to give str")
            self._type = found
        return self._type

    async def measure(self, method: Callable[[], MaybeAwaitable[_T]]) -> _T:
        """Runs `run`, `resume` or `terminate`."""
        return await _call(self._measuring, method)

    async def housekeep(self, method: Callable[[], MaybeAwaitable[_T]]) -> _T:
        """Runs any other method, not behind measurements that take their time."""
        return await _call(self._housekeeping, method)

    async def _initialise(self) -> MetricProvider:
        provider = await self._made()
        await self.housekeep(provider.init)
        self._ready()
        _log.info("initialised %s", type(provider).__name__)
        return provider

    async def _made(self) -> MetricProvider:
        if self._making is None or _failed(self._making):
            make = self._housekeeping.run(self._factory)
            self._making = asyncio.create_task(make, name="make provider")
        return await asyncio.shield(self._making)


def _factory_of(provider: MetricProvider | ProviderFactory) -> ProviderFactory:
    return (lambda: provider) if isinstance(provider, MetricProvider) else provider


def _failed(task: "asyncio.Task[MetricProvider]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _call(pool: DaemonPool, method: Callable[[], MaybeAwaitable[_T]]) -> _T:
    """Runs a method, plain or async; only our own cancellation passes as one.

    An async provider that calls `sys.exit()` would end the event loop and all other calls with it.
    """
    try:
        outcome = method() if _is_async(method) else await pool.run(method)
        return await outcome if inspect.isawaitable(outcome) else outcome
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"{type(error).__name__} raised: {error}") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise RuntimeError("the provider cancelled its own call") from error


def _is_async(method: Callable[[], object]) -> bool:
    function = method.func if isinstance(method, partial) else method
    return inspect.iscoroutinefunction(function)
