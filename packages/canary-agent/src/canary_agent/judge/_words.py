"""Findings in a few words, redacted: what a sentence may quote of a log."""

import re

from canary_agent.evidence import Finding, Kind
from canary_agent.evidence.parse import exception_type
from canary_verdict.redaction import redact

MAX_WHAT = 300
LOOK = "Look at the sample lines of the evidence, and at what the new version changed there."

_MAX_ERROR = 160
_MAX_PLACE = 100
# Where it happened, as stacks have it; the innermost frame is Python's last and everybody else's first.
_PYTHON_FRAME = re.compile(r'File "([^"\n]{1,200})", line (\d{1,7})')
_FRAMES = (
    re.compile(r"\bat [\w.$<>/ ]{1,200}\(([\w.$-]{1,100}\.(?:java|kt|scala|groovy|clj):\d{1,7})\)"),
    re.compile(r"\bin ([\w./\\ -]{1,200}\.(?:cs|vb|fs)):line \d{1,7}"),
    re.compile(r"((?:/[\w.@-]{1,100}){1,20}\.(?:go|rs|rb|js|mjs|cjs|ts|php|ex|exs|c|cc|cpp|py):\d{1,7})"),
    re.compile(r"\b([\w/-]{1,100}\.(?:go|rs|rb|js|ts|php|ex|exs|c|cc|cpp|py):\d{1,7})\b"),
)  # fmt: skip


def words(finding: Finding) -> str:
    """The finding with its figures."""
    what = redact(finding.what, MAX_WHAT)
    if finding.kind is Kind.TAIL:
        return f"{what}: 90th percentile {finding.canary:.3g} s against {finding.stable:.3g} s"
    if finding.kind is Kind.LATENCY:
        return f"{what}: median {finding.canary:.3g} s against {finding.stable:.3g} s"
    ratio = f", {finding.ratio:.3g} times stable's rate" if finding.ratio is not None else ""
    return f"{what} ({finding.canary:g} on the canary, {finding.stable:g} on stable{ratio})"


def error_words(sample: str) -> str:
    r"""The exception that a sample names, with its message and its place; empty for none.

    >>> error_words("12:00 ERROR failed\nshop.Boom: no\n\tat a.B.c(B.java:7)")
    ''
    >>> error_words("12:00 ERROR failed\nshop.BoomError: no\n\tat a.B.c(B.java:7)")
    'shop.BoomError: no, at B.java:7'
    """
    lines = sample.split("\n")
    kind = exception_type(lines, lines[-1])
    if not kind:
        return ""
    line = next((line for line in reversed(lines) if kind in line), kind)
    said = redact(line[line.index(kind) :], _MAX_ERROR)
    place = _place(sample)
    return f"{said}, at {redact(place, _MAX_PLACE)}" if place else said


def _place(sample: str) -> str:
    python = _PYTHON_FRAME.findall(sample)
    if python:
        return ":".join(python[-1])
    found = (match[1] for frame in _FRAMES if (match := frame.search(sample)))
    return next(found, "")
