"""The cases that are written are what the agent reads from a folder."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.verdicts._cases import CaseError, case_folders, check_form, read_case
from canary_agent.collect import FolderSource, Sample
from canary_verdict import CanaryRequest, Run, Selection

REQUEST = CanaryRequest(
    run=Run("uid-1", "run", "shop", "metric"),
    rollout="",
    stable=Selection("role=stable"),
    canary=Selection("role=canary"),
    window=600.0,
    deadline=datetime(2100, 1, 1, tzinfo=UTC),
    lease_seconds=180,
)


def case_with(cases: Path, fault: str) -> Path:
    for folder in case_folders(cases):
        document = json.loads((folder / "case.json").read_text())
        if document["fault"] == fault and (folder / "kubernetes.json").exists():
            return folder
    raise AssertionError(f"no case with {fault} and kubernetes.json")


def sample_of(folder: Path) -> Sample:
    return FolderSource(folder).collect(REQUEST, lambda: False)


def test_every_pod_is_on_its_side(cases: Path) -> None:
    for folder in case_folders(cases):
        sample = sample_of(folder)
        assert sample.gaps == ()
        for side in (sample.stable, sample.canary):
            assert {log.pod for log in side.logs} == side.pod_names
            assert side.logs


def test_a_crash_loop_reaches_the_agent(cases: Path) -> None:
    canary = sample_of(case_with(cases, "killed")).canary
    (container,) = canary.pods[0].containers
    assert container.waiting == "CrashLoopBackOff"
    assert container.restarts == 2
    assert [end.exit_code for end in container.terminations] == [1]
    assert {event.reason for event in canary.events} == {"Started", "BackOff"}


def test_a_healthy_pod_is_ready_and_never_restarted(cases: Path) -> None:
    (pod,) = sample_of(case_with(cases, "none")).canary.pods
    assert pod.ready
    assert [container.restarts for container in pod.containers] == [0]


def test_a_case_says_what_is_expected_and_why(cases: Path) -> None:
    read = [read_case(folder) for folder in case_folders(cases)]
    causes = {(case.fault, case.expected, case.cause) for case in read}
    assert causes == {
        ("none", "promote", ""),
        ("connection-refused", "rollback", "connection refused"),
        ("killed", "rollback", "crash"),
    }


def test_names_of_cases_tell_nothing(cases: Path) -> None:
    assert {folder.name.rpartition("-")[0] for folder in case_folders(cases)} == {"orders"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "could not be read"),
        ("{", "could not be read"),
        ("[]", "no JSON object"),
        ('{"expected": "maybe"}', "expected is 'maybe'"),
    ],
)
def test_a_malformed_case_is_named(content: str | None, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "orders-001"
    folder.mkdir()
    if content is not None:
        (folder / "case.json").write_text(content)
    with pytest.raises(CaseError, match=words) as error:
        read_case(folder)
    assert "orders-001" in str(error.value)


def test_a_case_with_nothing_to_judge_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "orders-001"
    folder.mkdir()
    (folder / "case.json").write_text("{}")
    with pytest.raises(CaseError, match="neither stable/ nor canary/"):
        check_form(folder)


@pytest.mark.parametrize("made", [True, False], ids=["empty", "missing"])
def test_a_folder_without_cases_is_named(*, made: bool, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    if made:
        folder.mkdir()
    with pytest.raises(CaseError, match=str(folder)):
        case_folders(folder)
