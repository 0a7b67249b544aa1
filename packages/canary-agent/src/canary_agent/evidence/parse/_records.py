"""From lines to records: a stack trace belongs to the line that it follows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_MAX_TRACE_LINES = 48
_MAX_TRACE_LINE = 400
_MAX_CAUSES = 8
# Indented lines without end would make one record of a whole log.
MAX_JOINED = 1000
"""Lines that one record takes at most."""

_RUST_HEAD = re.compile(r"panicked at .{0,300}:$")
_TRACEBACK = "Traceback (most recent call last):"
_CONTINUES = (
    "Caused by:",
    "Suppressed: ",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "stack backtrace:",
    "note: run with `RUST_BACKTRACE",
    "note: Some details are omitted",
    "Node.js v",
    "created by ",
    "exit status ",
    "[signal ",
    "goroutine ",
    "--- End of inner exception",
    "--- End of stack trace",
)
# What goes on only where something has begun that may have a stack: PHP's, Elixir's, Erlang's and Ruby's.
_GOES_ON = re.compile(
    r"Stack trace:$|#\d{1,4} |\*\* |Last message|State: |[\w./-]{1,200}\.rb:\d{1,7}:in "
)
_EXCEPTION_NAME = r"(?:[A-Za-z0-9_$]+\.)*[A-Za-z0-9_$]*(?:Exception|Error|Throwable)\b"
_EXCEPTION_LINE = re.compile(r"(?:[\w$]{1,100}\.){0,20}[\w$]{0,100}(?:Exception|Error|Throwable)\b")
_GO_FRAME = re.compile(r"[\w./*()$\[\]{}·-]{1,300}\(")
_GO_HEADS = ("panic: ", "fatal error: ", "goroutine ")
# The console logger of .NET writes the message into a line of its own.
_DOTNET_HEAD = re.compile(r"(?:trce|dbug|info|warn|fail|crit): [\w.+`]{1,200}\[\d{1,9}\]$")
_CLOSING = re.compile(r"[\]})]{1,4},?$")
_FRAME = re.compile(r"\s+(?:at |File \"|\.\.\. \d)|Caused by: ")
# A line that may be the head of a trace in the next lines.
_TROUBLE = re.compile(
    r"(?i)\berr|error|exception|fatal|crit|severe|panic|warn|fail|crash|abort|cannot|unhandled"
)

SPECIAL = (
    r"^(?:[ \t]|"
    + "|".join(re.escape(start) for start in (*_CONTINUES, *_GO_HEADS, _TRACEBACK, "thread '"))
    + r"|Stack trace:$|#[0-9]{1,4} |\*\* |Last message|State: |[A-Za-z0-9_./-]+\.rb:[0-9]+:in "
    + f"|[\\]}})]{{1,4}},?$|{_EXCEPTION_NAME})"
)
"""What every line of a trace, or the one before it, begins with: in Rust's and Python's syntax. Between two
lines that do not begin so, there is always the border of a record."""

_APART = 20
"""Lines of others between two frames of one trace, where several threads write."""


@dataclass(slots=True)
class Record:
    """One log record: its head line and, where there is one, the stack that follows.

    At most the first 47 trace lines, 8 further causes and the last line are kept, `last` being the one that
    names the exception in Python. `at`: the head's number among the lines given. `expects_line`: the next line
    belongs to it however it looks. `message`: of a structured line.
    """

    head: str
    trace: list[str] = field(default_factory=list)
    last: str = ""
    joined: int = 0
    expects_line: bool = False
    in_go_stack: bool = False
    at: int = 0
    message: str = ""

    def join(self, line: str) -> None:
        """Adds one line of the trace."""
        self.joined += 1
        line = line[:_MAX_TRACE_LINE]
        room = _MAX_TRACE_LINES - 1 + _MAX_CAUSES * line.startswith("Caused by: ")
        if len(self.trace) < room:
            self.trace.append(line)
        if not line[:1].isspace():
            self.last = line


def records(lines: Iterable[str], *, ends: bool) -> list[Record]:
    """Joins lines, none of them empty, into records.

    A Python traceback or a Java exception joins the line before it only where that one speaks of
    trouble; otherwise it is a record of its own, since nobody has logged it: an uncaught exception.
    So is a traceback with which a log `ends`: it may be what ended the program.

    Frames of a stack that another thread's line has cut in two join the part before that line.
    """
    found: list[Record] = []
    broken: Record | None = None
    for number, line in enumerate(lines):
        current = found[-1] if found else None
        if current is not None and _is_its_message(line, current):
            current.head = f"{current.head} {line.strip()}"
            continue
        if current is not None and _FRAME.match(line) and not current.joined:
            owner = _owner(current, broken, number)
            owner.join(line)
            continue
        if current is not None and _continues(line, current):
            current.join(line)
            continue
        if current is not None and current.joined:
            broken = current
        found.append(_begun(line, number))
    if ends and found:
        found[-1:] = _ended(found[-1])
    return found


def _begun(line: str, number: int) -> Record:
    record = Record(line, at=number)
    record.expects_line = line.startswith(_TRACEBACK) or _RUST_HEAD.search(line[-400:]) is not None
    record.in_go_stack = line.startswith(_GO_HEADS)
    return record


def _is_its_message(line: str, current: Record) -> bool:
    return line[0] == " " and not current.joined and _DOTNET_HEAD.match(current.head) is not None


def _owner(current: Record, broken: Record | None, number: int) -> Record:
    """Whose frame it is: that of the line before it, or of a trace that this line has cut in two."""
    cut = (
        broken is not None
        and not (broken.last and broken.trace[0].startswith(_TRACEBACK))
        and number - broken.at - broken.joined <= _APART
        and not _is_trouble(current.head)
        and _EXCEPTION_LINE.match(current.head) is None
    )
    return broken if cut and broken is not None else current


def _ended(record: Record) -> Iterator[Record]:
    if not (record.trace and record.trace[0].startswith(_TRACEBACK)):
        yield record
        return
    yield Record(record.head, at=record.at)
    traceback = Record(record.trace[0], at=record.at + 1)
    for line in record.trace[1:]:
        traceback.join(line)
    traceback.last = record.last
    yield traceback


def _continues(line: str, current: Record) -> bool:
    if current.joined >= MAX_JOINED:
        return False
    if line[0] in " \t" or (current.joined and _CLOSING.match(line)):
        return True
    if current.expects_line:
        # In Python the first line that is not indented names the exception and closes the traceback.
        current.expects_line = False
        return True
    first = line[0]
    if first in "CSDTsnNceg[-" and line.startswith(_CONTINUES):
        current.in_go_stack = current.in_go_stack or line.startswith("goroutine ")
        return True
    if first == "T" and line.startswith(_TRACEBACK):
        current.expects_line = current.joined > 0 or _is_trouble(current.head)
        return current.expects_line
    if _GOES_ON.match(line):
        return current.joined > 0 or _is_trouble(current.head)
    if current.in_go_stack:
        return _GO_FRAME.match(line) is not None
    return not current.joined and _names_exception_of(line, current.head)


def _is_trouble(head: str) -> bool:
    # Structured lines carry their stack within them, and have a field named "error" all the time.
    return not head.startswith("{") and _TROUBLE.search(head) is not None


def _names_exception_of(line: str, head: str) -> bool:
    return (
        _EXCEPTION_LINE.match(line) is not None
        and not line.startswith("Exception in thread ")
        and _is_trouble(head)
        and _EXCEPTION_LINE.match(head) is None
    )
