"""What is asked of the API for a log, and what is kept of the answer."""

import re
import resource
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from analysis_runs_api import BreakOffError
from kubernetes_api import KubernetesApi
from kubernetes_objects import NOW, Json, container, pod, terminated

from canary_agent.collect import ContainerLog, Sample
from canary_agent.collect.kubernetes import KubernetesLimits
from canary_verdict import Policy

Collected = Callable[..., Sample]


def canary(name: str = "c", **more: object) -> Json:
    return pod(name, pod_hash="7c9b", role="canary", **more)  # type: ignore[arg-type]


def text(log: ContainerLog) -> bytes:
    return b"".join(log.read())


def gaps(sample: Sample) -> list[tuple[str, bool]]:
    return [(gap.text, gap.blocking) for gap in sample.gaps]


def test_both_sides_are_read_since_the_canary_began(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [
        pod("s", started=NOW - timedelta(days=3)),
        canary("c1", started=NOW + timedelta(seconds=90)),
        canary("c2", started=NOW + timedelta(seconds=60)),
    ]
    api.log("s", "app", (NOW, "before"), (NOW + timedelta(seconds=60), "after"))
    sample = collected()
    assert text(sample.stable.logs[0]) == b"after\n"
    assert {one.query["sinceTime"] for one in api.calls("/log")} == {"2026-01-31T12:01:00Z"}


def test_a_canary_older_than_the_window_is_read_since_the_window(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod("s"), canary(started=NOW - timedelta(hours=2))]
    collected(window=120.0)
    assert {one.query["sinceTime"] for one in api.calls("/log")} == {"2026-01-31T12:03:00Z"}


def test_a_canary_that_has_not_started_leaves_the_window(
    api: KubernetesApi, collected: Collected
) -> None:
    waiting = container(state={"waiting": {"reason": "ContainerCreating"}})
    api.pods = [
        pod("s", started=NOW - timedelta(days=3)),
        canary(containers=[waiting], status={"phase": "Pending", "startTime": None}),
    ]
    sample = collected()
    assert [one.query["sinceTime"] for one in api.calls("/log")] == ["2026-01-31T11:55:00Z"]
    assert gaps(sample) == [("canary: c/app has not started, so it has no log", True)]


def test_stable_pods_that_start_do_not_hold_the_canary_up(
    api: KubernetesApi, collected: Collected
) -> None:
    waiting = container(state={"waiting": {"reason": "PodInitializing"}})
    api.pods = [pod("s", containers=[waiting]), canary()]
    assert gaps(collected()) == [("stable: s/app has not started, so it has no log", False)]


def test_init_logs_are_compared_whole(api: KubernetesApi, collected: Collected) -> None:
    init = container("migrate", state=terminated(0, "Completed"))
    api.pods = [pod("s", init=[init], started=NOW - timedelta(days=3)), canary(init=[init])]
    long_ago = NOW - timedelta(days=3)
    api.log("s", "migrate", (long_ago, "waiting for the database"))
    sample = collected()
    assert [text(log) for log in sample.stable.logs if "init" in log.container] == [
        b"waiting for the database\n"
    ]


def test_a_previous_instance_is_read_only_where_there_was_one_in_the_window(
    api: KubernetesApi, collected: Collected
) -> None:
    recent, old = terminated(2), terminated(2, finished=NOW - timedelta(days=1))
    api.pods = [
        pod("s", containers=[container(restarts=9, last=old)]),
        canary(
            containers=[
                container(
                    restarts=3, last=recent, state={"waiting": {"reason": "CrashLoopBackOff"}}
                ),
                container("calm"),
            ]
        ),
    ]
    api.log("c", "app", "panic: no database", previous=True)
    sample = collected()
    assert [(log.container, log.previous, text(log)) for log in sample.canary.logs] == [
        ("app", True, b"panic: no database\n"),
        # Its own log would be the same one, and each of its errors would count twice.
        ("calm", False, b""),
    ]
    previous = [one for one in api.calls("/log") if one.query.get("previous")]
    assert [one.path for one in previous] == ["/api/v1/namespaces/prod/pods/c/log"]


def test_the_newest_lines_are_kept_within_the_byte_limit(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary()]
    api.log("c", "app", *(f"line {number:06}" for number in range(20_000)))
    (log,) = collected(KubernetesLimits(container_bytes=100_000)).canary.logs
    kept = text(log)
    assert log.truncated
    assert kept.endswith(b"line 019999\n")
    assert kept.startswith(b"line ")
    asked = api.calls("/log")[0].query
    assert asked["tailLines"] == str(100_000 // 128)
    assert "limitBytes" not in asked  # it would keep the oldest


def test_long_lines_are_cut_by_bytes(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.log("c", "app", *(f"{number:04} {'x' * 1000}" for number in range(700)))
    (log,) = collected(KubernetesLimits(container_bytes=100_000)).canary.logs
    kept = text(log).splitlines()
    assert log.truncated
    assert 70 < len(kept) < 100
    assert kept[-1].startswith(b"0699")
    assert all(len(line) == 1005 for line in kept)


def test_a_log_within_its_limit_is_not_truncated(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.log("c", "app", "one", "two")
    (log,) = collected().canary.logs
    assert not log.truncated
    assert text(log) == text(log) == b"one\ntwo\n"


def test_all_logs_of_a_side_share_its_bytes(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary(f"c{number}") for number in range(4)]
    for number in range(4):
        api.log(f"c{number}", "app", *["x" * 99] * 1000)
    sample = collected(KubernetesLimits(side_bytes=200_000))
    sizes = [len(text(log)) for log in sample.canary.logs]
    assert all(0 < size <= 50_000 for size in sizes)
    assert all(log.truncated for log in sample.canary.logs)


def test_a_log_of_256_megabytes_stays_in_flat_memory(
    api: KubernetesApi, collected: Collected
) -> None:
    line = b"2026-01-31T12:00:00Z INFO GET /item/4711 status=200 duration=17.3ms\n"
    block = line * ((1 << 20) // len(line))

    def stream() -> Iterator[bytes]:
        for _ in range(256):
            yield block
        yield b"the end\n"

    api.pods = [canary()]
    api.streams["c", "app"] = stream
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (log,) = collected(KubernetesLimits(total_seconds=100.0)).canary.logs
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert log.truncated
    assert text(log).endswith(b"the end\n")
    assert grown < 64 << 10  # KiB


def test_kubelet_times_are_asked_for_where_a_span_is_wanted(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary()]
    api.log("c", "app", "no time of its own")
    (log,) = collected(policy=Policy(min_duration=60.0)).canary.logs
    # The node's zone is not UTC, and the parser knows the prefix with Z alone.
    assert text(log) == b"2026-01-31T12:00:00.000000000Z no time of its own\n"
    (log,) = collected().canary.logs
    assert text(log) == b"no time of its own\n"


def test_a_pod_that_vanishes_between_list_and_log(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary("c1"), canary("c2"), canary("c3", deletionTimestamp="2026-01-31T12:01:00Z")]
    api.refuse("/c[13]/log", 404, 'pods "c1" not found', reason="NotFound")
    sample = collected()
    assert [log.pod for log in sample.canary.logs] == ["c2"]
    assert gaps(sample) == [
        ("canary: c1/app: the log is gone", True),
        ("canary: c3/app: the log is gone", False),
    ]


def test_logs_that_may_not_be_read_are_named_one_by_one(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [pod("s"), canary()]
    api.refuse("/c/log", 403, 'pods "c" is forbidden: cannot get resource "pods/log"')
    sample = collected()
    assert [log.pod for log in sample.stable.logs] == ["s"]
    ((words, blocking),) = gaps(sample)
    assert words.startswith("canary: c/app: the agent's account may not get pods/log: pods")
    assert blocking


def test_a_container_that_waits_again_by_now(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.refuse("/log", 400, 'container "app" in pod "c" is waiting to start: ContainerCreating')
    assert gaps(collected()) == [("canary: c/app: it has not started, so it has no log", True)]


def test_a_previous_instance_that_is_gone_is_no_loss(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary(containers=[container(restarts=1)])]
    sample = collected()
    assert gaps(sample) == [("canary: c/app, previous instance: the log is gone", False)]


def test_what_the_kubelet_says_in_place_of_a_log_is_no_log(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary()]
    api.streams["c", "app"] = lambda: [
        b"unable to retrieve container logs for containerd://0123456789abcdef"
    ]
    sample = collected()
    assert sample.canary.logs == ()
    assert gaps(sample) == [("canary: c/app: the log is gone", True)]


def test_a_stream_that_breaks_is_read_again(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    tries = iter([False, True])

    def stream() -> Iterator[bytes]:
        yield b"one\n"
        if not next(tries):
            raise BreakOffError
        yield b"two\n"

    api.streams["c", "app"] = stream
    sample = collected()
    assert [text(log) for log in sample.canary.logs] == [b"one\ntwo\n"]
    assert sample.gaps == ()


def test_a_stream_that_breaks_each_time_is_kept_in_part_and_named(
    api: KubernetesApi, collected: Collected
) -> None:
    def stream() -> Iterator[bytes]:
        yield b"panic: no database\n"
        raise BreakOffError

    api.pods = [canary()]
    api.streams["c", "app"] = stream
    sample = collected()
    assert [text(log) for log in sample.canary.logs] == [b"panic: no database\n"]
    ((words, blocking),) = gaps(sample)
    assert re.match("canary: c/app: the log was read in part: the connection broke", words)
    assert blocking
    assert len(api.calls("/log")) == 2


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_refusals_that_may_pass_are_tried_again(
    api: KubernetesApi, collected: Collected, status: int
) -> None:
    api.pods = [canary()]
    api.log("c", "app", "one")
    for what in ("/pods\\?", "/events", "/log"):
        api.refuse(what, status, "a moment, please", times=1, headers={"Retry-After": "0"})
    sample = collected()
    assert [text(log) for log in sample.canary.logs] == [b"one\n"]
    assert sample.gaps == ()


def test_a_kubelet_that_is_away_is_named(api: KubernetesApi, collected: Collected) -> None:
    api.pods = [canary()]
    api.refuse("/log", 500, "Get https://node:10250: connection refused")
    assert gaps(collected()) == [
        (
            "canary: c/app: the log was not read: 500 Get https://node:10250: connection refused",
            True,
        )
    ]


def test_an_answer_that_is_compressed_is_not_unpacked(
    api: KubernetesApi, collected: Collected
) -> None:
    api.pods = [canary()]
    api.refuse(
        "/log", 200, "", headers={"Content-Encoding": "deflate"}, body=zlib.compress(b"x" * 9999)
    )
    assert api.asked == []
    ((words, _),) = gaps(collected())
    assert words.endswith("the answer is compressed, which was not asked for")
    assert {one.headers["Accept-Encoding"] for one in api.asked} == {"identity"}
