"""From records to observations: the template of each record, and its numbers."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ._crash import crash_signature, exception_type
from ._fields import Fields, of_object, of_pairs
from ._lines import split_lines, unframed
from ._mask import MASK, mask
from ._numbers import latency, latency_plan, status_class, status_plan
from ._records import Record, records
from ._severity import Severity, calmed, of_text

Key = TypeVar("Key")
Value = TypeVar("Value")

# Templates whose judgement is remembered; when full, it starts anew, which costs time and nothing else.
_MAX_REMEMBERED = 50_000
_MAX_TEXT = 8192
_MAX_ERROR = 300
_KLOG = frozenset("IWEF")
_KLOG_LEVELS = {
    "I": Severity.INFO, "W": Severity.WARN, "E": Severity.ERROR, "F": Severity.FATAL,
}  # fmt: skip


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
class Observation:
    """One record: its template, its own numbers, and the record itself for a sample.

    `latencies` are pairs of a field's name and seconds.
    """

    template: Template
    latencies: tuple[tuple[str, float], ...]
    record: Record


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a masked text tells without its numbers."""

    severity: Severity
    status: re.Pattern[str] | None
    latency: re.Pattern[str] | None


class Parser:
    """Reads log streams of any format, line by line; remembers templates across streams."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, Severity | None], _Shape] = {}
        self._templates: dict[tuple[object, ...], Template] = {}

    def observe(self, chunks: Iterable[bytes]) -> Iterator[Observation]:
        """One observation for each record of a stream.

        Raises:
            OSError: from reading the stream.
        """
        for record in records(unframed(split_lines(chunks))):
            yield self._record(record)

    def _record(self, record: Record) -> Observation:
        head = record.head
        fields = _structured(head)
        if fields is not None:
            return self._fields(fields, record)
        if head[0] in _KLOG and head[1:5].isdigit() and head[5:6] == " ":
            return self._text(head[6:], record, _KLOG_LEVELS[head[0]])
        return self._text(head, record, None)

    def _text(self, text: str, record: Record, level: Severity | None) -> Observation:
        masked = mask(text)
        shape = self._shapes.get((masked, level))
        if shape is None:
            shape = _remember(self._shapes, (masked, level), _shape_of(text, masked, level))
        status = status_class(shape.status, text[:_MAX_TEXT]) if shape.status else 0
        seconds = latency(shape.latency, text[:_MAX_TEXT]) if shape.latency else None
        # All that the severity and the crash signature are judged by.
        kind = exception_type(record.trace, record.last) if record.joined else None
        key = (masked, status, level, kind, record.last[:9])
        template = self._templates.get(key)
        if template is None:
            word = "fatal" if level is Severity.FATAL else ""
            crash = crash_signature(text, record.trace, record.last, word)
            template = _template(masked, shape.severity, status, crash, record)
            _remember(self._templates, key, template)
        return Observation(template, (("time", seconds),) if seconds is not None else (), record)

    def _fields(self, fields: Fields, record: Record) -> Observation:
        message = mask(fields.message)
        error = mask(fields.error[:_MAX_ERROR])
        if fields.stack and not record.joined:
            for line in fields.stack[:_MAX_TEXT].splitlines():
                record.join(line)
        kind = fields.error_type or (
            exception_type(record.trace, record.last) if record.joined else ""
        )
        key = (fields.logger, message, error, kind, fields.status, fields.level)
        template = self._templates.get(key)
        if template is None:
            masked = _join(fields.logger, message or " ".join(fields.names[:20]), error)
            severity = fields.level
            if severity is None:
                severity = Severity.ERROR if fields.error or fields.stack else of_text(masked)
            elif fields.error and severity < Severity.WARN:
                severity = Severity.WARN
            crash = crash_signature(
                fields.message, record.trace, record.last, fields.level_word or "none"
            )
            template = _template(masked, calmed(severity, masked), fields.status, crash, record)
            _remember(self._templates, key, template)
        return Observation(template, tuple(fields.latencies), record)


def _structured(head: str) -> Fields | None:
    if head[0] == "{":
        try:
            document = json.loads(head)
        except (ValueError, RecursionError):
            return None
        return of_object(document) if isinstance(document, dict) else None
    if "=" in head and (
        "level=" in head or "lvl=" in head or "msg=" in head or "severity=" in head
    ):
        return of_pairs(head[:_MAX_TEXT])
    return None


def _shape_of(text: str, masked: str, level: Severity | None) -> _Shape:
    severity = of_text(masked) if level is None else calmed(level, masked)
    if MASK not in masked:
        return _Shape(severity, None, None)
    return _Shape(severity, status_plan(text[:_MAX_TEXT]), latency_plan(text[:_MAX_TEXT]))


def _template(masked: str, severity: Severity, status: int, crash: str, record: Record) -> Template:
    kind = exception_type(record.trace, record.last) if record.joined else ""
    if crash:
        severity = Severity.FATAL
    elif status == 5 or (kind and severity < Severity.WARN):
        severity = max(severity, Severity.ERROR)
    suffix = (f" [{status}xx]" if status else "") + (f" [{kind}]" if kind else "")
    return Template(masked + suffix, severity, status, crash, masked, kind)


def _join(logger: str, message: str, error: str) -> str:
    head = f"{logger}: {message}" if logger else message
    return f"{head}: {error}" if error else head


def _remember(memory: dict[Key, Value], key: Key, value: Value) -> Value:
    if len(memory) >= _MAX_REMEMBERED:
        memory.clear()
    memory[key] = value
    return value
