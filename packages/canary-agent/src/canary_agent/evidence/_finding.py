"""What the tests found, before anyone has judged it."""

from dataclasses import dataclass
from enum import StrEnum

from canary_agent.collect import Gap, TrafficShare
from canary_verdict import Timeline

from ._table import SampleLine


class Kind(StrEnum):
    """Which test or rule speaks."""

    HARD = "hard"
    STATE = "state"
    SEVERITY = "severity"
    STATUS = "status"
    RATE = "rate"
    NOVELTY = "novelty"
    LATENCY = "latency"
    TAIL = "tail"
    VANISHED = "vanished"
    SURGED = "surged"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation.

    Attributes:
        name: of hard evidence and states, by which a policy may waive it; otherwise what was counted.
        what: one sentence.
        stable: occurrences on stable; the median, or 90th percentile,
            in seconds where durations are compared.
        canary: the same on the canary.
        stable_rate: occurrences per 1,000 comparable records of stable, see `_exposure`; None where
            nothing is counted.
        canary_rate: the same of the canary.
        ratio: the canary's rate, or median, over stable's; None when stable has none.
        p: the test's p-value; None for hard evidence and states, which are no tests.
        q: after the false-discovery control.
        familywise_p: p corrected for looking at many things of its kind, see `_control.controlled`.
        burst_p: p where bursts are allowed for, see `_bursts`; None where times tell nothing of them.
        effect: A of the Mann-Whitney test.
        values: durations that the canary has for it.
        expected: how many such new types stable's own rare types lead to expect.
        is_error: ERROR or worse, not a warning.
        is_defect: an error that only a mistake in the code makes, see `_defects`.
    """

    kind: Kind
    name: str
    what: str
    stable: float = 0.0
    canary: float = 0.0
    ratio: float | None = None
    p: float | None = None
    q: float | None = None
    familywise_p: float | None = None
    burst_p: float | None = None
    effect: float | None = None
    values: int | None = None
    expected: float | None = None
    is_error: bool = False
    is_defect: bool = False
    stable_sample: SampleLine | None = None
    canary_sample: SampleLine | None = None
    stable_rate: float | None = None
    canary_rate: float | None = None


@dataclass(frozen=True, slots=True)
class SideSummary:
    """How much of one side was seen.

    `usual_lines` are the records below ERROR: an error is no proof of work done. `seconds` is the time
    that the logs span, None when their lines carry none.
    """

    pods: int
    containers: int
    lines: int
    usual_lines: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Findings:
    """The whole evidence of one analysis: findings in no particular order, and what was looked at.

    `news` are lines that only the canary writes, the gravest first; `usual` are templates that the baseline
    excuses, see `_usual`.
    """

    items: tuple[Finding, ...]
    stable: SideSummary
    canary: SideSummary
    canary_share: float | None
    gaps: tuple[Gap, ...] = ()
    truncated: bool = False
    accepted: tuple[str, ...] = ()
    news: tuple[SampleLine, ...] = ()
    traffic: TrafficShare | None = None
    timeline: Timeline | None = None
    usual: tuple[str, ...] = ()
