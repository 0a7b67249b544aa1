"""`python -m bench.verdicts judge`, with the agent's own engine in child processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.verdicts", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": ""},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def judged(cases: Path, out: Path) -> Mapping[str, Mapping[str, Any]]:
    done = run("judge", "--cases", str(cases), "--out", str(out), "--processes", "2")
    assert done.returncode == 0, done.stderr
    return {entry["name"]: entry for entry in json.loads(out.read_text())["cases"]}


def test_every_case_gets_an_entry_and_a_bad_one_an_error(cases: Path, tmp_path: Path) -> None:
    expected = {
        path.parent.name: json.loads(path.read_text())["expected"]
        for path in sorted(cases.glob("*/case.json"))
    }
    (cases / "broken").mkdir()
    (cases / "broken" / "case.json").write_text("{")
    (cases / "empty").mkdir()
    (cases / "empty" / "case.json").write_text("{}")
    out = tmp_path / "deep" / "verdicts.json"
    entries = judged(cases, out)

    assert {name: entries[name]["verdict"] for name in expected} == expected
    for name in ("broken", "empty"):
        assert entries[name]["verdict"] == "error"
        assert name in entries[name]["error"]
    usual = {"name", "verdict", "confidence", "rootCause", "seconds"}
    assert all(entries[name].keys() == usual for name in expected)
    assert list(entries) == sorted(entries)


def test_what_is_expected_changes_no_verdict(cases: Path, tmp_path: Path) -> None:
    folders = sorted(path for path in cases.iterdir() if path.is_dir())
    for folder in folders[2:]:
        folder.rename(tmp_path / folder.name)
    before = judged(cases, tmp_path / "before.json")
    for folder in folders[:2]:
        (folder / "case.json").write_text('{"expected": "rollback", "fault": "other"}')
    after = judged(cases, tmp_path / "after.json")
    for name, entry in before.items():
        for field in ("verdict", "confidence", "rootCause"):
            assert after[name][field] == entry[field]


def test_a_set_that_is_not_there_is_an_error_not_a_crash(tmp_path: Path) -> None:
    done = run("judge", "--cases", str(tmp_path / "none"), "--out", str(tmp_path / "out.json"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: found no folder")
    assert "Traceback" not in done.stderr
