import ast
import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

import rollouts_plugin_metric_ai
from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Metric
from canary_verdict import CanaryVerdict, Verdict
from rollouts_plugin_metric_ai.mapping import (
    Frame,
    concluded,
    condition_result,
    failed_to_measure,
    inconclusive,
    phase_of,
    still_running,
    value_of,
    worst,
)

BEGAN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 31, 12, 1, tzinfo=UTC)
FRAME = Frame(BEGAN, NOW, {"taskId": "t-1"})

SUCCESSFUL, FAILED = AnalysisPhase.SUCCESSFUL, AnalysisPhase.FAILED
INCONCLUSIVE, ERROR = AnalysisPhase.INCONCLUSIVE, AnalysisPhase.ERROR


def verdict(kind: Verdict = Verdict.PROMOTE, confidence: float = 90) -> CanaryVerdict:
    return CanaryVerdict("u-1", kind, confidence, root_cause="all quiet")


@pytest.mark.parametrize(
    ("kind", "confidence", "phase", "value"),
    [
        (Verdict.PROMOTE, 90, SUCCESSFUL, "0.9"),
        (Verdict.PROMOTE, 50, SUCCESSFUL, "0.5"),
        (Verdict.PROMOTE, 49.9, INCONCLUSIVE, "0.499"),
        (Verdict.ROLLBACK, 99, FAILED, "0"),
        (Verdict.ROLLBACK, 1, FAILED, "0"),
        (Verdict.INCONCLUSIVE, 99, INCONCLUSIVE, ""),
    ],
)
def test_the_verdict_gives_phase_and_value(
    kind: Verdict, confidence: float, phase: AnalysisPhase, value: str
) -> None:
    measurement = concluded(verdict(kind, confidence), Metric(), 50, FRAME)
    assert measurement.phase is phase
    assert measurement.value == value
    assert measurement.started_at == BEGAN
    assert measurement.finished_at == NOW
    assert measurement.metadata["taskId"] == "t-1"
    assert measurement.metadata["verdict"] == kind.value
    assert measurement.message.startswith(kind.value)


CONDITIONS = {
    "true": SUCCESSFUL,
    "false": FAILED,
    "result.confidence >= 95": FAILED,
    'result.verdict == "promote" && result.promote && result.value > 0.5': SUCCESSFUL,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_success_condition_can_tighten(condition: str) -> None:
    measurement = concluded(verdict(), Metric(success_condition=condition), 50, FRAME)
    assert measurement.phase is CONDITIONS[condition]


@pytest.mark.parametrize(
    ("success", "failure", "phase"),
    [
        ("result.confidence > 95", "result.confidence < 80", INCONCLUSIVE),
        ("", "result.confidence < 95", FAILED),
        ("", "result.confidence < 80", SUCCESSFUL),
        ("true", "true", FAILED),
    ],
)
def test_both_conditions_mean_what_they_mean_for_built_in_providers(
    success: str, failure: str, phase: AnalysisPhase
) -> None:
    metric = Metric(success_condition=success, failure_condition=failure)
    assert concluded(verdict(), metric, 50, FRAME).phase is phase


@pytest.mark.parametrize("success", ["", "true", "result.promote || true", "result.value ?? 1 > 0"])
@pytest.mark.parametrize("failure", ["", "false"])
@pytest.mark.parametrize("kind", [Verdict.ROLLBACK, Verdict.INCONCLUSIVE])
def test_no_condition_loosens_a_verdict(kind: Verdict, success: str, failure: str) -> None:
    metric = Metric(success_condition=success, failure_condition=failure)
    measurement = concluded(verdict(kind), metric, 50, FRAME)
    assert measurement.phase is not SUCCESSFUL
    if kind is Verdict.ROLLBACK:
        assert measurement.phase is FAILED


@pytest.mark.parametrize("condition", ["result.nothing.more > 1", "1 +", "system('x')", "'text'"])
def test_a_condition_that_cannot_be_evaluated_is_an_error_but_a_rollback_stays_failed(
    condition: str,
) -> None:
    metric = Metric(success_condition=condition)
    good = concluded(verdict(), metric, 50, FRAME)
    assert good.phase is ERROR
    assert "condition cannot be evaluated" in good.message
    assert concluded(verdict(Verdict.ROLLBACK), metric, 50, FRAME).phase is FAILED


def test_the_worse_of_two_phases_counts_and_strangers_are_errors() -> None:
    order = (SUCCESSFUL, INCONCLUSIVE, FAILED)
    for one, other in itertools.product(order, order):
        assert worst(one, other) is order[max(order.index(one), order.index(other))]
    assert worst(SUCCESSFUL, ERROR) is ERROR
    assert worst(AnalysisPhase.RUNNING, SUCCESSFUL) is ERROR


def test_an_inconclusive_verdict_has_no_value_in_conditions() -> None:
    result = condition_result(verdict(Verdict.INCONCLUSIVE))
    assert result == {
        "verdict": "inconclusive",
        "promote": False,
        "confidence": 90,
        "value": None,
    }


def test_what_has_no_verdict_is_never_successful() -> None:
    assert inconclusive("why", FRAME).phase is INCONCLUSIVE
    assert failed_to_measure("why", FRAME).phase is ERROR
    running = still_running(FRAME, NOW)
    assert running.phase is AnalysisPhase.RUNNING
    assert running.finished_at is None
    assert running.resume_at == NOW
    assert phase_of(verdict(confidence=0), 0.1) is INCONCLUSIVE
    assert value_of(verdict(Verdict.ROLLBACK)) == "0"


def test_one_function_alone_names_the_successful_phase() -> None:
    """The project's first rule, kept by reading the source: only `phase_of` gives SUCCESSFUL."""
    package = Path(rollouts_plugin_metric_ai.__file__).parent
    places = []
    for path in package.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                places += [
                    f"{path.name}:{function.name}"
                    for node in ast.walk(function)
                    if (isinstance(node, ast.Attribute) and node.attr == "SUCCESSFUL")
                    or (isinstance(node, ast.Constant) and node.value == "Successful")
                ]
    assert places == ["mapping.py:phase_of"]
