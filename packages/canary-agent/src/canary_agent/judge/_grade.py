"""How much one finding weighs: the thresholds, by sensitivity, and the rule for each kind."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from canary_agent.evidence import Finding, Kind


class Strength(StrEnum):
    """What a finding may do, the strongest first."""

    HARD = "hard"
    SIGNIFICANT = "significant"
    SUSPICIOUS = "suspicious"
    WAIVED = "waived"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a test's result acts.

    Attributes:
        q: below it a result is significant, given the sizes that follow.
        warning_q: the same for warnings and refusals (4xx), which clients cause, too: above it they only
            stop.
        ratio: the canary's rate over stable's, at least.
        occurrences: on the canary, at least: one line is never proof.
        latency_p, latency_effect, latency_ratio, latency_gap: for durations, all four; the gap in
            seconds between the medians: clocks and schedulers make less than that by themselves. A new
            canary is cold, too, while stable has warmed up: hence so small a p.
    """

    q: float = 0.05
    warning_q: float = 1e-5
    ratio: float = 2.0
    occurrences: int = 3
    latency_p: float = 1e-5
    latency_effect: float = 0.65
    latency_ratio: float = 1.5
    latency_gap: float = 0.005


BY_SENSITIVITY = {
    "low": Thresholds(
        q=0.01,
        warning_q=1e-6,
        ratio=3.0,
        occurrences=5,
        latency_p=1e-6,
        latency_ratio=2.0,
        latency_effect=0.7,
    ),
    "normal": Thresholds(),
    "high": Thresholds(
        q=0.1,
        warning_q=1e-3,
        ratio=1.5,
        occurrences=2,
        latency_p=0.001,
        latency_ratio=1.25,
        latency_effect=0.6,
        latency_gap=0.002,
    ),
}

# Suspicion does not change with sensitivity: an operator may ask for more proof before a rollback, but
# not for a promotion in doubt.
_SUSPICIOUS_P = 0.1
_SUSPICIOUS_RATIO = 2.0
_SUSPICIOUS_GAP = 0.001
_BURST_P = 0.05
_SITE_P = 0.01
_LEAST_VALUES = 10  # fewer may all be of one slow moment
_TAIL_P = 1e-4
_TAIL_GAP = 0.005
_NEW_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Graded:
    """A finding with its weight."""

    finding: Finding
    strength: Strength


def grade(
    findings: Iterable[Finding], thresholds: Thresholds, waived: Collection[str]
) -> list[Graded]:
    """All findings with their weights, the strongest first."""
    found = list(findings)
    new = {id(finding) for finding in _new_errors(found)}

    def strength(finding: Finding) -> Strength:
        by_itself = _strength(finding, thresholds, waived)
        in_doubt = by_itself is Strength.NOTE and id(finding) in new
        return Strength.SUSPICIOUS if in_doubt else by_itself

    return sorted((Graded(finding, strength(finding)) for finding in found), key=_order)


def _new_errors(findings: Sequence[Finding]) -> list[Finding]:
    """Error types that only the canary shows, where they come to three lines, or where one is a mistake in the code.

    None of them is promoted, whatever the tests say: with half of the traffic three new errors are no
    significant number, but still three new errors.
    """
    new = [one for one in findings if one.kind is Kind.NOVELTY]
    errors = [one for one in new if one.is_error]
    enough = sum(one.canary for one in errors) >= _NEW_ERRORS
    return [one for one in new if one.is_defect or (enough and one.is_error)]


def _strength(finding: Finding, thresholds: Thresholds, waived: Collection[str]) -> Strength:
    if finding.kind in {Kind.HARD, Kind.STATE}:
        if finding.name in waived:
            return Strength.WAIVED
        return Strength.HARD if finding.kind is Kind.HARD else Strength.SUSPICIOUS
    if finding.kind is Kind.LATENCY:
        return _latency_strength(finding, thresholds)
    if finding.kind is Kind.TAIL:
        return _tail_strength(finding)
    if finding.kind is Kind.SURGED:
        return Strength.NOTE
    if finding.kind is Kind.VANISHED:
        # Versions are made to write other lines than before: that stops a promotion, and proves nothing.
        return Strength.SUSPICIOUS if _below(finding.familywise_p, _SITE_P) else Strength.NOTE
    return _count_strength(finding, thresholds)


def _count_strength(finding: Finding, thresholds: Thresholds) -> Strength:
    ratio = inf if finding.ratio is None else finding.ratio
    if (
        _below(finding.q, thresholds.q)
        and ratio >= thresholds.ratio
        and finding.canary >= thresholds.occurrences
    ):
        # Of one burst nobody knows whether the next one comes on stable.
        in_one_burst = finding.burst_p is not None and finding.burst_p >= _BURST_P
        by_clients = not finding.is_error and not _below(finding.q, thresholds.warning_q)
        return Strength.SUSPICIOUS if in_one_burst or by_clients else Strength.SIGNIFICANT
    doubtful = _below(finding.familywise_p, _SUSPICIOUS_P) and ratio >= _SUSPICIOUS_RATIO
    return Strength.SUSPICIOUS if doubtful else Strength.NOTE


def _latency_strength(finding: Finding, thresholds: Thresholds) -> Strength:
    ratio, effect = finding.ratio or 0.0, finding.effect or 0.0
    if (
        _below(finding.p, thresholds.latency_p)
        and _below(finding.q, thresholds.q)
        and effect > thresholds.latency_effect
        and ratio > thresholds.latency_ratio
        and (finding.values or 0) >= _LEAST_VALUES
        and finding.canary - finding.stable >= thresholds.latency_gap
    ):
        return Strength.SIGNIFICANT
    doubtful = (
        _below(finding.familywise_p, _SUSPICIOUS_P)
        and ratio >= _SUSPICIOUS_RATIO
        and effect > thresholds.latency_effect
        and finding.canary - finding.stable >= _SUSPICIOUS_GAP
    )
    return Strength.SUSPICIOUS if doubtful else Strength.NOTE


def _tail_strength(finding: Finding) -> Strength:
    doubtful = (
        _below(finding.familywise_p, _TAIL_P)
        and (finding.ratio or 0.0) >= _SUSPICIOUS_RATIO
        and finding.canary - finding.stable >= _TAIL_GAP
    )
    return Strength.SUSPICIOUS if doubtful else Strength.NOTE


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _order(graded: Graded) -> tuple[object, ...]:
    finding = graded.finding
    # Among equals: a template says more than a class of lines, an error more than a warning.
    broad = finding.kind in {Kind.SEVERITY, Kind.STATUS, Kind.VANISHED, Kind.SURGED}
    return (
        list(Strength).index(graded.strength),
        finding.kind is not Kind.HARD or finding.name in {"Restarts", "NonZeroExit"},
        not finding.is_error,
        broad,
        finding.p if finding.p is not None else 0.0,
        -finding.canary,
        finding.kind,
        finding.name,
        finding.what,
    )
