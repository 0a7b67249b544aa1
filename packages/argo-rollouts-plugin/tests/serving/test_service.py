"""A provider behind the seven calls: what it gives, what it raises, and when it is initialised."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from argo_rollouts_plugin import MetricProvider, ProviderError, rpc
from argo_rollouts_plugin.v1alpha1 import (
    AnalysisPhase,
    AnalysisRun,
    GoStruct,
    Measurement,
    Metric,
    ObjectMeta,
)

Call = Callable[[str, object], Awaitable[Any]]
Serving = Callable[..., Call]

RUN = AnalysisRun(metadata=ObjectMeta(uid="u-1"))
METRIC = Metric(name="m")
OPEN = Measurement(
    phase=AnalysisPhase.RUNNING,
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    resume_at=datetime(2026, 1, 2, tzinfo=UTC),
    metadata={"task": "t-1"},
)
DONE = Measurement(phase=AnalysisPhase.SUCCESSFUL, value="1")


def run_args(analysis_run: AnalysisRun | None = RUN) -> object:
    return rpc.write_args(rpc.RunArgs(analysis_run=analysis_run, metric=METRIC))


def open_args(measurement: Measurement = OPEN) -> object:
    args = rpc.TerminateAndResumeArgs(analysis_run=RUN, metric=METRIC, measurement=measurement)
    return rpc.write_args(args)


def collect_args() -> object:
    return rpc.write_args(rpc.GarbageCollectArgs(analysis_run=RUN, metric=METRIC, limit=7))


def metadata_args() -> object:
    return rpc.write_args(rpc.GetMetadataArgs(metric=METRIC))


async def measured(call: Call, method: str = "Run", args: object = None) -> Measurement:
    sent = args if args is not None else run_args() if method == "Run" else open_args()
    return Measurement.from_gob(await call(method, sent))


def give(provider: "Provider", *call: object) -> Any:
    provider.calls.append(call)
    if isinstance(provider.outcome, BaseException):
        raise provider.outcome
    return provider.outcome


class Provider(MetricProvider):
    """Gives what it is made with, and notes the calls; an exception is raised."""

    def __init__(self, outcome: object = DONE, *, init: object = None) -> None:
        self.outcome = outcome
        self.init_outcome = init
        self.calls: list[tuple[object, ...]] = []

    def init(self) -> None:
        self.calls.append(("init",))
        if isinstance(self.init_outcome, BaseException):
            raise self.init_outcome

    def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        found: Measurement = give(self, "run", analysis_run, metric)
        return found

    def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        found: Measurement = give(self, "resume", analysis_run, metric, measurement)
        return found

    def terminate(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        found: Measurement = give(self, "terminate", analysis_run, metric, measurement)
        return found

    def garbage_collect(self, analysis_run: AnalysisRun, metric: Metric, limit: int) -> None:
        give(self, "garbage_collect", analysis_run, metric, limit)

    def type(self) -> str:
        self.calls.append(("type",))
        return "Test"

    def metadata(self, metric: Metric) -> dict[str, str]:
        found: dict[str, str] = give(self, "metadata", metric)
        return found


class AsyncProvider(Provider):
    """The same, on the event loop."""

    async def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:  # type: ignore[override]
        await asyncio.sleep(0)
        found: Measurement = give(self, "run", analysis_run, metric)
        return found


BOTH = pytest.mark.parametrize("kind", [Provider, AsyncProvider])


@BOTH
async def test_arguments_arrive_and_times_are_filled_in(
    serving: Serving, kind: type[Provider]
) -> None:
    provider = kind()
    began = datetime.now(UTC)
    found = await measured(serving(provider))
    assert provider.calls == [("init",), ("run", RUN, METRIC)]
    assert (found.phase, found.value) == ("Successful", "1")
    assert found.started_at is not None
    assert found.finished_at is not None
    assert began <= found.started_at <= found.finished_at <= datetime.now(UTC)


async def test_an_open_measurement_stays_open(serving: Serving) -> None:
    assert await measured(serving(Provider(OPEN))) == OPEN


@pytest.mark.parametrize("method", ["Resume", "Terminate"])
async def test_open_measurements_are_given_back(serving: Serving, method: str) -> None:
    provider = Provider()
    found = await measured(serving(provider), method)
    assert provider.calls[1:] == [(method.lower(), RUN, METRIC, OPEN)]
    assert found.phase == "Successful"
    assert found.started_at == OPEN.started_at


FAILURES = [
    (ProviderError("no such file"), "no such file"),
    (ProviderError(), "ProviderError"),
    (ValueError("wrong"), "ValueError: wrong"),
    (KeyError("path"), "KeyError: 'path'"),
    (StopIteration(), "RuntimeError: "),
    (SystemExit(3), "RuntimeError: SystemExit raised: 3"),
    (KeyboardInterrupt(), "RuntimeError: KeyboardInterrupt raised"),
    (asyncio.CancelledError(), "RuntimeError: "),
]


@BOTH
@pytest.mark.parametrize(("raised", "said"), FAILURES, ids=lambda value: repr(value)[:30])
async def test_what_run_raises_is_an_error(
    serving: Serving, kind: type[Provider], raised: BaseException, said: str
) -> None:
    found = await measured(serving(kind(raised)))
    assert found.phase == "Error"
    assert found.message.startswith(said)
    assert found.started_at is not None
    assert found.finished_at is not None


@pytest.mark.parametrize("method", ["Resume", "Terminate"])
async def test_an_error_keeps_what_was_known(serving: Serving, method: str) -> None:
    found = await measured(serving(Provider(ValueError("wrong"))), method)
    assert (found.phase, found.message) == ("Error", "ValueError: wrong")
    assert (found.started_at, found.metadata) == (OPEN.started_at, OPEN.metadata)
    assert found.resume_at is None
    assert found.finished_at is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "TypeError: expected a Measurement, the provider gave NoneType"),
        (Measurement(), "ValueError: the provider gave a measurement of phase ''"),
        (Measurement(phase=AnalysisPhase("Odd")), "ValueError: the provider gave a measurement of phase 'Odd'"),
        (
            Measurement(phase=AnalysisPhase.RUNNING, finished_at=datetime.now(UTC)),
            "ValueError: the provider gave a measurement that is finished and Running",
        ),
        (
            Measurement(phase=AnalysisPhase.RUNNING, resume_at=datetime(2026, 1, 1)),  # noqa: DTZ001
            "Measurement.ResumeAt: time 2026-01-01 00:00:00 has no time zone",
        ),
        (
            Measurement(phase=AnalysisPhase.SUCCESSFUL, value=1),  # type: ignore[arg-type]
            "Measurement.Value: expected str, found int",
        ),
    ],
)  # fmt: skip
async def test_what_the_controller_would_misread_is_an_error(
    serving: Serving, given: object, said: str
) -> None:
    found = await measured(serving(Provider(given)))
    assert found.phase == "Error"
    assert found.message.startswith(said)


@pytest.mark.parametrize("method", ["Run", "Resume", "Terminate"])
async def test_wrong_arguments_are_an_error(serving: Serving, method: str) -> None:
    found = await measured(serving(Provider()), method, args=metadata_args())
    assert found.phase == "Error"
    assert found.message.startswith("invalid args: expected")


async def test_no_analysis_run_is_an_error(serving: Serving) -> None:
    found = await measured(serving(Provider()), args=run_args(None))
    assert (found.phase, found.message) == ("Error", "the controller sent no AnalysisRun")


async def test_garbage_collect(serving: Serving) -> None:
    provider = Provider(None)
    assert await serving(provider)("GarbageCollect", collect_args()) == {}
    assert provider.calls[1:] == [("garbage_collect", RUN, METRIC, 7)]
    failed = await serving(Provider(ValueError("wrong")))("GarbageCollect", collect_args())
    assert failed == {"ErrorString": "ValueError: wrong"}


async def test_metadata(serving: Serving) -> None:
    assert await serving(Provider({"a": "b"}))("GetMetadata", metadata_args()) == {"a": "b"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ValueError("wrong"), "ValueError: wrong"),
        (None, "TypeError: expected a mapping, the provider gave NoneType"),
        ({"a": 1}, "TypeError: expected a mapping of str to str"),
    ],
)
async def test_metadata_that_fails_is_under_error(
    serving: Serving, given: object, said: str
) -> None:
    found = await serving(Provider(given))("GetMetadata", metadata_args())
    assert list(found) == ["error"]
    assert found["error"].startswith(said)


async def test_the_type_is_asked_once_and_before_init(serving: Serving) -> None:
    provider = Provider(init=ValueError("wrong"))
    call = serving(provider)
    assert [await call("Type", None), await call("Type", None)] == ["Test", "Test"]
    assert provider.calls == [("type",)]


async def test_a_type_that_is_no_text_is_refused(serving: Serving) -> None:
    class Odd(Provider):
        def type(self) -> str:
            return 5  # type: ignore[return-value]

    with pytest.raises(TypeError, match="it has to give str"):
        await serving(Odd())("Type", None)


async def test_the_defaults_of_the_base_class(serving: Serving) -> None:
    class Least(MetricProvider):
        def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
            return DONE

    call = serving(Least)
    assert await call("InitPlugin", None) == {}
    assert await call("Type", None) == "Least"
    assert await call("GarbageCollect", collect_args()) == {}
    assert await call("GetMetadata", metadata_args()) == {}
    for method in ("Resume", "Terminate"):
        found = await measured(call, method)
        assert found.phase == "Error"
        assert found.message.startswith("Least leaves no measurement open")
    found = await measured(serving(MetricProvider))
    assert found.message.startswith("NotImplementedError")


async def test_init_is_run_once(serving: Serving) -> None:
    provider = Provider()
    call = serving(provider)
    assert await call("InitPlugin", None) == {}
    await asyncio.gather(*(measured(call) for _ in range(20)))
    assert await call("InitPlugin", None) == {}
    assert provider.calls.count(("init",)) == 1


async def test_without_init_plugin_it_is_initialised_first(serving: Serving) -> None:
    provider = Provider()
    call = serving(provider)
    await asyncio.gather(*(measured(call) for _ in range(20)))
    assert provider.calls[0] == ("init",)
    assert provider.calls.count(("init",)) == 1


async def test_a_failed_init_is_tried_again_at_the_next_call(serving: Serving) -> None:
    provider = Provider(init=ValueError("not yet"))
    call = serving(provider)
    assert await call("InitPlugin", None) == {"ErrorString": "ValueError: not yet"}
    found = await measured(call)
    assert (found.phase, found.message) == ("Error", "ValueError: not yet")
    provider.init_outcome = None
    assert (await measured(call)).phase == "Successful"
    assert provider.calls.count(("init",)) == 3


async def test_calls_that_come_together_share_a_failing_init(serving: Serving) -> None:
    gate = threading.Event()

    class Slow(Provider):
        def init(self) -> None:
            super().init()
            gate.wait(60)

    provider = Slow(init=None)
    provider.init_outcome = None
    call = serving(provider)
    waiting = [asyncio.ensure_future(measured(call)) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*waiting)
    assert {one.phase for one in found} == {"Successful"}
    assert provider.calls.count(("init",)) == 1


async def test_a_caller_that_gives_up_does_not_end_the_others_init(serving: Serving) -> None:
    gate, entered = threading.Event(), threading.Event()

    class Slow(Provider):
        def init(self) -> None:
            super().init()
            entered.set()
            gate.wait(60)

    provider = Slow()
    call = serving(provider)
    first = asyncio.ensure_future(measured(call))
    second = asyncio.ensure_future(measured(call))
    await asyncio.to_thread(entered.wait, 60)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert (await second).phase == "Successful"
    assert provider.calls.count(("init",)) == 1


async def test_a_factory_is_called_late_and_again_after_a_failure(serving: Serving) -> None:
    attempts: list[int] = []

    def make() -> MetricProvider:
        attempts.append(threading.get_ident())
        if len(attempts) == 1:
            raise ImportError("no module")
        return Provider()

    call = serving(make)
    assert attempts == []
    assert await call("InitPlugin", None) == {"ErrorString": "ImportError: no module"}
    assert (await measured(call)).phase == "Successful"
    assert await call("Type", None) == "Test"
    assert len(attempts) == 2
    assert threading.get_ident() not in attempts, "a slow import would stop the event loop"


async def test_plain_methods_run_in_a_bounded_number_of_threads(serving: Serving) -> None:
    started = threading.Semaphore(0)
    gate = threading.Event()
    at_work: set[int] = set()

    class Slow(Provider):
        def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
            at_work.add(threading.get_ident())
            started.release()
            gate.wait(60)
            return DONE

    call = serving(Slow({}), threads=3)
    waiting = [asyncio.ensure_future(measured(call)) for _ in range(20)]
    for _ in range(3):
        await asyncio.to_thread(started.acquire, timeout=60)
    # The rest waits; what is no measuring does not wait behind it.
    assert await call("GetMetadata", metadata_args()) == {}
    assert len(at_work) == 3
    gate.set()
    found = await asyncio.gather(*waiting)
    assert {one.phase for one in found} == {"Successful"}
    assert len(at_work) == 3


async def test_our_own_cancellation_passes(serving: Serving) -> None:
    entered = asyncio.Event()

    class Endless(Provider):
        async def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:  # type: ignore[override]
            entered.set()
            await asyncio.Event().wait()
            return DONE

    task = asyncio.ensure_future(measured(serving(Endless())))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_waiting_call_that_is_cancelled_is_not_begun(serving: Serving) -> None:
    gate = threading.Event()
    entered = threading.Event()

    class Slow(Provider):
        def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
            entered.set()
            gate.wait(60)
            found: Measurement = give(self, "run")
            return found

    provider = Slow()
    call = serving(provider, threads=1)
    first = asyncio.ensure_future(measured(call))
    await asyncio.to_thread(entered.wait, 60)
    second = asyncio.ensure_future(measured(call))
    third = asyncio.ensure_future(measured(call))
    await asyncio.sleep(0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    await asyncio.gather(first, third)
    assert provider.calls.count(("run",)) == 2


async def test_a_plain_method_may_give_an_awaitable(serving: Serving) -> None:
    class Odd(Provider):
        def run(self, analysis_run: AnalysisRun, metric: Metric) -> Awaitable[Measurement]:  # type: ignore[override]
            async def later() -> Measurement:
                return DONE

            return later()

    assert (await measured(serving(Odd()))).phase == "Successful"


def test_arguments_are_what_the_client_writes() -> None:
    args = rpc.RunArgs(analysis_run=RUN, metric=METRIC)
    sent = rpc.write_args(args)
    assert (sent.name, sent.type) == ("RunArgs", rpc.RunArgs.gob_type())
    assert isinstance(args, GoStruct)
    assert rpc.read_args(rpc.RunArgs, sent) == args
