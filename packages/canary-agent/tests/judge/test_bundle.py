"""Analyses as files: the same verdict again, redacted, within limits, whatever the file holds."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from canary_agent.analysis import analyse
from canary_agent.bundle import BundledSource, BundleError, BundleLimits, read_bundle, verdict_text
from canary_agent.collect import (
    ContainerLog,
    ContainerStatus,
    Gap,
    PodEvent,
    PodStatus,
    Sample,
    Side,
    Termination,
)
from canary_agent.judging import JudgingError, judge_file
from canary_agent.patience import analyse_patiently
from canary_verdict import CanaryRequest, Policy, Verdict

Requests = Callable[..., CanaryRequest]

STABLE = "INFO served request 7 in 12 ms\n" * 400
FAULT = "ERROR login of bob@example.org with password=hunter22 failed\n" * 9


def log(pod: str, text: str) -> ContainerLog:
    return ContainerLog(pod, "app", lambda: iter([text.encode("utf-8", "surrogateescape")]))


class Faulty:
    """A sample with everything that a bundle keeps."""

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        del request, cancelled
        end = Termination("Error", 3, datetime(2026, 1, 31, tzinfo=UTC))
        status = ContainerStatus(
            "app", "CrashLoopBackOff", "back-off", 4, ran=True, terminations=(end,)
        )
        pod = PodStatus("../canary-1", (("role", "canary"),), "rs", "Running", containers=(status,))
        event = PodEvent("../canary-1", "Unhealthy", "Liveness probe failed: x", 4)
        broken = ContainerLog("stable-2", "app", unreadable)
        return Sample(
            Side((log("stable-1", STABLE), broken)),
            Side((log("../canary-1", STABLE[:2000] + FAULT + "\udcff\n"),), (pod,), (event,)),
            (Gap("a gap", blocking=False),),
        )


def unreadable() -> Iterator[bytes]:
    yield b"INFO begun\n"
    raise OSError(5, "Input/output error")


def test_a_bundle_is_judged_again_to_the_same_byte(request_of: Requests, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    request = request_of(Policy(sensitivity="high", waive=("Restarts",)))
    verdict = analyse(request, Faulty(), lambda: False, path)
    assert verdict.verdict is Verdict.ROLLBACK
    assert any("a gap" in gap for gap in verdict.coverage.gaps)
    assert any("Input/output error" in gap for gap in verdict.coverage.gaps)
    saved = read_bundle(path)
    assert saved.request == request
    assert judge_file(path) == (saved.verdict, "")
    assert saved.verdict == verdict_text(verdict)
    assert judge_file(path, tmp_path / "two.zip")[0] == saved.verdict
    assert judge_file(tmp_path / "two.zip") == (saved.verdict, "")


def test_nothing_secret_is_saved_and_no_name_becomes_a_path(
    request_of: Requests, tmp_path: Path
) -> None:
    path = tmp_path / "one.zip"
    analyse(request_of(), Faulty(), lambda: False, path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
    assert names == ["logs/0.log", "logs/1.log", "logs/2.log", "bundle.json", "verdict.json"]
    assert b"hunter22" not in content
    assert b"bob@example" not in content
    assert b"password=[secret]" in content


def test_equal_analyses_are_equal_files(request_of: Requests, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.zip", "b.zip")]
    for path in paths:
        analyse(request_of(), Faulty(), lambda: False, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_limits_cut_logs_and_coverage_says_so(request_of: Requests, tmp_path: Path) -> None:
    limits = BundleLimits(log_bytes=1000, all_bytes=1500)
    source = BundledSource(Faulty(), tmp_path / "small.zip", limits)
    sample = source.collect(request_of(), lambda: False)
    sizes = [sum(map(len, one.read())) for one in (*sample.stable.logs, *sample.canary.logs)]
    assert sum(sizes) <= 1500
    assert all(size <= 1000 for size in sizes)
    assert all(one.truncated for one in sample.canary.logs)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="is no bundle"):
        read_bundle(path)
    with pytest.raises(JudgingError):
        judge_file(path)
    with pytest.raises(JudgingError):
        judge_file(tmp_path / "missing.zip")


@pytest.mark.parametrize(
    "change",
    [{"form": "other"}, {"version": 2}, {"request": {}}, {"stable": None}, {"gaps": 7}],
)
def test_an_index_of_another_form_is_refused(
    request_of: Requests, tmp_path: Path, change: dict[str, object]
) -> None:
    path, changed = tmp_path / "one.zip", tmp_path / "changed.zip"
    analyse(request_of(), Faulty(), lambda: False, path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as target:
        index = json.loads(archive.read("bundle.json")) | change
        target.writestr("bundle.json", json.dumps(index))
    with pytest.raises(BundleError):
        read_bundle(changed)


def test_a_log_that_is_missing_in_the_file_is_a_gap(request_of: Requests, tmp_path: Path) -> None:
    path, changed = tmp_path / "one.zip", tmp_path / "changed.zip"
    analyse(request_of(), Faulty(), lambda: False, path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as target:
        target.writestr("bundle.json", archive.read("bundle.json"))
    verdict = json.loads(judge_file(changed)[0])
    assert verdict["verdict"] == "rollback"  # by the pods' states
    assert any("was not read" in gap for gap in verdict["coverage"]["gaps"])


def test_another_agents_verdict_is_noticed(request_of: Requests, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    source = BundledSource(Faulty(), path)
    source.collect(request_of(), lambda: False)
    verdict = analyse(request_of(), read_bundle(path), lambda: False)
    source.add(replace(verdict, confidence=1.0))
    assert "judges otherwise" in judge_file(path)[1]


def test_a_folder_of_bundles_keeps_the_newest(
    request_of: Requests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canary_agent.bundle.MAX_BUNDLES", 3)
    folder = tmp_path / "bundles"
    folder.mkdir()
    mine = folder / "mine.zip"
    mine.touch()
    for day in range(1, 6):
        (folder / f"2026010{day}T000000Z-0123456789ab.zip").touch()
    verdict = analyse_patiently(request_of(), Faulty(), lambda: False, bundles=folder)
    left = sorted(path.name for path in folder.iterdir() if path != mine)
    assert left[:2] == [f"2026010{day}T000000Z-0123456789ab.zip" for day in (4, 5)]
    assert len(left) == 3
    assert read_bundle(folder / left[2]).verdict == verdict_text(verdict)
    mine.unlink()
    with pytest.raises(BundleError, match="cannot hold bundles"):
        analyse_patiently(request_of(), Faulty(), lambda: False, bundles=folder / left[2])


def test_the_command_judges_folders_and_bundles(tmp_path: Path) -> None:
    for side, text in (("stable", STABLE), ("canary", STABLE[:2000] + FAULT)):
        folder = tmp_path / "logs" / side / f"{side}-1"
        folder.mkdir(parents=True)
        (folder / "app.log").write_text(text)
    bundle = tmp_path / "one.zip"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "canary_agent.cli", "judge", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    first = run(str(tmp_path / "logs"), "--save", str(bundle))
    assert json.loads(first.stdout)["verdict"] == "rollback"
    assert run(str(bundle)).stdout == first.stdout
    failed = run(str(tmp_path / "nothing"))
    assert failed.returncode == 1
    assert "is no bundle" in failed.stderr
