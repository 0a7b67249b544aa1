"""From lines to records: a stack trace belongs to the line that it follows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_MAX_TRACE_LINES = 48
_MAX_TRACE_LINE = 400
# Indented lines without end would make one record of a whole log.
_MAX_JOINED = 1000

_RUST_HEAD = re.compile(r"panicked at .{0,300}:$")
_TRACEBACK = "Traceback (most recent call last):"
_CONTINUES = (
    "Caused by: ",
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
_EXCEPTION_LINE = re.compile(r"(?:[\w$]{1,100}\.){0,20}[\w$]{0,100}(?:Exception|Error|Throwable)\b")
_GO_FRAME = re.compile(r"[\w./*()$\[\]{}·-]{1,300}\(")
_GO_HEADS = ("panic: ", "fatal error: ", "goroutine ")
# A line that may be the head of a trace in the next lines.
_TROUBLE = re.compile(
    r"(?i)\berr|error|exception|fatal|critical|severe|panic|warn|fail|crash|abort"
)


@dataclass(slots=True)
class Record:
    """One log record: its head line and, where there is one, the stack that follows.

    At most the first 47 trace lines and the last one are kept, `last` being the one that names the
    exception in Python. `expects_line`: the next line belongs to it however it looks.
    """

    head: str
    trace: list[str] = field(default_factory=list)
    last: str = ""
    joined: int = 0
    expects_line: bool = False
    in_go_stack: bool = False

    def join(self, line: str) -> None:
        """Adds one line of the trace."""
        self.joined += 1
        line = line[:_MAX_TRACE_LINE]
        if len(self.trace) < _MAX_TRACE_LINES - 1:
            self.trace.append(line)
        if not line[:1].isspace():
            self.last = line


def records(lines: Iterable[str]) -> Iterator[Record]:
    """Joins lines into records; empty lines belong to none.

    A Python traceback or a Java exception joins the line before it only where that one speaks of
    trouble; otherwise it is a record of its own, since nobody has logged it: an uncaught exception.
    So is a traceback with which the stream ends: it may be what ended the program.
    """
    current: Record | None = None
    for line in lines:
        if not line or line.isspace():
            continue
        if current is not None and _continues(line, current):
            current.join(line)
            continue
        if current is not None:
            yield current
        current = Record(line)
        current.expects_line = (
            line.startswith(_TRACEBACK) or _RUST_HEAD.search(line[-400:]) is not None
        )
        current.in_go_stack = line.startswith(_GO_HEADS)
    if current is not None:
        yield from _ended(current)


def _ended(record: Record) -> Iterator[Record]:
    if not (record.trace and record.trace[0].startswith(_TRACEBACK)):
        yield record
        return
    yield Record(record.head)
    traceback = Record(record.trace[0])
    for line in record.trace[1:]:
        traceback.join(line)
    traceback.last = record.last
    yield traceback


def _continues(line: str, current: Record) -> bool:
    if current.joined >= _MAX_JOINED:
        return False
    if line[0] in " \t":
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
