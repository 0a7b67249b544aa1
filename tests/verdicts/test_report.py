from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.verdicts._cases import Case
from bench.verdicts._faults import CAUSES, FAULTS, names_cause
from bench.verdicts._markdown import markdown, replace_figures
from bench.verdicts._picture import calibration_picture
from bench.verdicts._report import Outcome, rates_of, report_json, wrong
from bench.verdicts._statistics import Share, calibration

HEALTHY = Case("a-1", "promote", "none", "a", 20.0)
EVIDENT = Case("a-2", "rollback", "dns", "a", 1.0, "name resolution", evident=True)
DOUBTFUL = Case("b-1", "not-promote", "timeout", "b", 5.0, "timeout")


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 100, 0.0, 0.03699), (5, 100, 0.02154, 0.11175), (50, 50, 0.92865, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    share = Share(hits, of)
    assert share.low == pytest.approx(low, abs=1e-5)
    assert share.high == pytest.approx(high, abs=1e-5)


def test_rates_count_what_their_names_say() -> None:
    outcomes = [
        Outcome(HEALTHY, "promote", 99.0),
        Outcome(HEALTHY, "rollback", 99.0),
        Outcome(HEALTHY, "inconclusive"),
        Outcome(HEALTHY, "error"),
        Outcome(EVIDENT, "promote", 64.0),
        Outcome(EVIDENT, "rollback", 99.0, "A host name cannot be resolved: db."),
        Outcome(EVIDENT, "rollback", 99.0, "The canary is slower than stable."),
        Outcome(DOUBTFUL, "inconclusive"),
    ]
    rates = rates_of(outcomes)
    assert rates.healthy_rolled_back == Share(1, 4)
    assert rates.healthy_inconclusive == Share(1, 4)
    assert rates.faulty_promoted == Share(1, 4)
    assert rates.faulty_inconclusive == Share(1, 4)
    assert rates.evident_promoted == Share(1, 3)
    assert rates.cause_named == Share(1, 2)


@pytest.mark.parametrize(
    ("case", "verdict", "right"),
    [
        (HEALTHY, "promote", True),
        (HEALTHY, "rollback", False),
        (EVIDENT, "inconclusive", False),
        (DOUBTFUL, "inconclusive", True),
        (DOUBTFUL, "rollback", True),
        (DOUBTFUL, "promote", False),
    ],
)
def test_what_counts_as_right(*, case: Case, verdict: str, right: bool) -> None:
    assert Outcome(case, verdict).right is right


def test_calibration_puts_every_verdict_into_one_bin() -> None:
    bins = calibration([(0.0, True), (64.0, False), (95.0, True), (98.0, False), (100.0, True)])
    assert [(one.low, one.high, one.right) for one in bins] == [
        (0.0, 50.0, Share(1, 1)),
        (50.0, 70.0, Share(0, 1)),
        (95.0, 99.0, Share(1, 2)),
        (99.0, 100.0, Share(1, 1)),
    ]
    assert bins[2].claimed == 96.5


def test_the_picture_has_a_point_and_a_bar_for_every_bin() -> None:
    bins = calibration([(64.0, False), (95.0, True), (98.0, False), (100.0, True)])
    picture = calibration_picture({"promote": bins, "rollback": bins[:1]})
    drawn = [element.tag.rpartition("}")[2] for element in ET.fromstring(picture)]
    assert drawn.count("circle") == len(bins) + 1 + 2  # two in the legend
    assert drawn.count("line") == len(bins) + 1 + 1  # one of them where both are equal


def test_the_report_shows_targets_rules_groups_and_cases_to_look_at() -> None:
    outcomes = [
        Outcome(HEALTHY, "rollback", 99.0, "a | b\nc"),
        Outcome(EVIDENT, "error", error="x"),
    ]
    rules = {"any error line": [Outcome(HEALTHY, "promote"), Outcome(EVIDENT, "rollback")]}
    text = markdown(outcomes, rules, "Trial")
    for words in (
        "## Trial",
        "| healthy rolled back | 100.0 % (1 of 1; 20.7 to 100.0) | at most 1 % |",
        "| any error line | 0.0 % (0 of 1",
        "| 20 % | 1 |",
        "| a-1 | none | 20 % | promote | rollback | 99 | a \\| b c |",
    ):
        assert words in text
    document = report_json(outcomes, rules)
    assert document["errors"] == [{"name": "a-2", "error": "x"}]
    assert [one.case.name for one in wrong(outcomes)] == ["a-1", "a-2"]


def test_figures_are_replaced_and_the_words_above_them_kept(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.md"
    replace_figures(path, "old figures")
    path.write_text("# Verdicts\n\n" + path.read_text())
    replace_figures(path, "new figures")
    text = path.read_text()
    assert text.startswith("# Verdicts\n")
    assert text.endswith("new figures")
    assert "old figures" not in text


def test_every_fault_has_a_cause_that_can_be_named() -> None:
    assert len(FAULTS) >= 20
    assert {fault.cause for fault in FAULTS.values()} <= CAUSES.keys()
    assert names_cause("No space left on the disk.", "disk full")
    assert not names_cause("The canary is slower than stable.", "disk full")
    assert not names_cause("The strongest evidence: no space left on device.", "disk full")
    assert names_cause("it is Solar Flare", "solar flare")
