"""Crash signatures: what a program leaves behind when it dies of its own fault."""

import re
from collections.abc import Sequence

from ._mask import mask

_MAX_DETAIL = 160

# How a crash begins, at the start of the line or right after its level or time.
_HEADS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("go panic", re.compile(r"(?:^|: |\] )panic: (?P<detail>.{0,300})")),
    ("go fatal error", re.compile(r"^fatal error: (?P<detail>.{0,300})")),
    ("rust panic", re.compile(r"\bthread '[^']{0,80}'(?: \(\d{1,10}\))? panicked at (?P<detail>.{0,300})")),
    ("uncaught java exception", re.compile(r'Exception in thread "[^"]{0,200}" (?P<detail>[\w.$]{1,200})')),
    ("unhandled .NET exception", re.compile(r"^Unhandled [Ee]xception[.:] {1,4}(?P<detail>[\w.]{1,200})")),
    ("uncaught exception", re.compile(r"(?i)^(?:\W{0,4}uncaught(?:exception)?|unhandledpromiserejection\w{0,10}|triggeruncaughtexception)\b\W{0,4}(?P<detail>.{0,200})")),
    ("C++ terminate", re.compile(r"^terminate called after throwing an instance of '(?P<detail>[^']{1,200})'")),
    ("killed by signal", re.compile(r"(?i)^(?:\W{0,4}|.{0,60}: )(?P<detail>segmentation fault|bus error|illegal instruction|aborted \(core dumped\)|SIGSEGV\b)")),
    ("killed by signal", re.compile(r"(?i)\bcrashed by (?P<detail>signal:? \d{1,3})")),
    ("killed by signal", re.compile(r"\bwas sent (?P<detail>SIG(?:SEGV|ABRT|BUS|ILL|FPE))\b")),
    ("killed by signal", re.compile(r"\bexited on signal (?P<detail>4|6|7|8|11)\b")),
    ("killed by signal", re.compile(r"\bexit signal (?P<detail>Segmentation fault|Abort|Bus error|Illegal instruction)")),
    ("killed", re.compile(r"^(?P<detail>Killed)$")),
    ("JVM crash", re.compile(r"^# A fatal error has been detected by the Java Runtime(?P<detail>)")),
)  # fmt: skip
_GO_HEADS = frozenset({"go panic", "go fatal error"})
_PYTHON = "Traceback (most recent call last):"
_EXCEPTION = re.compile(
    r"(?:[\w$]{1,100}\.){0,20}[\w$]{0,100}(?:Exception|Error|Throwable|Exit|Interrupt)\b"
)
# Elixir writes `** (KeyError)`, Python's exception groups `| ValueError`.
_BEFORE_NAME = " \t*(|+-"
_NODE_FOOT = re.compile(r"^Node\.js v\d")
# PostgreSQL's FATAL ends one client's session, not the server.
_POSTGRES = re.compile(r"\bFATAL:  ")
_FATAL_LEVELS = frozenset({"fatal", "panic", "emerg", "emergency", "ftl"})
_FATAL_WORD = re.compile(
    r"(?<![\w$.])(?:FATAL|PANIC|EMERG)(?![\w$])|[\[<(|]\s{0,8}(?i:fatal|panic|emerg)\s{0,8}[\]>)|]"
)


def exception_type(trace: Sequence[str], last: str) -> str:
    """The exception that a trace names, by its innermost cause; empty for none.

    Python names it in the last line, Java in the `Caused by:` lines, others in the first one.
    """
    causes = [line[11:] for line in trace if line.startswith("Caused by: ")]
    named = [line for line in trace if not line[:1].isspace()][:6]
    for line in (*reversed(causes), last, *trace[:2], *named):
        match = _EXCEPTION.match(line.lstrip(_BEFORE_NAME))
        if match:
            return match[0]
    return ""


def crash_signature(head: str, trace: Sequence[str], last: str, level: str = "") -> str:
    """A name for the crash that a record reports, the same whenever it happens; empty for none.

    Args:
        head: the record's first line, or its message.
        trace: the stack lines joined to it.
        last: the last trace line that was not indented.
        level: the level field of a structured line, in small letters.
    """
    for kind, pattern in _HEADS:
        match = pattern.search(head[:600])
        if match and (
            kind not in _GO_HEADS or head.startswith(("panic: ", "fatal error: ")) or trace
        ):
            return f"{kind}: {mask(match['detail'])[:_MAX_DETAIL]}".rstrip(": ")
    if head.startswith(_PYTHON):
        return python_crash(exception_type(trace, last))
    if any(_NODE_FOOT.match(line) for line in trace[-2:]) or _NODE_FOOT.match(last):
        kind = exception_type((), head) or exception_type(trace, head)
        return f"uncaught node exception: {kind or 'unknown'}"
    if level in _FATAL_LEVELS or (not level and _is_fatal(head)):
        return f"fatal: {mask(head)[-_MAX_DETAIL:]}"
    return ""


def python_crash(exception: str) -> str:
    """The signature of an uncaught exception of this type in Python."""
    return f"uncaught python exception: {exception or 'unknown'}"


def _is_fatal(head: str) -> bool:
    return _FATAL_WORD.search(head[:160]) is not None and _POSTGRES.search(head) is None
