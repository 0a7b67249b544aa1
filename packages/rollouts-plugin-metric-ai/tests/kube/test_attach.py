"""What a request carries along, what it must never carry, and what it says is missing."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from kubernetes_api import KubernetesApi
from kubernetes_objects import NOW, container, pod, terminated

from canary_verdict import MAX_ATTACHED_TEXT, AttachedGap, CanaryRequest, parse_request
from rollouts_plugin_metric_ai.kube import DEFAULT_LIMITS, LogAttacher

Make = Callable[..., LogAttacher]
MakeRequest = Callable[..., CanaryRequest]

# Put together here, so that no scanner takes this file for a leak.
PLANTED = [
    "hunter2-and-more",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "MIIEowIBAAKCAQEAq1b3BlbnNlc2Ft",
    "bob@example.org",
    "stanza-own-token",
]
CANARY: dict[str, Any] = {"pod_hash": "7c9b", "role": "canary"}


@pytest.fixture
def busy(cluster: KubernetesApi) -> KubernetesApi:
    """One pod on each side, and one of another Rollout."""
    cluster.pods = [pod("s-1"), pod("c-1", **CANARY), pod("x-1", rollout="other", role="canary")]
    cluster.log("s-1", "app", "stable is well")
    cluster.log("c-1", "app", "canary is ill", "canary is worse")
    return cluster


async def test_both_sides_logs_and_states_are_attached(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    attached = (await attacher().attach(request_for())).attached
    assert {(log.side, log.pod, log.container) for log in attached.logs} == {
        ("canary", "c-1", "app"),
        ("stable", "s-1", "app"),
    }
    assert [line.split(" ", 1)[1] for line in attached.logs[0].text.splitlines()] == [
        "canary is ill",
        "canary is worse",
    ]
    assert [(one.side, one.pod) for one in attached.pods] == [("canary", "c-1"), ("stable", "s-1")]
    assert attached.pods[0].status["phase"] == "Running"
    (gap,) = attached.gaps
    assert gap.text == (
        "pod x-1 was left out: its ReplicaSet other-5d8f is not one of Rollout shop"
    )
    assert not gap.blocking
    assert not busy.calls("x-1")


async def test_what_is_attached_keeps_the_contract(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    request = await attacher().attach(request_for())
    assert parse_request(request.to_json()) == request


async def test_nothing_of_an_earlier_request_stays(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    reader = attacher()
    first = await reader.attach(request_for())
    busy.logs.clear()
    busy.log("c-1", "app", "news")
    again = await reader.attach(first)
    assert [log.text[-5:] for log in again.attached.logs] == ["news\n", ""]


async def test_no_planted_secret_leaves(
    busy: KubernetesApi,
    attacher: Make,
    request_for: MakeRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "password=" + PLANTED[0]}}
    last = terminated()
    last["terminated"]["message"] = f"token={PLANTED[2]}"
    busy.pods[1] = pod(
        "c-1", **CANARY, containers=[container(state=waiting, last=last, restarts=3)]
    )
    busy.log(
        "c-1",
        "app",
        f"connect with password={PLANTED[0]}",
        f"aws {PLANTED[1]} github {PLANTED[2]}",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        PLANTED[3],
        "-----END RSA " + "PRIVATE KEY-----",
        f"mail to {PLANTED[4]} sent with {PLANTED[5]}",
        "last line",
        previous=True,
    )
    request = await attacher().attach(request_for(), ("stanza-own-token",))
    sent = str(request.to_json()) + caplog.text + str([vars(one) for one in caplog.records])
    assert "last line" in sent
    assert "password=[secret]" in sent
    assert not [secret for secret in PLANTED if secret in sent]


async def test_the_log_says_what_was_fetched_and_never_its_text(
    busy: KubernetesApi,
    attacher: Make,
    request_for: MakeRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    request = await attacher().attach(request_for())
    (record,) = [one for one in caplog.records if one.getMessage() == "Logs are attached"]
    shown = vars(record)
    assert shown["pods"] == ["c-1", "s-1"]
    assert shown["containers"] == 2
    assert shown["bytes"] == sum(len(log.text) for log in request.attached.logs)
    assert shown["gaps"][0].startswith("pod x-1 was left out")
    assert "is ill" not in str(shown)


async def test_lines_count_since_the_canary_began(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    busy.pods[1] = pod("c-1", **CANARY, started=NOW + timedelta(minutes=1))
    await attacher().attach(request_for())
    assert {one.query["sinceTime"] for one in busy.calls("/log")} == {"2026-01-31T12:01:00Z"}
    busy.asked.clear()
    await attacher().attach(request_for(window=120.0))
    assert {one.query["sinceTime"] for one in busy.calls("/log")} == {"2026-01-31T12:03:00Z"}


async def test_previous_instances_are_read_and_said_to_be_so(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    busy.pods[1] = pod("c-1", **CANARY, containers=[container(restarts=1, last=terminated())])
    busy.log("c-1", "app", "panic: no db", previous=True)
    attached = (await attacher().attach(request_for())).attached
    found = [(log.previous, "panic" in log.text) for log in attached.logs if log.pod == "c-1"]
    assert found == [(True, True), (False, False)]


async def test_a_previous_log_that_is_gone_is_no_reason_not_to_promote(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    busy.pods[1] = pod("c-1", **CANARY, containers=[container(restarts=1)])
    attached = (await attacher().attach(request_for())).attached
    gap = AttachedGap(
        "canary: pod c-1, container app, previous instance: the log is gone", blocking=False
    )
    assert gap in attached.gaps


async def test_without_the_right_to_list_the_request_says_so(
    busy: KubernetesApi,
    attacher: Make,
    request_for: MakeRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    busy.refuse("/pods", 403, "User cannot list", reason="Forbidden")
    attached = (await attacher().attach(request_for())).attached
    assert not attached.logs
    assert not attached.pods
    (gap,) = attached.gaps
    assert gap.text == (
        "the pods could not be listed: HTTP 403 Forbidden; the controller's account needs list on "
        "pods in the namespace prod"
    )
    assert "No logs are attached" in caplog.messages


async def test_without_the_right_to_logs_states_are_attached_and_one_gap_says_so(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    busy.refuse("/log", 403, "no", reason="Forbidden")
    attached = (await attacher().attach(request_for())).attached
    assert not attached.logs
    assert len(attached.pods) == 2
    said = [gap.text for gap in attached.gaps if gap.blocking]
    assert said == [
        (
            "logs were not read: HTTP 403 Forbidden; the controller's account needs get on pods/log in "
            "the namespace prod"
        )
    ]


@pytest.mark.parametrize(("status", "why"), [(404, "gone"), (500, "not read: HTTP 500")])
async def test_a_log_that_cannot_be_read_is_named(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest, status: int, why: str
) -> None:
    busy.refuse("c-1/log", status, "x")
    attached = (await attacher().attach(request_for())).attached
    assert [log.pod for log in attached.logs] == ["s-1"]
    (gap,) = [one for one in attached.gaps if "c-1" in one.text]
    assert gap.blocking
    assert why in gap.text


async def test_no_api_at_all_is_a_gap(attacher: Make, request_for: MakeRequest) -> None:
    attached = (await attacher(url="http://127.0.0.1:1").attach(request_for())).attached
    assert attached.gaps[0].text.startswith("the pods could not be listed: no answer from http")


async def test_no_pods_are_a_gap(
    cluster: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    attached = (await attacher().attach(request_for())).attached
    assert [gap.text for gap in attached.gaps] == ["no pod matches either selector"]


async def test_a_slow_api_costs_no_more_than_its_deadline_and_keeps_what_came(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    done = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"2026-01-31T12:00:00.000000000Z the beginning\n"
        done.wait(30)

    busy.streams["c-1", "app"] = slow
    limits = replace(DEFAULT_LIMITS, attach_seconds=1.0)
    attached = (await attacher(limits).attach(request_for())).attached
    done.set()
    (log,) = attached.logs
    assert log.text.endswith("the beginning\n")
    assert log.truncated
    said = " ".join(gap.text for gap in attached.gaps if gap.blocking)
    assert "canary: pod c-1, container app: the log was read in part: no complete answer" in said
    assert "stable: pod s-1, container app: the log was not read: no complete answer" in said


async def test_who_waits_too_long_for_its_turn_goes_without(
    silent_server: str, attacher: Make, request_for: MakeRequest
) -> None:
    limits = replace(DEFAULT_LIMITS, at_once=1, turn_seconds=0.1, attach_seconds=2.0)
    reader = attacher(limits, silent_server)
    first, second = await asyncio.gather(reader.attach(request_for()), reader.attach(request_for()))
    assert first.attached.gaps[0].text == "the pods could not be listed: no complete answer in time"
    assert second.attached.gaps[0].text == "too many other analyses were reading logs"


async def test_a_cancelled_reading_gives_its_turn_back(
    silent_server: str, busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    reader = attacher(replace(DEFAULT_LIMITS, at_once=1), silent_server)
    task = asyncio.create_task(reader.attach(request_for()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not reader._turns.locked()


async def test_all_bounds_hold_together(
    cluster: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    two = [container("app"), container("proxy")]
    cluster.pods = [pod(f"s-{number:02}", containers=two) for number in range(30)]
    cluster.pods += [pod(f"c-{number}", **CANARY) for number in range(3)]
    for one in cluster.pods:
        for each in ("app", "proxy"):
            cluster.log(one["metadata"]["name"], each, *["é" * 100 + " password=xyz9"] * 1500)
    request = await attacher().attach(request_for())
    attached = request.attached
    assert parse_request(request.to_json()) == request
    by_side: dict[str, int] = {"stable": 0, "canary": 0}
    for log in attached.logs:
        by_side[log.side] += len(log.text.encode())
        assert log.truncated
        assert "xyz9" not in log.text
    assert sum(by_side.values()) <= MAX_ATTACHED_TEXT
    assert all(200 * 1024 < size <= 512 * 1024 for size in by_side.values())
    texts = {gap.text: gap.blocking for gap in attached.gaps}
    assert texts == {"stable: of 30 pods the logs of 20 are attached": False}


async def test_of_a_large_canary_those_in_trouble_are_read(
    cluster: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    ill: dict[str, Any] = {"containers": [container(restarts=1, last=terminated())]}
    cluster.pods = [pod(f"c-{number}", **CANARY) for number in range(5)]
    cluster.pods += [pod("c-9", **CANARY, **ill)]
    limits = replace(DEFAULT_LIMITS, pods=1, listed_pods=2, logs=1)
    attached = (await attacher(limits).attach(request_for())).attached
    assert [(log.pod, log.previous) for log in attached.logs] == [("c-9", True)]
    assert [one.pod for one in attached.pods] == ["c-9", "c-0"]
    assert {gap.text for gap in attached.gaps if gap.blocking} >= {
        "canary: of 6 pods the logs of 1 are attached",
        "canary: of 2 logs 1 are attached",
        "canary: of 6 pods the states of 2 are attached",
    }


async def test_more_pods_than_can_be_listed_are_a_gap(
    busy: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    limits = replace(DEFAULT_LIMITS, page_pods=1, pages=1)
    attached = (await attacher(limits).attach(request_for())).attached
    assert AttachedGap("canary: the selector matches more than 1 pods") in attached.gaps


async def test_gaps_are_counted_where_they_are_too_many(
    cluster: KubernetesApi, attacher: Make, request_for: MakeRequest
) -> None:
    many = [container(f"app-{number}") for number in range(4)]
    cluster.pods = [pod(f"c-{number:02}", **CANARY, containers=many) for number in range(20)]
    cluster.refuse("/log", 500, "no")
    attached = (await attacher().attach(request_for())).attached
    assert len(attached.gaps) == 51
    assert attached.gaps[-1].blocking
    assert attached.gaps[-1].text == "30 more gaps"
