"""Lists and logs, their bounds, and what goes wrong."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from analysis_runs_api import BreakOffError
from kubernetes_api import KubernetesApi
from kubernetes_objects import NOW, container, pod

from rollouts_plugin_metric_ai.kube import (
    DEFAULT_LIMITS,
    KubeApi,
    KubeRefusedError,
    KubeUnreachableError,
    LogQuery,
    read_pod,
)

Deadline = Callable[[float], float]
MakeKube = Callable[..., KubeApi]


def query(**more: object) -> LogQuery:
    fields: dict[str, object] = {"pod": "p", "container": "app", "since": NOW, "keep": 4096}
    return LogQuery(**fields | more)  # type: ignore[arg-type]


async def test_pods_are_listed_page_by_page(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.pods = [pod(f"p-{number}") for number in range(7)] + [pod("other", role="canary")]
    api = kube(replace(DEFAULT_LIMITS, page_pods=3))
    listed = await api.list_pods("prod", "role in (stable), app=shop", deadline(10))
    assert [one.name for one in listed.pods] == [f"p-{number}" for number in range(7)]
    assert listed.complete
    assert [asked.query["limit"] for asked in cluster.asked] == ["3", "3", "3"]


async def test_a_list_without_end_is_left_at_a_limit(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.pods = [pod(f"p-{number}") for number in range(9)]
    listed = await kube(replace(DEFAULT_LIMITS, page_pods=2, pages=3)).list_pods(
        "prod", "role=stable", deadline(10)
    )
    assert len(listed.pods) == 6
    assert not listed.complete


async def test_a_log_is_read_from_its_newest_lines(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.pods = [pod("p")]
    cluster.log("p", "app", (NOW - timedelta(seconds=1), "too old"), "first", "second")
    log = await kube().read_log("prod", query(), deadline(10))
    # The test's server is an hour east of Greenwich, as a node may be.
    assert log.text == (
        "2026-01-31T11:00:00.000000000Z first\n2026-01-31T11:00:00.000000000Z second\n"
    )
    assert not log.truncated
    assert not log.broken


@pytest.mark.parametrize("length", [60, 120, 500, 1500])
async def test_of_a_long_log_the_newest_whole_lines_are_kept(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline, length: int
) -> None:
    cluster.pods = [pod("p")]
    cluster.log("p", "app", *(f"{number:06} {'x' * length}" for number in range(2000)))
    log = await kube().read_log("prod", query(), deadline(10))
    assert log.truncated
    assert len(log.text) <= 4096
    lines = log.text.splitlines()
    assert lines[-1].split()[1] == "001999"
    assert all(line.startswith("2026-01-31T11:00:00") for line in lines)


async def test_a_stream_that_never_ends_is_left(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 999 + b"\n"

    cluster.pods = [pod("p")]
    cluster.streams["p", "app"] = endless
    log = await kube().read_log("prod", query(), deadline(10))
    assert log.truncated
    assert len(log.text) <= 4096


async def test_what_a_broken_stream_has_brought_is_kept(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one\ntwo\n"
        raise BreakOffError

    cluster.pods = [pod("p")]
    cluster.streams["p", "app"] = broken
    log = await kube().read_log("prod", query(), deadline(10))
    assert log.text == "one\ntwo\n"
    assert log.truncated
    assert log.broken.startswith("no answer from http://127.0.0.1")


async def test_what_a_slow_stream_has_brought_is_kept(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    done = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"one\n"
        done.wait(30)

    cluster.pods = [pod("p")]
    cluster.streams["p", "app"] = slow
    log = await kube().read_log("prod", query(), deadline(1))
    done.set()
    assert log.text == "one\n"
    assert log.broken == "no complete answer in time"


async def test_refusals_say_what_the_api_said(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.refuse("/log", 403, 'pods "p" is forbidden', reason="Forbidden")
    with pytest.raises(KubeRefusedError, match=r"^HTTP 403 Forbidden$") as caught:
        await kube().read_log("prod", query(), deadline(10))
    assert caught.value.message == 'pods "p" is forbidden'
    cluster.rules.clear()
    with pytest.raises(KubeRefusedError, match=r"^HTTP 404 NotFound$"):
        await kube().read_log("prod", query(), deadline(10))


async def test_a_refusal_without_a_status_object_is_one_all_the_same(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.refuse("/pods", 502, "", body=b"<html>bad gateway")
    with pytest.raises(KubeRefusedError, match=r"^HTTP 502$"):
        await kube().list_pods("prod", "a=b", deadline(10))


async def test_redirects_are_not_followed(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.refuse("/pods", 302, "", headers={"Location": "http://169.254.169.254/"}, body=b"{}")
    with pytest.raises(KubeRefusedError, match=r"^HTTP 302$"):
        await kube().list_pods("prod", "a=b", deadline(10))


@pytest.mark.parametrize("body", [b"no json", b"[" * 100_000, b'{"items"'])
async def test_what_is_no_json_is_named(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline, body: bytes
) -> None:
    cluster.refuse("/pods", 200, "", body=body)
    with pytest.raises(KubeUnreachableError, match="no JSON"):
        await kube().list_pods("prod", "a=b", deadline(10))


async def test_a_page_beyond_its_bound_is_not_kept(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.pods = [pod("p")]
    with pytest.raises(KubeUnreachableError, match="more than 100 bytes"):
        await kube(replace(DEFAULT_LIMITS, page_bytes=100)).list_pods(
            "prod", "role=stable", deadline(10)
        )


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"items": 7, "metadata": []}', b'{"items": [1]}'])
async def test_a_list_of_another_shape_is_empty(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline, body: bytes
) -> None:
    cluster.refuse("/pods", 200, "", body=body)
    assert (await kube().list_pods("prod", "a=b", deadline(10))).pods == ()


async def test_nobody_there_and_nobody_answering_are_told_apart(
    kube: MakeKube, silent_server: str, deadline: Deadline
) -> None:
    with pytest.raises(KubeUnreachableError, match=r"no answer from http://127.0.0.1:1: "):
        await kube(url="http://127.0.0.1:1").list_pods("prod", "a=b", deadline(10))
    with pytest.raises(KubeUnreachableError, match="in time"):
        await kube(url=silent_server).list_pods("prod", "a=b", deadline(0.2))


async def test_a_log_that_the_node_has_lost_is_no_log(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    cluster.pods = [pod("p")]
    lost = b"unable to retrieve container logs for containerd://abc"
    cluster.streams["p", "app"] = lambda: [lost]
    with pytest.raises(KubeRefusedError, match="404"):
        await kube().read_log("prod", query(), deadline(10))


async def test_names_cannot_leave_their_place_in_the_path(
    cluster: KubernetesApi, kube: MakeKube, deadline: Deadline
) -> None:
    with pytest.raises(KubeRefusedError):
        await kube().read_log("prod/../x", query(pod="../../secrets?"), deadline(10))
    assert cluster.asked[0].path == "/api/v1/namespaces/prod%2F..%2Fx/pods/..%2F..%2Fsecrets%3F/log"


def test_init_containers_that_have_done_their_work_are_not_read() -> None:
    done = {"terminated": {"exitCode": 0}}
    failed = {"terminated": {"exitCode": 1}}
    found = read_pod(
        pod(
            "p",
            containers=[container(), container("new", state={"waiting": {"reason": "x"}})],
            init=[
                container("done", state=done),
                container("failed", state=failed, last=failed, restarts=1),
                container("proxy", sidecar=True),
            ],
        )
    )
    assert found is not None
    read = {(one.name, one.running_log, one.previous_log) for one in found.containers}
    assert read == {
        ("app", True, False),
        ("new", False, False),
        ("failed", True, True),
        ("proxy", True, False),
    }


@pytest.mark.parametrize("value", [None, [], {"metadata": {}}, {"metadata": {"name": 7}}])
def test_what_has_no_name_is_no_pod(value: object) -> None:
    assert read_pod(value) is None


def test_a_pod_whose_fields_are_of_other_types_is_read_as_far_as_it_goes() -> None:
    found = read_pod(
        {
            "metadata": {"name": "p", "labels": {"a": 1}, "ownerReferences": [7, {"kind": "Job"}]},
            "spec": {"initContainers": "x"},
            "status": {"startTime": "2026-01-31T12:00:00", "containerStatuses": [{"name": 1}]},
        }
    )
    assert found is not None
    assert (found.owner, found.started, found.labels) == ("", None, {"a": ""})
    assert found.troubled
