import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.verdicts._pairs import choose_pairs
from bench.verdicts._recordings import RecordedPod, Round
from bench.verdicts._write import write_cases

MakePod = Callable[..., RecordedPod]
MakeRound = Callable[..., Round]


def written(one: Round, folder: Path, seed: int) -> dict[str, bytes]:
    write_cases(choose_pairs([one], 6, seed), folder, seed)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_seed_writes_the_same_bytes(mixed_round: Round, tmp_path: Path) -> None:
    first = written(mixed_round, tmp_path / "one", seed=3)
    assert written(mixed_round, tmp_path / "two", seed=3) == first
    assert written(mixed_round, tmp_path / "three", seed=4) != first


def test_cases_of_an_earlier_run_do_not_stay(mixed_round: Round, tmp_path: Path) -> None:
    (tmp_path / "cases" / "left-over").mkdir(parents=True)
    written(mixed_round, tmp_path / "cases", seed=1)
    assert not (tmp_path / "cases" / "left-over").exists()


def test_half_of_the_pairs_are_healthy_and_all_are_different(mixed_round: Round) -> None:
    pairs = choose_pairs([mixed_round], 6, seed=1)
    assert [pair.healthy for pair in pairs].count(True) == 3
    assert len({id(pair) for pair in pairs}) == 6


@pytest.mark.parametrize(
    ("level", "shares"), [("full", {20, 50}), ("fifth", {5, 20}), ("trickle", {1, 5})]
)
def test_shares_follow_from_the_traffic_that_was_recorded(
    level: str, shares: set[int], pod_of: MakePod, round_of: MakeRound
) -> None:
    one = round_of(pod_of(f"next.{level}-1", level))
    pairs = [pair for pair in choose_pairs([one], 99, seed=1) if pair.scenario == "next"]
    assert {pair.share for pair in pairs} == shares


@pytest.mark.parametrize(
    ("errors", "expected", "evident"),
    [(40, "rollback", True), (3, "rollback", True), (2, "not-promote", False)],
)
def test_three_new_error_lines_are_evident(
    *, errors: int, expected: str, evident: bool, pod_of: MakePod, round_of: MakeRound
) -> None:
    down = pod_of("down.full-1", "full", "connection-refused")
    one = round_of(down, errors={"down.full-1": errors})
    pairs = [pair for pair in choose_pairs([one], 99, seed=1) if pair.fault]
    assert {(pair.expected, pair.evident) for pair in pairs} == {(expected, evident)}


def test_errors_that_stable_has_too_are_not_evident(pod_of: MakePod, round_of: MakeRound) -> None:
    down = pod_of("down.full-1", "full", "connection-refused")
    errors = {"down.full-1": 9, **{f"stable-{n}": 9 for n in range(1, 5)}}
    pairs = choose_pairs([round_of(down, errors=errors)], 99, seed=1)
    assert {pair.expected for pair in pairs if pair.fault} == {"not-promote"}


def test_a_fault_that_nothing_came_near_makes_no_case(pod_of: MakePod, round_of: MakeRound) -> None:
    one = round_of(pod_of("down.full-1", "full", "connection-refused"))
    assert [pair for pair in choose_pairs([one], 99, seed=1) if pair.fault] == []


def test_a_silent_fault_needs_requests_that_meet_it(pod_of: MakePod, round_of: MakeRound) -> None:
    slow = pod_of("slow.full-1", "full", "slow-version", sign="")
    few = pod_of("few.full-1", "full", "slow-version", sign="", requests=5)
    pairs = choose_pairs([round_of(slow, few)], 99, seed=1)
    assert {pair.scenario for pair in pairs if pair.fault} == {"slow"}


def test_of_two_pods_one_may_be_bad(pod_of: MakePod, round_of: MakeRound) -> None:
    one = round_of(
        *(pod_of(f"next.twins-{n}", "twins") for n in (1, 2)),
        *(pod_of(f"down.twins-{n}", "twins", "connection-refused") for n in (1, 2)),
        errors={"down.twins-1": 9, "down.twins-2": 9},
    )
    faulty = [pair for pair in choose_pairs([one], 99, seed=1) if pair.fault]
    assert {sum(bool(pod.fault) for pod in pair.canary) for pair in faulty} == {1, 2}
    assert {len(pair.canary) for pair in faulty} == {2}


def test_a_crash_without_a_line_comes_with_pod_states(cases: Path) -> None:
    for path in cases.glob("*/case.json"):
        if json.loads(path.read_text())["fault"] == "killed":
            assert (path.parent / "kubernetes.json").exists()
