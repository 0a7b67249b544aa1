"""`python -m bench.verdicts judge`, with the agent's own engine in child processes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.verdicts.__main__ import main
from bench.verdicts._cases import case_folders, read_case

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def few(cases: Path, tmp_path: Path) -> Path:
    """A healthy and a faulty case, the same with false words in case.json, and two bad ones."""
    folder = tmp_path / "few"
    for case in (read_case(path) for path in case_folders(cases)):
        if case.fault != "killed" and not (folder / case.expected).exists():
            shutil.copytree(cases / case.name, folder / case.expected)
            other = folder / f"{case.expected}-told-otherwise"
            shutil.copytree(cases / case.name, other)
            (other / "case.json").write_text('{"expected": "not-promote", "fault": "other"}')
    for name, content in (("broken", "{"), ("empty", "{}")):
        (folder / name).mkdir()
        (folder / name / "case.json").write_text(content)
    for name, left_out in (("one-sided", "canary"), ("without-logs", "stable")):
        shutil.copytree(folder / "promote", folder / name)
        shutil.rmtree(folder / name / left_out)
    (folder / "without-logs" / "stable" / "pod-of-nothing").mkdir(parents=True)
    _add_what_nobody_knows(folder)
    return folder


def _add_what_nobody_knows(folder: Path) -> None:
    """A case with keys and files that mean nothing to the judge, and pods that are no objects."""
    strange = shutil.copytree(folder / "promote", folder / "strange")
    (strange / "case.json").write_text('{"expected": "promote", "unknown": {"key": [1]}}')
    (strange / "kubernetes.json").write_text('{"pods": [null, 7, {}], "events": null, "x": 1}')
    (strange / "notes.txt").write_text("nothing\n")
    (strange / "more").mkdir()
    (strange / "stable" / "README").write_text("nothing\n")
    (folder / "README.md").write_text("nothing\n")


def test_every_case_gets_an_entry_and_a_bad_one_an_error(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "verdicts.json"
    command = [
        sys.executable,
        "-m",
        "bench.verdicts",
        "judge",
        "--cases",
        str(few),
        "--out",
        str(out),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    entries = {entry.pop("name"): entry for entry in json.loads(out.read_text())["cases"]}
    assert list(entries) == sorted(path.name for path in few.iterdir() if path.is_dir())
    assert f"judged: {len(entries)} of {len(entries)}" in done.stderr

    for name in ("broken", "empty"):
        assert entries[name]["verdict"] == "error"
        assert name in entries[name]["error"]
    for name in ("one-sided", "without-logs"):
        assert entries[name]["verdict"] == "inconclusive"
    assert entries["strange"]["verdict"] == "promote"
    for expected in ("promote", "rollback"):
        entry, other = entries[expected], entries[f"{expected}-told-otherwise"]
        assert entry["verdict"] == expected
        assert entry.keys() == {"verdict", "confidence", "rootCause", "seconds"}
        # What case.json expects is not the judge's business.
        assert {**other, "seconds": 0} == {**entry, "seconds": 0}


def test_a_set_that_is_not_there_is_an_error_not_a_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["judge", "--cases", str(tmp_path / "none"), "--out", str(tmp_path / "out.json")])
    assert code == 2
    assert capsys.readouterr().err.startswith("error: found no folder")
