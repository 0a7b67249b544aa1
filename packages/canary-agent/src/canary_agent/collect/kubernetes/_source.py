"""Samples from a cluster."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from canary_agent.collect import CollectError, Sample, Side
from canary_verdict import CanaryRequest

from ._access import Access, Connection
from ._api import Api
from ._collection import Collection
from ._limits import DEFAULT_LIMITS, KubernetesLimits
from ._listing import list_pods
from ._namespaces import check_allowed, check_request

_ASK_EVERY = 0.2


def _utc_now() -> datetime:
    return datetime.now(UTC)


class KubernetesSource:
    """A cluster's pods, their logs and their events.

    Args:
        access: where the cluster is.
        allowed_namespaces: which namespaces requests may speak of; `*` allows all. None named: the
            agent's own one, and outside a cluster what the user of the kubeconfig may read.
        limits: bounds of one sample.
        now: the clock that the request's window is measured by.
    """

    def __init__(
        self,
        access: Access | None = None,
        allowed_namespaces: Sequence[str] = (),
        limits: KubernetesLimits = DEFAULT_LIMITS,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._access = access or Access()
        self._allowed = tuple(allowed_namespaces)
        self._limits = limits
        self._now = now

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`; logs are read here and now, so that the sample stays as it is.

        Once `cancelled` says True, an empty sample comes back within moments. An event loop runs
        meanwhile, so this must not be called from a coroutine.

        Raises:
            CollectError: the request is not fit for a cluster, its namespace is not allowed, or its
                pods cannot be listed.
        """
        check_request(request)
        connection = self._access.connect()
        check_allowed(request.run.namespace, self._allowed, connection.own_namespace)
        return asyncio.run(self._unless(cancelled, request, connection))

    async def _unless(
        self, cancelled: Callable[[], bool], request: CanaryRequest, connection: Connection
    ) -> Sample:
        work = asyncio.create_task(self._collect(request, connection))
        while not cancelled():
            await asyncio.wait({work}, timeout=_ASK_EVERY)
            if work.done():
                return work.result()
        work.cancel()
        await asyncio.wait({work})
        return Sample(Side(), Side())

    async def _collect(self, request: CanaryRequest, connection: Connection) -> Sample:
        limits, end = self._limits, time.monotonic() + self._limits.total_seconds
        async with connection.client(limits.call_seconds) as client:
            api = Api(client, limits)
            try:
                async with asyncio.timeout(limits.total_seconds):
                    listing = await list_pods(api, request, limits.listed_pods)
            except TimeoutError as error:
                raise CollectError(
                    f"the Kubernetes API did not list the pods within {limits.total_seconds:g} s"
                ) from error
            return await Collection(api, request, limits, end).sample(listing, self._now())
