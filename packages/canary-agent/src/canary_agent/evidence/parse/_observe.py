"""From streams to groups of equal records, with their durations."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from canary_agent.evidence._histogram import bin_of

from ._columns import Plan, Row, Texts, count, special, structured
from ._crash import exception_type
from ._fields import Fields, of_object, of_pairs
from ._lines import batches, until_failure
from ._mask import MASK, SEPARATOR
from ._numbers import latency_plan, status_plan
from ._records import MAX_JOINED, Record, records
from ._template import PLAIN, Context, Group, Template, template_of
from ._times import seconds_of

Key = TypeVar("Key")
Value = TypeVar("Value")

# Templates whose judgement is remembered; when full, it starts anew, which costs time and nothing else.
_MAX_REMEMBERED = 50_000
_MAX_TEXT = 8192
_MAX_MESSAGE = 4096
_MAX_ERROR = 300
_MAX_NAMES = 20
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_CAUSES = re.compile(r"\n(Caused by: [^\n]{0,400})")
_FEWEST_JSON = '{"'
_PLAIN, _TRACED, _JOINED, _STRUCTURED = range(4)
"""What a line is: a record, the head of one with a stack, a line of a stack, a record with fields."""


class Parser:
    """Reads log streams of any format; remembers templates across streams."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._templates: dict[tuple[str, Context, int], Template] = {}

    def groups(self, chunks: Iterable[bytes]) -> Iterator[list[Group]]:
        """What one stream holds, a list for each batch of lines.

        Raises:
            OSError: from reading the stream.
        """
        held: list[str] = []
        failures: list[OSError] = []
        for read in until_failure(batches(chunks), failures):
            lines = [*held, *read]
            runs = list(special(lines))
            # Whether a stack goes on is known with the next batch only.
            end = _closed(lines, runs)
            held = lines[end:]
            yield self._batch(lines[:end], [run for run in runs if run.stop <= end], ends=False)
        yield self._batch(held, list(special(held)), ends=True)
        if failures:
            raise failures[0]

    def _batch(self, lines: list[str], runs: list[range], *, ends: bool) -> list[Group]:
        batch = _Batch(lines, runs, ends=ends)
        rows = count(batch.texts, self._plan, batch.planned, seconds_of(lines))
        return [self._group(batch, row) for row in rows]

    def _plan(self, mask: str, text: str) -> Plan:
        plan = self._plans.get(mask)
        if plan is None:
            plan = Plan(-1, -1)
            if MASK in mask:
                shown = text[:_MAX_TEXT]
                plan = Plan(status_plan(shown), latency_plan(shown))
            _remember(self._plans, mask, plan)
        return plan

    def _group(self, batch: "_Batch", row: Row) -> Group:
        context = batch.contexts[row.context]
        record = batch.record(row.first)
        key = (row.mask, context, row.status)
        template = self._templates.get(key)
        if template is None:
            template = template_of(row.mask, context, row.status, record)
            _remember(self._templates, key, template)
        name = f"{context.latency} {row.route}" if row.route else context.latency
        latency = None if row.bin is None else (name, row.bin)
        return Group(template, latency, row.count, row.durations, record, row.seconds)


class _Batch:
    """Lines sorted into plain text, text with a stack, and structured lines.

    Attributes:
        texts: all of them, ready to be counted.
        contexts: by number; `planned` is the first of a structured line.
    """

    def __init__(self, lines: list[str], runs: list[range], *, ends: bool) -> None:
        self._lines = lines
        self._records: dict[int, Record] = {}
        self._numbers = {PLAIN: 0}
        self._role = bytearray(len(lines))
        for run in runs:
            self._join(run, ends=ends)
        self._found = self._find_fields()
        heads = [at for at, role in enumerate(self._role) if role == _PLAIN]
        self.texts = Texts([lines[at] for at in heads], heads)
        for at, record in self._records.items():
            if at not in self._found:
                self._add_traced(at, record)
        self.planned = len(self._numbers)
        for at, found in self._found.items():
            self._add_fields(at, found)
        self.contexts = list(self._numbers)

    def record(self, at: int) -> Record:
        """The record whose head is the line `at`."""
        record = self._records.get(at) or Record(self._lines[at], at=at)
        if at in self._found:
            record.message = self._found[at].message[:_MAX_MESSAGE]
        return record

    def _join(self, run: range, *, ends: bool) -> None:
        lines = self._lines[run.start : run.stop]
        self._role[run.start : run.stop] = bytes([_JOINED]) * len(run)
        for record in records(lines, ends=ends and run.stop == len(self._lines)):
            record.at += run.start
            whole = not record.joined and record.head == self._lines[record.at]
            self._role[record.at] = _PLAIN if whole else _TRACED
            if not whole:
                self._records[record.at] = record

    def _find_fields(self) -> dict[int, Fields]:
        found = {}
        for at in structured(self._lines):
            fields = None if self._role[at] == _JOINED else _structured(self._lines[at])
            if fields is not None:
                found[at] = fields
                self._role[at] = _STRUCTURED
        return found

    def _number(self, context: Context) -> int:
        return self._numbers.setdefault(context, len(self._numbers))

    def _add_traced(self, at: int, record: Record) -> None:
        kind = exception_type(record.trace, record.last)
        self.texts.add(record.head, self._number(Context(kind=kind, last=record.last[:9])), at)

    def _add_fields(self, at: int, fields: Fields) -> None:
        if "\n" in fields.error:
            fields.stack = fields.stack or fields.error
            fields.error = fields.error.partition("\n")[0]
        record = self._records.get(at)
        if fields.stack:
            record = self._records.setdefault(at, Record(self._lines[at], at=at))
            if not record.joined:
                for line in _stack_lines(fields.stack):
                    record.join(line)
        kind = fields.error_type
        if not kind and record is not None:
            kind = exception_type(record.trace, record.last)
        text = fields.message[:_MAX_MESSAGE].replace(SEPARATOR, " ")
        text += SEPARATOR + fields.error[:_MAX_ERROR] if fields.error else ""
        context = Context(
            structured=True,
            logger=fields.logger,
            level=fields.level,
            level_word=fields.level_word,
            kind=kind,
            last="" if record is None else record.last[:9],
            status=fields.status,
            names=() if fields.message else tuple(fields.names[:_MAX_NAMES]),
            failed=bool(fields.error or fields.stack),
        )
        if not fields.latencies:
            self.texts.add(text, self._number(context), at)
        weight = 1
        for name, seconds in fields.latencies:
            timed = f"{name} {fields.route}" if fields.route else name
            number = self._number(context._replace(latency=timed))
            self.texts.add(text, number, at, bin_of(seconds), weight)
            weight = 0


def _stack_lines(stack: str) -> list[str]:
    """Its first lines, and of the rest those that name what caused it."""
    return [*stack[:_MAX_TEXT].splitlines(), *_CAUSES.findall(stack[_MAX_TEXT:])]


def _closed(lines: list[str], runs: list[range]) -> int:
    """How many lines are whole records whatever comes next."""
    if runs and runs[-1].stop == len(lines):
        begin = runs[-1].start
        return begin if len(lines) - begin <= 2 * MAX_JOINED else len(lines)
    return len(lines) - 1


def _structured(head: str) -> Fields | None:
    if head[0] != "{":
        return of_pairs(head[:_MAX_TEXT])
    try:
        document = msgspec.json.decode(head)
    except (msgspec.DecodeError, RecursionError):
        document = _lenient(head)
    return of_object(document) if isinstance(document, dict) else None


def _lenient(head: str) -> object:
    """What Python's own reader makes of it: it knows NaN, which Python's own writer writes.

    Half of a surrogate pair, which has no UTF-8, becomes U+FFFD.
    """
    if not (head.startswith(_FEWEST_JSON) and head.endswith("}")):
        return None
    try:
        return json.loads(_HALF_PAIR.sub(r"\\ufffd", head))
    except (ValueError, RecursionError):
        return None


def _remember(memory: dict[Key, Value], key: Key, value: Value) -> None:
    if len(memory) >= _MAX_REMEMBERED:
        memory.clear()
    memory[key] = value
