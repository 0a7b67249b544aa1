"""The watch of AnalysisRuns against a server that answers as the API does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from kubernetes_api import KubernetesApi

from rollouts_plugin_metric_ai.a2a_client import parse_address
from rollouts_plugin_metric_ai.kube import (
    DEFAULT_LIMITS,
    ClusterAccess,
    KubeLimits,
    NoAccessError,
    find_access,
)
from rollouts_plugin_metric_ai.kube.runs import RunApi, RunRef, RunWatch, _watch

SHOP = RunRef("uid-1", "prod", "shop")
SECONDS = 20


class Watched:
    """A watch, and what it has told."""

    def __init__(self, find: Callable[[], ClusterAccess], limits: KubeLimits) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.watch = RunWatch(RunApi(find, limits), self._ended, delay=0)

    def _ended(self, uid: str, why: str) -> None:
        self.told.put_nowait((uid, why))

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(SECONDS):
            return await self.told.get()


Watching = Callable[..., Watched]


@pytest.fixture
async def watching(
    cluster: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Watching]:
    """Makes watches whose pauses are short."""
    monkeypatch.setattr(_watch, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(_watch, "_LONGEST_PAUSE", 0.05)
    made = []

    def make(*opened: RunRef, namespace: str = "", url: str = "", **limits: Any) -> Watched:
        access = ClusterAccess(server=parse_address(url or cluster.url), namespace=namespace)
        made.append(Watched(lambda: access, replace(DEFAULT_LIMITS, **limits)))
        for ref in opened:
            made[-1].watch.open(ref)
        return made[-1]

    yield make
    for one in made:
        await one.watch.aclose()


async def begun(cluster: KubernetesApi, count: int = 1) -> None:
    await asyncio.to_thread(cluster.analysis.wait_for_watch, count)


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not what():  # noqa: ASYNC110 - the server runs in another thread
            await asyncio.sleep(0.01)


def targets(cluster: KubernetesApi) -> list[tuple[str, str]]:
    """Path and version of each request so far."""
    return [
        (
            one.path.removeprefix("/apis/argoproj.io/v1alpha1"),
            one.query.get("resourceVersion", "-"),
        )
        for one in cluster.asked
    ]


# What ends a run


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (lambda runs: runs.terminate("shop"), "it was terminated"),
        (lambda runs: runs.delete("shop"), "it was deleted"),
        (lambda runs: runs.merge("shop", "metadata", {"deletionTimestamp": "x"}), "it was deleted"),
        *(
            (
                lambda runs, phase=phase: runs.merge("shop", "status", {"phase": phase}),
                f"it ended as {phase}",
            )
            for phase in ("Successful", "Failed", "Error", "Inconclusive")
        ),
    ],
)
async def test_an_end_is_told_once(
    cluster: KubernetesApi, watching: Watching, end: Callable[[Any], None], why: str
) -> None:
    cluster.analysis.create("shop", "uid-1")
    cluster.analysis.create("other", "uid-2")
    watched = watching(SHOP)
    await begun(cluster)
    end(cluster.analysis)
    assert await watched.next() == ("uid-1", why)
    cluster.analysis.bookmark()
    assert watched.told.empty()


async def test_progress_tells_nothing_and_costs_no_request(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    for number in range(20):
        cluster.analysis.merge("shop", "status", {"phase": "Running", "message": str(number)})
    cluster.analysis.merge("shop", "status", {"phase": "Failed"})
    assert await watched.next() == ("uid-1", "it ended as Failed")
    # The first look, which asks for no more than a row.
    assert all("as=Table" in asked.headers["Accept"] for asked in cluster.calls("/shop"))
    assert len(cluster.calls("/shop")) <= 1


async def test_only_open_runs_are_told_of(cluster: KubernetesApi, watching: Watching) -> None:
    runs = cluster.analysis
    for number in range(1, 4):
        runs.create(f"run-{number}", f"uid-{number}")
    refs = [RunRef(f"uid-{number}", "prod", f"run-{number}") for number in (1, 2)]
    watched = watching(*refs)
    await begun(cluster)
    watched.watch.close("uid-1")
    for number in (3, 1, 2):
        runs.terminate(f"run-{number}")
    assert await watched.next() == ("uid-2", "it was terminated")
    assert watched.told.empty()


async def test_what_ended_before_the_watch_began_is_found(
    cluster: KubernetesApi, watching: Watching
) -> None:
    runs = cluster.analysis
    runs.create("shop", "uid-1", terminate=True)
    runs.merge("shop", "spec", {"terminate": True})
    runs.create("done", "uid-2")
    runs.merge("done", "status", {"phase": "Error"})
    runs.create("again", "uid-new")
    refs = [
        SHOP,
        RunRef("uid-2", "prod", "done"),
        RunRef("uid-old", "prod", "again"),
        RunRef("uid-4", "prod", "gone"),
    ]
    watched = watching(*refs)
    assert {await watched.next() for _ in refs} == {
        ("uid-1", "it was terminated"),
        ("uid-2", "it ended as Error"),
        ("uid-old", "it was deleted"),
        ("uid-4", "it was deleted"),
    }


async def test_an_end_that_came_before_the_measurement_is_told_when_it_is_opened(
    cluster: KubernetesApi, watching: Watching
) -> None:
    runs = cluster.analysis
    runs.create("shop", "uid-1")
    for number in (2, 3, 4):
        runs.create(f"run-{number}", f"uid-{number}")
    watched = watching(SHOP)
    await begun(cluster)
    runs.merge("run-2", "status", {"phase": "Failed"})
    runs.terminate("run-3")
    runs.delete("shop")
    await watched.next()
    for number in (2, 3, 4):
        watched.watch.open(RunRef(f"uid-{number}", "prod", f"run-{number}"))
    told = {await watched.next(), await watched.next()}
    assert told == {("uid-2", "it ended as Failed"), ("uid-3", "it was terminated")}


async def test_where_no_column_shows_the_phase_the_run_is_read(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.columns = ("Name", "Age")
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    cluster.analysis.merge("shop", "status", {"phase": "Failed"})
    assert await watched.next() == ("uid-1", "it ended as Failed")


async def test_where_nobody_lists_the_writers_the_run_is_read(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.managed_fields = False
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    cluster.analysis.merge("shop", "status", {"phase": "Running"})
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


# How the watch goes on


async def test_nothing_is_asked_without_a_measurement_and_nothing_after_the_last(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching()
    assert not cluster.asked
    watched.watch.open(SHOP)
    await begun(cluster)
    watched.watch.close("uid-1")
    await asyncio.to_thread(cluster.analysis.end_watches)
    task = watched.watch._task
    assert task is not None
    async with asyncio.timeout(SECONDS):
        await task
    assert cluster.analysis.begun == 1
    watched.watch.open(SHOP)
    await begun(cluster, 2)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


@pytest.mark.parametrize("how", ["end", "cut"])
async def test_a_watch_goes_on_from_where_it_was(
    cluster: KubernetesApi, watching: Watching, how: str
) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    cluster.analysis.merge("shop", "status", {"message": "on its way"})
    await until(lambda: watched.watch._version == str(cluster.analysis.version))
    version = str(cluster.analysis.version)
    await asyncio.to_thread(cluster.analysis.end_watches, how)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")
    assert ("/analysisruns", version) in targets(cluster)
    # One list and one first look; the rest is the look at the terminated run.
    assert targets(cluster).count(("/analysisruns", "-")) == 1


async def test_bookmarks_count(cluster: KubernetesApi, watching: Watching) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    cluster.analysis.bookmark()
    version = str(cluster.analysis.version)
    await until(lambda: watched.watch._version == version)
    await asyncio.to_thread(cluster.analysis.end_watches)
    await begun(cluster, 2)
    assert targets(cluster)[-1] == ("/analysisruns", version)
    assert cluster.asked[-1].query["allowWatchBookmarks"] == "true"


@pytest.mark.parametrize("by_status", [True, False])
async def test_a_version_that_is_too_old_begins_anew_and_misses_nothing(
    cluster: KubernetesApi, watching: Watching, *, by_status: bool
) -> None:
    runs = cluster.analysis
    runs.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    cluster.refuse("watch=true", 503, "starting", times=1)
    await asyncio.to_thread(runs.end_watches)
    runs.delete("shop")
    runs.compact()
    if by_status:
        cluster.refuse("watch=true", 410, "too old resource version", reason="Expired", times=1)
    assert await watched.next() == ("uid-1", "it was deleted")
    assert targets(cluster).count(("/analysisruns", "-")) >= 1


async def test_a_server_that_says_gone_in_the_stream(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    await asyncio.to_thread(cluster.analysis.end_watches, "gone")
    await begun(cluster, 2)
    assert targets(cluster).count(("/analysisruns", "-")) == 2
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


async def test_a_watch_that_falls_silent_is_begun_anew(
    cluster: KubernetesApi, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.analysis.create("shop", "uid-1")
    # The server waits longer than it was asked to.
    watched = watching(SHOP, watch_seconds=30, watch_slack=-29.9)
    await begun(cluster, 3)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


async def test_a_server_that_hangs_holds_nobody(silent_server: str, watching: Watching) -> None:
    watched = watching(SHOP, url=silent_server, call_seconds=0.05)
    await until(lambda: watched.watch._failures > 2)
    assert watched.told.empty()


async def test_failures_are_met_with_growing_pauses(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = watching()
    monkeypatch.undo()
    pauses = [watched.watch._growing_pause() for _ in range(12)]
    assert all(0.25 * 2**number <= pauses[number] <= 0.5 * 2**number for number in range(6))
    assert max(pauses) <= 30


async def test_a_look_that_fails_is_taken_again(
    cluster: KubernetesApi, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.analysis.create("shop", "uid-1")
    cluster.refuse("/analysisruns/shop", 500, "etcd has no leader", times=1)
    cluster.analysis.terminate("shop")
    assert await watching(SHOP).next() == ("uid-1", "it was terminated")


# Rights


async def test_the_accounts_namespace_is_watched_where_no_more_is_allowed(
    cluster: KubernetesApi, watching: Watching, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cluster.refuse("v1alpha1/analysisruns", 403, "no", reason="Forbidden")
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP, namespace="prod")
    await begun(cluster)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")
    assert [record.message for record in caplog.records] == [
        "AnalysisRuns are watched in namespace prod alone: HTTP 403 Forbidden"
    ]


@pytest.mark.parametrize("namespace", ["prod", ""])
async def test_without_rights_there_is_one_line_and_a_later_try(
    cluster: KubernetesApi,
    watching: Watching,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    namespace: str,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(_watch, "_REFUSED_PAUSE", 0.05)
    cluster.refuse("analysisruns", 403, "no", reason="Forbidden", times=6)
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP, namespace=namespace)
    await begun(cluster)
    lines = [one.message for one in caplog.records if "cannot be watched" in one.message]
    (line,) = lines
    assert line == (
        "AnalysisRuns cannot be watched, so agents learn of aborts when their lease ends: "
        "HTTP 403 Forbidden"
    )
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


def test_without_rights_five_minutes_pass_until_the_next_try() -> None:
    assert _watch._REFUSED_PAUSE == 300


async def test_outside_of_a_cluster_nothing_is_said(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    tries = []
    monkeypatch.setattr(_watch, "_REFUSED_PAUSE", 0.01)

    def nowhere() -> ClusterAccess:
        tries.append(1)
        raise NoAccessError("found neither")

    watched = Watched(nowhere, DEFAULT_LIMITS)
    watched.watch.open(SHOP)
    await until(lambda: len(tries) > 2)
    await watched.watch.aclose()
    assert not caplog.records


async def test_a_token_that_has_rotated_is_read_again(
    serving_tls: Callable[[int], KubernetesApi],
    tmp_path: Any,
    certificates: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_watch, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(_watch, "_LONGEST_PAUSE", 0.05)
    cluster = serving_tls(0)
    cluster.tokens = {"old"}
    cluster.analysis.create("shop", "uid-1")
    (tmp_path / "token").write_text("old")
    (tmp_path / "namespace").write_text("argo-rollouts")
    (tmp_path / "ca.crt").write_bytes(certificates[0].read_bytes())
    host, port = cluster.url.removeprefix("https://").split(":")
    where = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    assert find_access(where, tmp_path).namespace == "argo-rollouts"
    watched = Watched(lambda: find_access(where, tmp_path), DEFAULT_LIMITS)
    watched.watch.open(SHOP)
    await begun(cluster)
    cluster.tokens = {"new"}
    await asyncio.to_thread(cluster.analysis.end_watches)
    await until(lambda: watched.watch._failures > 1)
    (tmp_path / "token").write_text("new")
    await begun(cluster, 2)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")
    await watched.watch.aclose()


# Bounds, and what is not to be trusted


async def test_a_large_run_costs_no_more_than_its_metadata(
    cluster: KubernetesApi, watching: Watching
) -> None:
    metrics = [{"name": "m", "provider": {"x": "y" * 1_400_000}}]
    cluster.analysis.create("shop", "uid-1", metrics=metrics)
    watched = watching(SHOP, event_bytes=2048, run_bytes=1_500_000)
    await begun(cluster)
    cluster.analysis.merge("shop", "status", {"message": "on its way"})
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


async def test_a_run_that_is_too_large_to_be_read_is_known_by_its_phase(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.create("shop", "uid-1", metrics=["x" * 3000])
    watched = watching(SHOP, run_bytes=2048)
    await begun(cluster)
    cluster.analysis.terminate("shop")
    cluster.analysis.merge("shop", "status", {"phase": "Successful"})
    assert await watched.next() == ("uid-1", "it ended as Successful")


async def test_an_event_beyond_its_bound_is_left_out(
    cluster: KubernetesApi, watching: Watching
) -> None:
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP, event_bytes=2048)
    await begun(cluster)
    cluster.analysis.create("hostile", "uid-2", "evil")
    cluster.analysis.merge("hostile", "metadata", {"annotations": {"a": "x" * 4096}}, "evil")
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")
    assert cluster.analysis.begun == 1


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON\n",
        b"[" * 100_000 + b"\n",
        b"7\n",
        b'{"type": 7, "object": [{}]}\n',
        b'{"type": "MODIFIED", "object": {"rows": [{"cells": 7, "object": {"metadata": []}}]}}\n',
        b'{"type": "ERROR", "object": {"code": "x", "reason": ["y"]}}\n',
        b"\xff\xfe\n",
        b"\n\n",
    ],
)
async def test_what_is_no_event_does_no_harm(
    cluster: KubernetesApi, watching: Watching, line: bytes
) -> None:
    cluster.analysis.create("shop", "uid-1")
    cluster.analysis.lines = [line]
    watched = watching(SHOP)
    await begun(cluster)
    cluster.analysis.terminate("shop")
    assert await watched.next() == ("uid-1", "it was terminated")


async def test_of_runs_that_are_not_ours_a_bounded_number_is_remembered(
    cluster: KubernetesApi, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_watch, "_REMEMBERED", 5)
    cluster.analysis.create("shop", "uid-1")
    watched = watching(SHOP)
    await begun(cluster)
    for number in range(20):
        cluster.analysis.create(f"run-{number}", f"uid-r{number}")
        cluster.analysis.delete(f"run-{number}")
    await until(lambda: "uid-r19" in watched.watch._seen)
    assert len(watched.watch._seen) == 5
