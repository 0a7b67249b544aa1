"""What an earlier, healthy time makes usual, and what it never excuses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from canary_agent import bundle
from canary_agent.analysis import analyse
from canary_agent.baseline import RememberingSource, last_promoted
from canary_agent.collect import ContainerLog, FolderSource, Sample, Side
from canary_agent.judging import judge_file
from canary_agent.patience import analyse_patiently
from canary_verdict import CanaryRequest, CanaryVerdict, Verdict

Requests = Callable[..., CanaryRequest]

SERVED = "INFO served request 7 in 12 ms\n"
EXPORT = "ERROR nightly export failed: target is busy\n"
PANIC = "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\n"


def side(text: str) -> Side:
    def read() -> Iterator[bytes]:
        yield text.encode()

    return Side((ContainerLog("pod", "app", read),))


class Fixed:
    """One sample, whatever is asked."""

    def __init__(self, stable: str, canary: str, baseline: str = "") -> None:
        self.sample = Sample(
            side(stable), side(canary), baseline=side(baseline) if baseline else Side()
        )

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        del request, cancelled
        return self.sample


def judged(
    request: CanaryRequest, stable: str, canary: str, baseline: str = "", save: Path | None = None
) -> CanaryVerdict:
    return analyse(request, Fixed(stable, canary, baseline), lambda: False, save)


def test_what_the_baseline_wrote_as_often_is_usual(request_of: Requests) -> None:
    canary, earlier = SERVED * 3000 + EXPORT * 5, SERVED * 9000 + EXPORT * 14
    without = judged(request_of(), SERVED * 3000, canary)
    assert without.verdict is not Verdict.PROMOTE
    verdict = judged(request_of(), SERVED * 3000, canary, earlier)
    assert verdict.verdict is Verdict.PROMOTE
    assert "1 templates were left out as usual by the baseline: ERROR nightly" in verdict.analysis


def test_more_of_it_than_usual_is_not_excused(request_of: Requests) -> None:
    earlier = SERVED * 9000 + EXPORT * 14
    verdict = judged(request_of(), SERVED * 3000, SERVED * 3000 + EXPORT * 60, earlier)
    assert verdict.verdict is Verdict.ROLLBACK


def test_a_baseline_excuses_no_crash(request_of: Requests) -> None:
    canary, earlier = SERVED * 3000 + PANIC * 3, SERVED * 3000 + PANIC * 3
    assert judged(request_of(), SERVED * 3000, canary, earlier).verdict is Verdict.ROLLBACK


def test_where_stable_has_the_line_stable_is_the_measure(request_of: Requests) -> None:
    stable, canary = SERVED * 3000 + EXPORT, SERVED * 3000 + EXPORT * 60
    earlier = SERVED * 3000 + EXPORT * 60
    assert judged(request_of(), stable, canary, earlier).verdict is Verdict.ROLLBACK


def test_a_bundle_keeps_the_baseline(request_of: Requests, tmp_path: Path) -> None:
    canary, earlier = SERVED * 3000 + EXPORT * 5, SERVED * 9000 + EXPORT * 14
    file = tmp_path / "one.zip"
    verdict = judged(request_of(), SERVED * 3000, canary, earlier, file)
    assert judge_file(file) == (bundle.verdict_text(verdict), "")


def test_a_folder_may_have_one(request_of: Requests, tmp_path: Path) -> None:
    for name in ("stable", "canary", "baseline"):
        file = tmp_path / name / "pod" / "app.log"
        file.parent.mkdir(parents=True)
        file.write_text(name)
    sample = FolderSource(tmp_path).collect(request_of(), lambda: False)
    assert [b"".join(log.read()) for log in sample.baseline.logs] == [b"baseline"]


def saved(folder: Path, request: CanaryRequest, age: int, canary: str) -> None:
    """A bundle of `age` hours ago."""
    moment = datetime.now(UTC) - timedelta(hours=age)
    file = folder / f"{moment:%Y%m%dT%H%M%SZ}-{age:012d}.zip"
    judged(request, SERVED * 3000, canary, save=file)


@pytest.fixture
def of_run(request_of: Requests) -> Callable[..., CanaryRequest]:
    def make(uid: str, **more: object) -> CanaryRequest:
        request = request_of(**more)
        return replace(request, run=replace(request.run, uid=uid))

    return make


def test_the_last_promoted_analysis_of_the_same_rollout_is_the_baseline(
    of_run: Callable[..., CanaryRequest], tmp_path: Path
) -> None:
    good, bad = SERVED * 3000, SERVED * 3000 + EXPORT * 60
    other = replace(of_run("other"), rollout="cart")
    saved(tmp_path, of_run("older"), 9, good)
    saved(tmp_path, of_run("newer"), 8, good)
    saved(tmp_path, of_run("faulty"), 7, bad)
    saved(tmp_path, other, 6, good)
    saved(tmp_path, of_run("now"), 5, good)
    (tmp_path / "20360101T000000Z-000000000000.zip").write_bytes(b"PK broken")
    found = last_promoted(tmp_path, of_run("now"), lambda: False)
    assert found is not None
    assert found.request.run.uid == "newer"
    sample = RememberingSource(Fixed("a", "b"), found).collect(of_run("now"), lambda: False)
    assert len(sample.baseline.logs) == 2
    assert last_promoted(tmp_path, replace(of_run("now"), rollout="x"), lambda: False) is None


def test_an_agent_may_remember(of_run: Callable[..., CanaryRequest], tmp_path: Path) -> None:
    # Six among 6,000 lines, three a side: promoted, and so known from then on.
    once = SERVED * 3000 + EXPORT * 3
    source = Fixed(once, once)
    analyse_patiently(of_run("first"), source, lambda: False, bundles=tmp_path)
    next_one = Fixed(SERVED * 3000, SERVED * 3000 + EXPORT * 3)
    without = analyse_patiently(of_run("next"), next_one, lambda: False)
    assert without.verdict is not Verdict.PROMOTE
    verdict = analyse_patiently(
        of_run("next"), next_one, lambda: False, bundles=tmp_path, baseline=True
    )
    assert verdict.verdict is Verdict.PROMOTE
