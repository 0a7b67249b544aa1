"""What a group of equal records is: its template, judged once, and what is known around its text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ._crash import crash_signature
from ._mask import SEPARATOR
from ._records import Record
from ._severity import Severity, calmed, of_text


@dataclass(frozen=True, slots=True)
class Template:
    """All records of one call site that say the same, numbers aside.

    Attributes:
        text: the masked text, with its status class and exception type; the key of all counting.
        severity: judged once, from the template and its status class.
        status: hundreds digit of the HTTP status, 0 for none.
        crash: the crash signature, empty for none.
        exception: the exception type that its stack names, empty for none.
        site: the template without status and exception, by which latencies are compared.
    """

    text: str
    severity: Severity
    status: int = 0
    crash: str = ""
    site: str = ""
    exception: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one template and one duration, from one batch of lines.

    Attributes:
        latency: the name of the duration's field, and its bin (see `_histogram.bin_of`); None for none.
        count: how many records; 0 where only further durations of records already counted are told.
        durations: how many durations.
        record: the first of them.
        seconds: when each of them was written, in seconds since 1970; None of one that does not say.
    """

    template: Template
    latency: tuple[str, int] | None
    count: int
    durations: int
    record: Record
    seconds: Sequence[int | None] = ()


class Context(NamedTuple):
    """What belongs to a record besides its text, so that equal texts may still differ.

    Attributes:
        structured: the text is a message and an error, with `SEPARATOR` between.
        level, level_word: as the level field of a structured line has them.
        kind: the exception type that the stack names.
        last: how the last line of the stack begins, by which Node's end is known.
        status: hundreds digit of the status field.
        names: of other fields, where there is no message.
        failed: there is an error or a stack.
        latency: the field that the duration is of.
    """

    structured: bool = False
    logger: str = ""
    level: Severity | None = None
    level_word: str = ""
    kind: str = ""
    last: str = ""
    status: int = 0
    names: tuple[str, ...] = ()
    failed: bool = False
    latency: str = "time"


PLAIN = Context()

_KLOG = re.compile(r"^([IWEF]) <\*> +<\*> [^\]]{1,200}\] ")
# HAProxy's session state: the client went away, so what it was answered is none of the server's.
_CLIENT_GONE = re.compile(r" - - C[A-Z-][A-Z-]{2} <\*> ")
_KLOG_LEVELS = {
    "I": Severity.INFO, "W": Severity.WARN, "E": Severity.ERROR, "F": Severity.FATAL,
}  # fmt: skip


def template_of(mask: str, context: Context, status: int, record: Record) -> Template:
    """The template of records with this mask; `record` is one of them."""
    if context.structured:
        return _of_fields(mask, context, record)
    if status and _CLIENT_GONE.search(mask):
        status = 0
    klog = _KLOG.match(mask)
    severity = calmed(_KLOG_LEVELS[klog[1]], mask) if klog else of_text(mask)
    head, word = record.head, ""
    if klog:
        head, word = head[6:], "fatal" if klog[1] == "F" else "none"
    crash = crash_signature(head, record.trace, record.last, word)
    return _template(mask, severity, status, crash, context.kind)


def _of_fields(mask: str, context: Context, record: Record) -> Template:
    message, _, error = mask.partition(SEPARATOR)
    text = _join(context.logger, message or " ".join(context.names), error)
    severity = context.level
    if severity is None:
        severity = Severity.ERROR if context.failed else of_text(text)
    elif error and severity < Severity.WARN:
        severity = Severity.WARN
    word = context.level_word or "none"
    crash = crash_signature(record.message, record.trace, record.last, word)
    return _template(text, calmed(severity, text), context.status, crash, context.kind)


def _template(masked: str, severity: Severity, status: int, crash: str, kind: str) -> Template:
    if crash:
        severity = Severity.FATAL
    elif status == 5 or (kind and severity < Severity.WARN):
        severity = max(severity, Severity.ERROR)
    suffix = (f" [{status}xx]" if status else "") + (f" [{kind}]" if kind else "")
    return Template(masked + suffix, severity, status, crash, masked, kind)


def _join(logger: str, message: str, error: str) -> str:
    head = f"{logger}: {message}" if logger else message
    return f"{head}: {error}" if error else head
