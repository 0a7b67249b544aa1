"""Scores the agent on labelled cases, with pydantic-evals."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext

from canary_agent.analysis import Analysis
from canary_agent.collect import CollectError, FolderSource
from canary_agent.judging import OFFLINE
from canary_agent.models import Panel
from canary_verdict.redaction import visible

from ._columns import Outcome, dollars, lines, total

EXPECTED = ("promote", "rollback", "not-promote")
_AT_ONCE = 2
_MAX_CASE = 1 << 20
_MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class Scored:
    """One case: what is expected, what the evidence alone says, and the verdict with the models."""

    name: str
    expected: str
    alone: str
    outcome: Outcome
    fault: str = ""
    error: str = ""

    @property
    def right(self) -> bool:
        """Whether the verdict is what is expected."""
        return is_right(self.expected, self.outcome.verdict)

    @property
    def unsafe(self) -> bool:
        """Whether a faulty canary is promoted."""
        return self.expected != "promote" and self.outcome.verdict == "promote"


@dataclass(frozen=True, slots=True)
class Scores:
    """All cases in their order."""

    cases: Sequence[Scored]

    @property
    def summary(self) -> Mapping[str, Any]:
        """Numbers over all cases."""
        outcomes = [case.outcome for case in self.cases]
        healthy = [case for case in self.cases if case.expected == "promote"]
        return {
            "cases": len(self.cases),
            "right": sum(case.right for case in self.cases),
            "rightAlone": sum(is_right(case.expected, case.alone) for case in self.cases),
            "faultyPromoted": sum(case.unsafe for case in self.cases),
            "healthyRolledBack": sum(case.outcome.verdict == "rollback" for case in healthy),
            "errors": sum(bool(case.error) for case in self.cases),
            "tokensIn": sum(one.tokens_in for one in outcomes),
            "tokensOut": sum(one.tokens_out for one in outcomes),
            "costUsd": total([one.cost for one in outcomes]),
            "seconds": round(sum(one.seconds for one in outcomes), 3),
        }

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        cases = [asdict(case) | {"right": case.right} for case in self.cases]
        return {"cases": cases, "summary": dict(self.summary)}

    def table(self) -> str:
        """One line a case, and one on all."""
        head = (
            "case",
            "expected",
            "evidence",
            "verdict",
            "right",
            "tokens in/out",
            "cost",
            "seconds",
        )
        found = self.summary
        return (
            f"{lines(head, [cells(case) for case in self.cases])}\n"
            f"{found['right']} of {found['cases']} right ({found['rightAlone']} by evidence alone), "
            f"{found['faultyPromoted']} faulty promoted, {found['healthyRolledBack']} healthy rolled "
            f"back, {found['errors']} without a verdict; {found['tokensIn']} tokens in, "
            f"{found['tokensOut']} out, {dollars(found['costUsd'])}"
        )


def cells(case: Scored) -> tuple[str, ...]:
    """A case as a line of a table."""
    one = case.outcome
    verdict = f"error: {case.error}" if case.error else f"{one.verdict} {one.confidence:g}"
    tokens, right = f"{one.tokens_in}/{one.tokens_out}", "yes" if case.right else "NO"
    price, took = dollars(one.cost), f"{one.seconds:.1f}"
    return case.name, case.expected, case.alone, verdict, right, tokens, price, took


def is_right(expected: str, verdict: str) -> bool:
    """Whether a verdict is what a label asks for; `not-promote` asks for either of the two others."""
    if expected == "not-promote":
        return verdict in {"rollback", "inconclusive"}
    return verdict == expected


@dataclass
class _Right(Evaluator[Path, Scored, Any]):
    def evaluate(self, ctx: EvaluatorContext[Path, Scored, Any]) -> bool:
        return ctx.output.right


def evaluate(folder: Path, panel: Panel | None) -> Scores:
    """Judges every case of a folder.

    Raises:
        CollectError: there is no case in it.
    """
    found = sorted(path.parent for path in folder.glob("*/case.json")) if folder.is_dir() else []
    if not found:
        raise CollectError(f"found no case in {folder}; expected folders with a case.json each")
    dataset = Dataset(
        name="canaries",
        cases=[Case(name=path.name, inputs=path) for path in found],
        evaluators=[_Right()],
    )
    # Not evaluate_sync, which leaves its event loop open.
    report = asyncio.run(
        dataset.evaluate(
            lambda path: _scored(path, panel), max_concurrency=_AT_ONCE, progress=False
        )
    )
    by_name = {case.name: case.output for case in report.cases}
    return Scores([by_name[path.name] for path in found])


def _scored(folder: Path, panel: Panel | None) -> Scored:
    expected, fault = "", ""
    try:
        expected, fault = _label(folder)
        analysis = Analysis(OFFLINE, FolderSource(folder), lambda: False, panel=panel)
        analysis.look()
        alone = analysis.alone.value
        outcome = Outcome.of(analysis.conclude().to_json())
    except (CollectError, OSError, ValueError) as error:
        text = visible(str(error), _MAX_TEXT)
        return Scored(folder.name, expected, "error", Outcome("error"), fault, text)
    return Scored(folder.name, expected, alone, outcome, fault)


def _label(folder: Path) -> tuple[str, str]:
    with (folder / "case.json").open("rb") as file:
        document = json.loads(file.read(_MAX_CASE))
    expected = document.get("expected") if isinstance(document, dict) else None
    if expected not in EXPECTED:
        raise ValueError(
            f"case.json: expected is {expected!r}; it must be one of {', '.join(EXPECTED)}"
        )
    fault = document.get("fault")
    return str(expected), visible(fault, _MAX_TEXT) if isinstance(fault, str) else ""
