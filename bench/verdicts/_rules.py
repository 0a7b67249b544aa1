"""Five simple rules that people use instead of an engine, for comparison.

They read the same logs, line by line: a level by its word, a template by masking all that has a digit.
Each says rollback or promote, nothing between.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scipy.stats import binomtest, false_discovery_control

_LEVEL = re.compile(
    r"\b(?:(FATAL|PANIC|CRITICAL|CRIT|ERROR|ERR|SEVERE|EMERG|ALERT)|(WARN|WARNING))\b"
    r"|\b(?:level|severity)\W{1,3}(?:(fatal|panic|critical|error|50|60)|(warn|warning|40))\b"
    r"|\[(?:\w+:)?(?:(emerg|alert|crit|error)|(warn))\]"
    r"|^(?:([EF])|(W))\d{4} "
    r"|(Traceback|\bException\b|\b\w+Error:|^panic:)"
)
_VARIABLE = re.compile(r"\S*\d\S*")
_MAX_LINE = 2000
_Q = 0.05
_RATIO = 2.0


@dataclass(slots=True)
class Counted:
    """One side's lines: by template, and how many are errors or warnings."""

    lines: int = 0
    templates: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    bad: set[str] = field(default_factory=set)
    """Templates of warnings and errors."""


def count(folder: Path) -> Counted:
    """Counts all logs of one side, `<pod>/<container>.log` below `folder`."""
    counted = Counted()
    for line in _lines(sorted(folder.glob("*/*.log"))):
        severity = _severity(line)
        template = _VARIABLE.sub("#", line)
        counted.lines += 1
        counted.templates[template] += 1
        counted.errors += severity == "error"
        if severity:
            counted.bad.add(template)
    return counted


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if text := line.strip():
                    yield text[:_MAX_LINE]


def _severity(line: str) -> str:
    match = _LEVEL.search(line)
    if match is None:
        return ""
    return "warning" if match[2] or match[4] or match[6] or match[8] else "error"


Rule = Callable[[Counted, Counted], bool]
"""Given stable and canary, whether to roll back."""


def any_error(stable: Counted, canary: Counted) -> bool:
    """Any error line in the canary."""
    del stable
    return canary.errors > 0


def error_rate(stable: Counted, canary: Counted) -> bool:
    """A larger part of the canary's lines are errors than of stable's."""
    return canary.errors * stable.lines > stable.errors * canary.lines


def any_new_template(stable: Counted, canary: Counted) -> bool:
    """Any line of the canary whose like stable has not written."""
    return any(template not in stable.templates for template in canary.templates)


def rates(stable: Counted, canary: Counted) -> bool:
    """Binomial tests of each warning's and error's rate, with false-discovery control at 0.05."""
    lines = stable.lines + canary.lines
    if not lines or not canary.lines:
        return False
    share = canary.lines / lines
    worse = []
    for template in sorted(stable.bad | canary.bad):
        ours, theirs = canary.templates[template], stable.templates[template]
        if ours * stable.lines >= _RATIO * theirs * canary.lines:
            worse.append(binomtest(ours, ours + theirs, share, alternative="greater").pvalue)
        else:
            worse.append(1.0)
    return bool(worse) and min(false_discovery_control(worse)) < _Q


def new_error_or_rates(stable: Counted, canary: Counted) -> bool:
    """A warning or error that stable has not written, or `rates`."""
    return bool(canary.bad - stable.templates.keys()) or rates(stable, canary)


RULES: dict[str, Rule] = {
    "any error line": any_error,
    "error rate above stable's": error_rate,
    "any new template": any_new_template,
    "rates alone": rates,
    "new error or rates": new_error_or_rates,
}
"""By the name that reports give them."""


def verdicts_of_rules(folder: Path) -> dict[str, str]:
    """What each rule says of one case: `rollback` or `promote`."""
    stable, canary = count(folder / "stable"), count(folder / "canary")
    return {name: "rollback" if rule(stable, canary) else "promote" for name, rule in RULES.items()}
