"""Requests that carry their logs along: they are judged, whatever the agent could read itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from canary_agent.analysis import analyse
from canary_agent.collect import AttachedSource, CollectError, FolderSource, Sample, Side
from canary_verdict import (
    AttachedGap,
    AttachedLog,
    AttachedPod,
    Attachments,
    CanaryRequest,
    CanaryVerdict,
    Run,
    Selection,
    SideName,
    Verdict,
    parse_request,
)

HEALTHY = "".join(
    f"2026-01-31T12:00:{n % 60:02}.000000000Z INFO GET /cart/{n} status=200\n" for n in range(200)
)
FAULTY = HEALTHY + "".join(
    f"2026-01-31T12:01:{n % 60:02}.000000000Z ERROR connection refused to db:5432 request={n}\n"
    for n in range(60)
)
CRASHED: dict[str, Any] = {
    "phase": "Running",
    "containerStatuses": [
        {
            "name": "app",
            "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
        }
    ],
}


@dataclass(frozen=True)
class Unused:
    """A source that must not be asked."""

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        raise CollectError("asked all the same")


@dataclass(frozen=True)
class Empty:
    """A source that finds nothing."""

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        return Sample(Side(), Side())


def log(side: SideName, text: str, **more: Any) -> AttachedLog:
    return AttachedLog(side, f"{side}-1", "app", text, **more)


def question(*logs: AttachedLog, **more: Any) -> CanaryRequest:
    return CanaryRequest(
        run=Run("uid-1", "run", "prod", "metric"),
        rollout="shop",
        stable=Selection("role=stable"),
        canary=Selection("role=canary"),
        window=600.0,
        deadline=datetime(2026, 1, 31, 13, tzinfo=UTC),
        lease_seconds=180,
        attached=Attachments(logs=logs, **more),
    )


def judged(request: CanaryRequest) -> CanaryVerdict:
    # As it travels: what is written must be what is judged.
    return analyse(parse_request(request.to_json()), Unused(), lambda: False)


def test_a_faulty_canary_is_rolled_back_on_attached_logs_alone() -> None:
    verdict = judged(question(log("stable", HEALTHY), log("canary", FAULTY)))
    assert verdict.verdict is Verdict.ROLLBACK
    assert "connection refused" in verdict.root_cause + verdict.analysis
    assert verdict.coverage.pods == 2
    assert verdict.coverage.lines == 460


def test_a_healthy_canary_is_promoted() -> None:
    verdict = judged(question(log("stable", HEALTHY), log("canary", HEALTHY)))
    assert verdict.verdict is Verdict.PROMOTE


def test_a_canary_that_is_killed_again_and_again_is_rolled_back() -> None:
    pods = (AttachedPod("canary", "canary-1", CRASHED), AttachedPod("stable", "stable-1", {}))
    verdict = judged(question(log("stable", HEALTHY), log("canary", HEALTHY), pods=pods))
    assert verdict.verdict is Verdict.ROLLBACK
    assert any(item.kind == "hard" for item in verdict.evidence)


def test_a_pod_that_is_being_removed_proves_nothing() -> None:
    ended = {"name": "app", "state": {"terminated": {"reason": "Error", "exitCode": 1}}}
    status = {"phase": "Failed", "containerStatuses": [ended]}
    pods = (AttachedPod("canary", "canary-1", status, deleting=True),)
    verdict = judged(question(log("stable", HEALTHY), log("canary", HEALTHY), pods=pods))
    assert verdict.verdict is Verdict.PROMOTE


@pytest.mark.parametrize(
    ("blocking", "expected"), [(True, Verdict.INCONCLUSIVE), (False, Verdict.PROMOTE)]
)
def test_gaps_are_named_and_count_as_the_asker_says(*, blocking: bool, expected: Verdict) -> None:
    gap = AttachedGap("canary: pod canary-2: the log was not read", blocking)
    verdict = judged(question(log("stable", HEALTHY), log("canary", HEALTHY), gaps=(gap,)))
    assert verdict.verdict is expected
    assert verdict.coverage.gaps == (gap.text,)


def test_attached_logs_win_over_a_folder(tmp_path: Path) -> None:
    for side in ("stable", "canary"):
        file = tmp_path / side / "pod" / "app.log"
        file.parent.mkdir(parents=True)
        file.write_text(HEALTHY)
    request = question(log("stable", HEALTHY), log("canary", FAULTY))
    verdict = analyse(request, FolderSource(tmp_path), lambda: False)
    assert verdict.verdict is Verdict.ROLLBACK
    assert verdict.coverage.lines == 460


def test_without_logs_the_other_source_is_judged_and_the_reason_named(tmp_path: Path) -> None:
    for side, text in (("stable", HEALTHY), ("canary", FAULTY)):
        file = tmp_path / side / "pod" / "app.log"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    request = question(gaps=(AttachedGap("HTTP 403 Forbidden"),))
    verdict = analyse(request, FolderSource(tmp_path), lambda: False)
    assert verdict.verdict is Verdict.ROLLBACK
    assert "no logs are attached to the request: HTTP 403 Forbidden" in verdict.coverage.gaps


def test_without_logs_anywhere_nothing_is_promoted() -> None:
    request = question(gaps=(AttachedGap("HTTP 403 Forbidden"),))
    assert analyse(request, Empty(), lambda: False).verdict is Verdict.INCONCLUSIVE


def test_flags_and_order_reach_the_sample() -> None:
    request = question(
        log("stable", "x" * 200_000, truncated=True),
        log("canary", "now\n"),
        log("canary", "before\n", previous=True),
    )
    sample = AttachedSource(Unused()).collect(request, lambda: False)
    (stable,) = sample.stable.logs
    assert stable.truncated
    assert b"".join(stable.read()) == b"x" * 200_000
    assert max(map(len, stable.read())) <= 64 * 1024
    assert [entry.previous for entry in sample.canary.logs] == [False, True]


def test_whatever_stands_in_a_status_is_no_error() -> None:
    pods = (AttachedPod("canary", "canary-1", {"containerStatuses": [7, {}], "conditions": "x"}),)
    request = question(log("stable", HEALTHY), log("canary", "\ud800\n"), pods=pods)
    sample = AttachedSource(Unused()).collect(request, lambda: False)
    assert b"".join(sample.canary.logs[0].read()) == b"?\n"
    assert sample.canary.pods[0].name == "canary-1"
    assert replace(request) == request
