"""The table, what is expected, and the exit code."""

import io
import json

import pytest
from canary_demo.console import Console
from canary_demo.report import DEAD_AGENT, NO_ANSWER, Row, evidence_lines, exit_code, table


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setenv("COLUMNS", "80")
    return Console(io.StringIO(), {})


@pytest.mark.parametrize(
    ("canary", "phase", "right"),
    [
        ("healthy", "Successful", True),
        ("healthy", "Failed", False),
        ("healthy", "Inconclusive", False),
        ("slow", "Failed", True),
        ("slow", "Successful", False),
        ("slow", "Error", False),
        (DEAD_AGENT, "Error", True),
        (DEAD_AGENT, "Successful", False),
        (DEAD_AGENT, NO_ANSWER, False),
    ],
)
def test_each_canary_has_one_right_phase(canary: str, phase: str, *, right: bool) -> None:
    row = Row(canary, phase, root_cause="Kubernetes Agent health check failed: refused")
    assert row.as_expected is right
    assert exit_code([row]) == (0 if right else 1)


def test_a_dead_agent_has_to_be_what_the_error_is_about() -> None:
    assert not Row(DEAD_AGENT, "Error", root_cause="Run rpc call error: plugin gone").as_expected


def test_one_wrong_row_or_none_at_all_is_a_failure() -> None:
    good = Row("healthy", "Successful")
    assert exit_code([good, Row("slow", "Failed")]) == 0
    assert exit_code([good, Row("slow", "Inconclusive")]) == 1
    assert exit_code([]) == 1


def test_the_table_fits_and_says_what_was_wrong(console: Console) -> None:
    rows = [
        Row("healthy", "Successful", "97", "", 1.24),
        Row("slow", "Inconclusive", "40", "long " * 40, 3),
        Row(DEAD_AGENT, "Error", "", "\x1b[2Jhealth check failed", 0.04),
    ]
    lines = table(rows, console)
    assert max(len(line) for line in lines) <= 80
    assert lines[1].split() == ["healthy", "Successful", "97", "-", "1.2", "yes"]
    assert lines[2].endswith("3.0  NO: Failed")
    assert [line.split() for line in lines[3:5]] == [["long"] * 4, ["long"] * 3 + ["long…"]]
    assert "\\x1b[2Jhealth" in lines[5]


def test_evidence_shows_counts_and_a_harmless_sample(console: Console) -> None:
    item = {
        "what": "new error",
        "strength": "significant",
        "stable": 0,
        "canary": 12,
        "p": 1.5e-7,
        "canarySample": {"line": "ERROR \x1b[2J boom", "pod": "p", "container": "c"},
    }
    row = Row("injection", "Failed", evidence=json.dumps([item] * 9))
    lines = evidence_lines(row, console)
    assert lines[:2] == [
        "  significant, stable 0, canary 12, p 1.5e-07: new error",
        "    canary's log: ERROR \\x1b[2J boom",
    ]
    assert len(lines) == 6


@pytest.mark.parametrize("evidence", ["", "null", "{}", "[1]", "no json"])
def test_evidence_of_another_form_breaks_nothing(console: Console, evidence: str) -> None:
    assert len(evidence_lines(Row("slow", "Failed", evidence=evidence), console)) <= 1
