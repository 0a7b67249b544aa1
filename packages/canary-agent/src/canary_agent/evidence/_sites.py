r"""Does the canary no longer write what it should, or write it far too often? Call sites below WARN.

Faults mostly remove lines: what comes after the failure is not reached. With `share` the canary's part of
the work, s lines of a call site on stable lead to expect

    e = s * share / (1 - share)

on the canary. One with e of 8 or more that shows up less than a fifth as often has vanished; one that is
three times as frequent, 8 lines at least, has surged. p is the conditional binomial's lower or upper tail,

    P(X <= c) or P(X >= c),  X ~ Binomial(s + c, share)

A fifth, since some lines (probes, timers) go with time and pods, not with requests: a canary that has more of
the traffic than of the pods writes those less often. For the same reason a surge is told and stops nothing. A site
that only was reworded has not vanished: the canary then has a new one with mostly the same words, about as often.

Source: as for `_rate`; the bounds are from trying it on logs of twelve systems (design/evidence.md).

Worked example: stable stored 950 orders, the canary with 5 % of the work none where 50 were to be expected.

>>> p = vanished_p(950, 0, 0.05)
>>> p < 1e-20, vanished_p(950, 45, 0.05) > 0.2
(True, True)
"""

import re
from collections.abc import Iterator, Mapping

from scipy.special import betainc

from ._finding import Finding, Kind
from ._table import TemplateCount
from .parse import Severity

Counts = Mapping[tuple[str, Severity], TemplateCount]

LEAST_EXPECTED = 8.0
FEWER, MORE = 5.0, 3.0
_ALIKE = 0.5
_REFUSED = 4
_WORD = re.compile(r"[^\W\d_]{2,}")


def vanished_p(stable: int, canary: int, share: float) -> float:
    """The chance of so few lines on the canary, 0 to 1, for counts of both sides, stable's not 0."""
    return float(betainc(stable, canary + 1, 1 - share))


def surged_p(stable: int, canary: int, share: float) -> float:
    """The chance of so many lines on the canary, 0 to 1, for counts of both sides, the canary's not 0."""
    return float(betainc(canary, stable + 1, share))


def site_findings(stable: Counts, canary: Counts, share: float) -> Iterator[Finding]:
    """One for each call site below WARN that has vanished or surged.

    Args:
        stable: its templates' counts.
        canary: the same of the canary.
        share: the canary's part of the work, between 0 and 1, both excluded.
    """
    usual = {key: one for key, one in stable.items() if _is_usual(one)}
    new = [one for key, one in canary.items() if key[1] < Severity.WARN and key not in stable]
    for key, was in sorted(usual.items()):
        now = canary.get(key)
        count = now.count if now else 0
        expected = _expected(was.count, share)
        if expected >= LEAST_EXPECTED and FEWER * count <= expected:
            if not _reworded(was, expected, new):
                p = vanished_p(was.count, count, share)
                yield _finding(Kind.VANISHED, was, now, count / expected, p)
        elif now and count >= max(LEAST_EXPECTED, MORE * expected):
            p = surged_p(was.count, count, share)
            yield _finding(Kind.SURGED, was, now, count / expected, p)


def _is_usual(counted: TemplateCount) -> bool:
    # Fewer refusals than before (HTTP 4xx) are no loss.
    return counted.template.severity < Severity.WARN and counted.template.status < _REFUSED


def _expected(stable: int, share: float) -> float:
    return stable * share / (1 - share)


def _reworded(was: TemplateCount, expected: float, new: list[TemplateCount]) -> bool:
    words = _words(was)
    return any(
        one.count * MORE >= expected
        and len(words & _words(one)) >= _ALIKE * len(words | _words(one))
        for one in new
    )


def _words(counted: TemplateCount) -> set[str]:
    return set(_WORD.findall(counted.template.site.lower()))


def _finding(
    kind: Kind, was: TemplateCount, now: TemplateCount | None, ratio: float, p: float
) -> Finding:
    verb = (
        "no longer, or hardly ever, written" if kind is Kind.VANISHED else "written far more often"
    )
    return Finding(
        kind=kind,
        name=was.template.text,
        what=f"{verb}: {was.template.text}",
        stable=was.count,
        canary=now.count if now else 0,
        ratio=ratio,
        p=p,
        stable_sample=was.sample,
        canary_sample=now.sample if now else None,
    )
