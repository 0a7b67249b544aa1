"""The folder that the agent reads, from shops that really ran."""

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from canary_demo.cluster import Cluster
from canary_demo.names import identity_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a short run with a healthy and a crashing canary leaves."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        cluster = Cluster(["healthy", "crash-loop"], folder / "processes", 1, stack)
        cluster.wait_until_listening()
        seen: list[float] = []
        tallies = cluster.send_traffic(100, 1, 20, seen.append)
        cluster.write(folder / "logs")
    assert [line.split()[0] for line in tallies.splitlines()] == ["stable", "canary-1", "canary-2"]
    assert seen == sorted(seen)
    return folder / "logs" / "shop"


def kubernetes(root: Path, canary: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((root / f"shop-{canary}" / "kubernetes.json").read_text())
    return document


def canary_pod(root: Path, canary: str) -> dict[str, Any]:
    pods = kubernetes(root, canary)["pods"]
    (pod,) = (pod for pod in pods if pod["metadata"]["labels"]["role"] == "canary")
    assert isinstance(pod, dict)
    return pod


def canary_status(root: Path, canary: str) -> dict[str, Any]:
    (status,) = canary_pod(root, canary)["status"]["containerStatuses"]
    assert isinstance(status, dict)
    return status


def test_each_rollout_has_both_sides_logs(root: Path) -> None:
    for canary in ("healthy", "crash-loop"):
        for role in ("stable", "canary"):
            pod = identity_of(canary, role).pod
            log = (root / f"shop-{canary}" / role / pod / "shop.log").read_text()
            assert log.endswith("\n")
            assert "method=GET path=/catalogue status=200" in log or canary == "crash-loop"


def test_a_healthy_pod_runs(root: Path) -> None:
    status = canary_status(root, "healthy")
    assert status["ready"] is True
    assert status["restartCount"] == 0
    assert list(status["state"]) == ["running"]
    assert {"type": "Ready", "status": "True"} in canary_pod(root, "healthy")["status"][
        "conditions"
    ]
    assert status["lastState"] == {}


def test_a_crash_loop_looks_as_the_kubelet_shows_it(root: Path) -> None:
    status = canary_status(root, "crash-loop")
    assert status["restartCount"] == 1
    assert status["ready"] is False
    waiting = status["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"].startswith("back-off 10s restarting failed container=shop pod=shop-")
    assert status["lastState"]["terminated"]["exitCode"] == 1
    assert status["lastState"]["terminated"]["reason"] == "Error"
    events = kubernetes(root, "crash-loop")["events"]
    assert [event["reason"] for event in events if event["type"] == "Warning"] == ["BackOff"]


def test_a_crashed_containers_last_two_logs_are_kept(root: Path) -> None:
    pod = root / "shop-crash-loop" / "canary" / identity_of("crash-loop", "canary").pod
    for name in ("shop.log", "shop.previous.log"):
        # A customer may still be served, and logged, while Python ends after the stack.
        assert "\nKeyError: 'STOCK_FEED_URL'\n" in (pod / name).read_text()


def test_times_are_as_the_api_writes_them(root: Path) -> None:
    text = (root / "shop-crash-loop" / "kubernetes.json").read_text()
    times = re.findall(r'"(?:startedAt|finishedAt|startTime|firstTimestamp)": "([^"]*)"', text)
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


def test_owners_and_hashes_are_those_of_the_rollout(root: Path) -> None:
    for pod in kubernetes(root, "healthy")["pods"]:
        labels = pod["metadata"]["labels"]
        (owner,) = pod["metadata"]["ownerReferences"]
        assert owner["name"] == f"shop-healthy-{labels['rollouts-pod-template-hash']}"
        assert pod["metadata"]["name"].startswith(owner["name"])
