"""What lies in the repository: enough programs and faults, small files, nothing unknown."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bench.verdicts._faults import FAULTS
from bench.verdicts._recordings import DEVELOPMENT, PARTS, RECORDINGS, programs_of, read_rounds

ARCHIVES = sorted(RECORDINGS.glob("*/round-*.tar.xz"))


def facts_of(path: Path) -> dict[str, Any]:
    """The head of an archive, without unpacking the rest."""
    with tarfile.open(path, "r:xz") as archive:
        head = archive.next()
        assert head is not None
        assert head.name == "round.json"
        content = archive.extractfile(head)
        assert content is not None
        document: dict[str, Any] = json.loads(content.read())
        return document


def test_parts_share_no_program_and_have_all_recordings() -> None:
    programs = [program for part in PARTS for program in programs_of(part)]
    assert len(programs) == len(set(programs))
    assert {path.parent.name for path in ARCHIVES} == set(programs)
    assert set(programs_of("development")) == DEVELOPMENT


def test_a_program_that_nobody_has_tuned_to_is_for_the_test(tmp_path: Path) -> None:
    for program in ("shop", "unheard-of"):
        (tmp_path / program).mkdir()
        (tmp_path / program / "round-01.tar.xz").touch()
    assert programs_of("development", tmp_path) == ["shop"]
    assert programs_of("test", tmp_path) == ["unheard-of"]


def test_recordings_are_small() -> None:
    sizes = [path.stat().st_size for path in ARCHIVES]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 20_000_000


def test_at_least_twenty_kinds_of_fault_are_recorded_and_all_are_known() -> None:
    faults = {pod["fault"] for path in ARCHIVES for pod in facts_of(path)["pods"] if pod["fault"]}
    assert len(faults) >= 20
    assert faults <= FAULTS.keys()


@pytest.mark.parametrize("part", PARTS)
def test_both_parts_have_healthy_and_faulty_canaries_of_every_program(part: str) -> None:
    for program in programs_of(part):
        pods = [
            pod
            for path in sorted((RECORDINGS / program).glob("round-*"))
            for pod in facts_of(path)["pods"]
        ]
        assert {bool(pod["fault"]) for pod in pods if pod["level"] != "stable"} == {True, False}


def test_a_round_has_the_log_of_every_pod() -> None:
    (first, *_) = read_rounds("shop")
    assert {f"{pod.name}.log" for pod in first.pods} <= first.logs.keys()


def test_a_program_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no recordings of shop"):
        read_rounds("shop", tmp_path)
