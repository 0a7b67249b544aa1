"""The GitHub workflows: valid, pinned by commit, with no right that a job does not need."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}$")
LINT_SECONDS = 300


def document(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text())
    assert isinstance(loaded, dict)
    return loaded


def used_actions(path: Path) -> Iterator[str]:
    for job in document(path)["jobs"].values():
        yield from (step["uses"] for step in job.get("steps", []) if "uses" in step)
        if "uses" in job:
            yield job["uses"]


def test_there_are_workflows_for_tests_cluster_images_and_releases() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"ci", "e2e", "images", "release"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_of_others_are_pinned_by_commit(path: Path) -> None:
    loose = [u for u in used_actions(path) if not u.startswith("./") and not PINNED.match(u)]
    assert not loose


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_given_job_by_job(path: Path) -> None:
    workflow = document(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        if "uses" not in job:
            assert job["permissions"], name
            assert job["timeout-minutes"] <= 90, name


def test_only_publishing_jobs_may_write() -> None:
    writers = {
        (path.stem, name, right)
        for path in WORKFLOWS
        for name, job in document(path)["jobs"].items()
        for right, level in job.get("permissions", {}).items()
        if level == "write"
    }
    assert writers == {
        ("images", "push", "packages"),
        ("images", "push", "id-token"),
        ("images", "push", "attestations"),
        ("release", "assets", "contents"),
        ("release", "assets", "id-token"),
        ("release", "assets", "attestations"),
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_files_and_targets_named_exist(path: Path) -> None:
    text = path.read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"run: make ([a-z0-9-]+)", text)) <= targets
    named = re.findall(r"(?:dockerfile: |uses: \./|run: bash )([\w./-]+)", text)
    assert [file for file in named if not (ROOT / file).is_file()] == []


def test_actionlint_finds_nothing() -> None:
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: actionlint is left out")
    linted = subprocess.run(
        ["go", "tool", "actionlint", "-no-color", *map(str, WORKFLOWS)],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=LINT_SECONDS,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
