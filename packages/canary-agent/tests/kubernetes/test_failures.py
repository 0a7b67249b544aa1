"""An API that refuses, hangs, breaks, or goes away."""

import threading
from collections.abc import Callable, Iterator

import pytest
from kubernetes_api import KubernetesApi
from kubernetes_objects import Json, pod

from canary_agent.collect import CollectError, Sample, Side
from canary_agent.collect.kubernetes import KubernetesLimits, KubernetesSource
from canary_verdict import CanaryRequest

Collected = Callable[..., Sample]


def canary(name: str = "c") -> Json:
    return pod(name, pod_hash="7c9b", role="canary")


def gaps(sample: Sample) -> list[str]:
    return [gap.text for gap in sample.gaps if gap.blocking]


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Streams that wait for it are let go at the end."""
    event = threading.Event()
    yield event
    event.set()


def test_no_right_to_list_pods_is_a_clear_failure(api: KubernetesApi, collected: Collected) -> None:
    api.refuse("/pods", 403, 'pods is forbidden: User "x" cannot list resource "pods"')
    with pytest.raises(
        CollectError,
        match=r"may not list pods in namespace prod: .*it needs pods list, pods/log get",
    ):
        collected()
    assert len(api.asked) == 1  # it would be refused again


def test_no_right_to_list_events_is_named(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.refuse("/events", 403, "events is forbidden")
    assert gaps(collected()) == [
        "events: the agent's account may not list them: events is forbidden"
    ]


def test_events_that_cannot_be_read_are_named(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.refuse("/events", 418, "", body=b"<html>no Status at all")
    assert gaps(collected()) == ["events were not read: 418 <html>no Status at all"]


def test_a_long_refusal_is_cut(api: KubernetesApi, collected: Collected) -> None:
    api.refuse("/pods", 400, "", body=b"x" * 1_000_000)
    with pytest.raises(CollectError) as caught:
        collected()
    assert len(str(caught.value)) < 400


def test_an_expired_list_that_cannot_go_on(api: KubernetesApi, collected: Collected) -> None:
    api.refuse("/pods", 410, "too old")
    with pytest.raises(CollectError, match="cannot be listed: 410 too old"):
        collected()


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000])
def test_something_else_than_an_api(api: KubernetesApi, collected: Collected, body: bytes) -> None:
    api.refuse("/pods", 200, "", body=body)
    with pytest.raises(CollectError, match="is this a Kubernetes API"):
        collected()


def test_a_redirect_is_not_followed(api: KubernetesApi, collected: Collected) -> None:
    api.refuse("/pods", 302, "moved", headers={"Location": "http://127.0.0.1:1/"})
    with pytest.raises(CollectError, match="302 moved"):
        collected()


def test_a_page_beyond_all_bounds(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    with pytest.raises(CollectError, match="413 a page is larger than 100 bytes"):
        collected(KubernetesLimits(page_bytes=100))


def test_no_api_there(
    api: KubernetesApi,
    source: Callable[..., KubernetesSource],
    request_for: Callable[..., CanaryRequest],
) -> None:
    api.url = "http://127.0.0.1:1"
    with pytest.raises(
        CollectError, match="the pods of namespace prod cannot be listed: cannot connect"
    ):
        source().collect(request_for(), lambda: False)


def test_an_api_that_goes_away_between_list_and_logs(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod("s"), canary()]
    api.refuse("/log|/events", 503, "shutting down")
    sample = collected()
    assert [len(side.pods) for side in (sample.stable, sample.canary)] == [1, 1]
    assert gaps(sample) == [
        "stable: s/app: the log was not read: 503 shutting down",
        "canary: c/app: the log was not read: 503 shutting down",
        "events were not read: 503 shutting down",
    ]


def test_a_call_without_an_answer_ends(
    api: KubernetesApi, collected: Collected, held: threading.Event
) -> None:
    def silent() -> Iterator[bytes]:
        held.wait(60)
        yield b""

    api.pods = [canary("c1"), canary("c2")]
    api.log("c2", "app", "one")
    api.streams["c1", "app"] = silent
    sample = collected(KubernetesLimits(call_seconds=0.3, attempts=1))
    assert [log.pod for log in sample.canary.logs] == ["c2"]
    assert gaps(sample) == ["canary: c1/app: the log was not read: no answer within 0.3 s"]


def test_a_stream_without_an_end_is_kept_in_part(
    api: KubernetesApi, collected: Collected, held: threading.Event
) -> None:
    def trickle() -> Iterator[bytes]:
        while not held.wait(0.02):
            yield b"one more\n"

    api.pods = [canary("c1"), canary("c2")]
    api.streams["c1", "app"] = trickle
    sample = collected(KubernetesLimits(total_seconds=1.0, concurrency=1))
    kept = {log.pod: b"".join(log.read()) for log in sample.canary.logs}
    assert kept["c1"].startswith(b"one more\n")
    assert gaps(sample)[:2] == [
        "canary: c1/app: the log was read in part: the time for reading was over",
        "canary: c2/app: the log was not read: the time for reading was over",
    ]


def test_events_that_do_not_come_in_time_are_named(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary()]
    api.refuse("/events", 429, "later", headers={"Retry-After": "5"})
    sample = collected(KubernetesLimits(total_seconds=1.0))
    assert gaps(sample) == ["events were not read: the time for reading was over"]


def test_a_list_that_does_not_come_ends_the_collection(
    api: KubernetesApi, collected: Collected
) -> None:
    api.refuse("/pods", 429, "later", headers={"Retry-After": "5"})
    with pytest.raises(CollectError, match=r"did not list the pods within 0.3 s"):
        collected(KubernetesLimits(total_seconds=0.3))


def test_cancelling_ends_a_stream_at_once(
    api: KubernetesApi,
    source: Callable[..., KubernetesSource],
    request_for: Callable[..., CanaryRequest],
    held: threading.Event,
) -> None:
    reading = threading.Event()

    def silent() -> Iterator[bytes]:
        reading.set()
        held.wait(60)
        yield b""

    api.pods = [canary()]
    api.streams["c", "app"] = silent
    assert source().collect(request_for(), reading.is_set) == Sample(Side(), Side())


def test_cancelled_from_the_start_asks_nothing(
    api: KubernetesApi,
    source: Callable[..., KubernetesSource],
    request_for: Callable[..., CanaryRequest],
) -> None:
    assert source().collect(request_for(), lambda: True) == Sample(Side(), Side())
    assert api.asked == []


def test_no_more_calls_at_once_than_allowed(api: KubernetesApi, collected: Collected) -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def counted() -> Iterator[bytes]:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        yield b"x" * 1_000_000
        with lock:
            at_once -= 1

    api.pods = [canary(f"c{number}") for number in range(12)]
    for number in range(12):
        api.streams[f"c{number}", "app"] = counted
    sample = collected(KubernetesLimits(concurrency=3))
    assert len(sample.canary.logs) == 12
    assert most <= 3
