"""What verdicts come to, in numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._cases import Case
from ._faults import names_cause
from ._statistics import Bin, Share, calibration


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case and what was said of it."""

    case: Case
    verdict: str
    confidence: float = 0.0
    root_cause: str = ""
    seconds: float = 0.0
    error: str = ""

    @property
    def right(self) -> bool:
        """Whether a verdict that decides decided well; inconclusive is right for a doubtful canary only."""
        if self.case.expected == "not-promote":
            return self.verdict in {"rollback", "inconclusive"}
        return self.verdict == self.case.expected


@dataclass(frozen=True, slots=True)
class Rates:
    """The figures by which a way of judging is known."""

    healthy_rolled_back: Share
    faulty_promoted: Share
    healthy_inconclusive: Share
    faulty_inconclusive: Share
    evident_promoted: Share
    cause_named: Share

    def to_json(self) -> dict[str, Any]:
        """All figures with their intervals."""
        return {
            "healthyRolledBack": self.healthy_rolled_back.to_json(),
            "faultyPromoted": self.faulty_promoted.to_json(),
            "healthyInconclusive": self.healthy_inconclusive.to_json(),
            "faultyInconclusive": self.faulty_inconclusive.to_json(),
            "evidentPromoted": self.evident_promoted.to_json(),
            "causeNamed": self.cause_named.to_json(),
        }


def rates_of(outcomes: Sequence[Outcome]) -> Rates:
    """The figures of a set; cases that ended in an error count as neither promoted nor rolled back."""
    healthy = [one for one in outcomes if one.case.healthy]
    faulty = [one for one in outcomes if not one.case.healthy]
    named = [one for one in faulty if one.verdict == "rollback" and one.case.cause]
    return Rates(
        healthy_rolled_back=_share(healthy, lambda one: one.verdict == "rollback"),
        faulty_promoted=_share(faulty, lambda one: one.verdict == "promote"),
        healthy_inconclusive=_share(healthy, lambda one: one.verdict == "inconclusive"),
        faulty_inconclusive=_share(faulty, lambda one: one.verdict == "inconclusive"),
        evident_promoted=_share(
            [one for one in faulty if one.case.evident], lambda one: one.verdict == "promote"
        ),
        cause_named=_share(named, lambda one: names_cause(one.root_cause, one.case.cause)),
    )


def _share(outcomes: Sequence[Outcome], hit: Callable[[Outcome], bool]) -> Share:
    return Share(sum(map(hit, outcomes)), len(outcomes))


def grouped(
    outcomes: Sequence[Outcome], key: Callable[[Case], str]
) -> Mapping[str, Sequence[Outcome]]:
    """Outcomes by what `key` says of their case, in order of it."""
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(key(one.case), []).append(one)
    return dict(sorted(groups.items()))


def calibration_of(outcomes: Sequence[Outcome]) -> Mapping[str, Sequence[Bin]]:
    """How often verdicts were right, by confidence; for promote and rollback each."""
    return {
        verdict: calibration(
            (one.confidence, one.right) for one in outcomes if one.verdict == verdict
        )
        for verdict in ("promote", "rollback")
    }


def wrong(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Cases to look at: errors, healthy canaries rolled back, faulty ones promoted, causes misnamed."""

    def is_wrong(one: Outcome) -> bool:
        if one.case.healthy:
            return one.verdict != "promote"
        if one.verdict == "rollback":
            return bool(one.case.cause) and not names_cause(one.root_cause, one.case.cause)
        return one.verdict in {"promote", "error"} or one.case.expected == "rollback"

    return [one for one in outcomes if is_wrong(one)]


def report_json(
    outcomes: Sequence[Outcome], rules: Mapping[str, Sequence[Outcome]]
) -> dict[str, Any]:
    """The whole report as a document."""
    return {
        "cases": len(outcomes),
        "healthy": sum(one.case.healthy for one in outcomes),
        "errors": [
            {"name": one.case.name, "error": one.error}
            for one in outcomes
            if one.verdict == "error"
        ],
        "engine": rates_of(outcomes).to_json(),
        "rules": {name: rates_of(said).to_json() for name, said in rules.items()},
        "calibration": {
            verdict: [
                {
                    "from": one.low,
                    "to": one.high,
                    "claimed": round(one.claimed, 1),
                    "right": one.right.to_json(),
                }
                for one in bins
            ]
            for verdict, bins in calibration_of(outcomes).items()
        },
        "bySource": {
            key: rates_of(some).to_json() for key, some in grouped(outcomes, by_source).items()
        },
        "byFault": {
            key: rates_of(some).to_json() for key, some in grouped(outcomes, by_fault).items()
        },
        "byShare": {
            key: rates_of(some).to_json() for key, some in grouped(outcomes, by_share).items()
        },
        "wrong": [_wrong_json(one) for one in wrong(outcomes)],
    }


def by_source(case: Case) -> str:
    """The program whose logs they are."""
    return case.source or "unknown"


def by_fault(case: Case) -> str:
    """The kind of fault."""
    return case.fault or "none"


def by_share(case: Case) -> str:
    """The canary's share of the traffic, padded so that it sorts."""
    return "unknown" if case.share is None else f"{case.share:5g} %"


def _wrong_json(one: Outcome) -> dict[str, Any]:
    return {
        "name": one.case.name,
        "expected": one.case.expected,
        "verdict": one.verdict,
        "confidence": one.confidence,
        "fault": one.case.fault,
        "cause": one.case.cause,
        "rootCause": one.root_cause,
    }
