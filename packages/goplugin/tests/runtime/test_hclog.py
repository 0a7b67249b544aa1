"""Log lines that a go-plugin host can read, whatever is logged."""

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goplugin import TRACE, HclogHandler
from goplugin.runtime.hclog import MAX_LINE_BYTES, encode_record

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def record(message: object = "text", *args: object, level: Any = 20, **extra: object) -> Any:
    return logging.getLogger("test").makeRecord(
        "test", level, "file.py", 1, message, args, None, extra=extra
    )


def decoded(one: logging.LogRecord) -> dict[str, Any]:
    line = encode_record(one)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert len(line) <= 65_536
    entry: dict[str, Any] = json.loads(line, parse_constant=pytest.fail)
    for key in ("@level", "@message", "@timestamp"):
        assert isinstance(entry[key], str), key
    assert TIMESTAMP.fullmatch(entry["@timestamp"])
    return entry


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (1, "trace"),
        (TRACE, "trace"),
        (logging.DEBUG, "debug"),
        (logging.INFO, "info"),
        (25, "info"),
        (logging.WARNING, "warn"),
        (logging.ERROR, "error"),
        (logging.CRITICAL, "error"),
        (99, "error"),
    ],
)
def test_levels_are_those_that_the_host_knows(level: int, name: str) -> None:
    assert decoded(record(level=level))["@level"] == name


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __str__ = __repr__


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (record("a %s and %d", "b", 3), "a b and 3"),
        (record("a %d", "b"), "'a %d' (its arguments do not fit: TypeError)"),
        (record("a", 1, 2), "'a' (its arguments do not fit: TypeError)"),
        (record(12), "12"),
        (record(None), "None"),
        (record({"a": 1}), "{'a': 1}"),
        (
            record(Hostile()),
            "<Hostile whose repr fails> (its arguments do not fit: RuntimeError)",
        ),
        (record("two\nlines \udcff \x00"), "two\nlines \udcff \x00"),
    ],
)
def test_messages_are_strings_whatever_is_logged(one: logging.LogRecord, message: str) -> None:
    assert decoded(one)["@message"] == message


def test_extra_keys_become_fields() -> None:
    entry = decoded(record("x", number=1, none=None, deep={"a": [1, 2.5, True]}))
    assert entry["number"] == 1
    assert entry["none"] is None
    assert entry["deep"] == {"a": [1, 2.5, True]}
    assert entry["@module"] == "test"


def test_extra_keys_cannot_take_the_place_of_the_hosts() -> None:
    entry = decoded(record("x", **{"@level": 5, "@message": None, "@timestamp": []}))
    assert entry["@message"] == "x"
    assert entry["_@level"] == 5
    assert entry["_@timestamp"] == []


def test_values_that_are_no_json_are_shown_by_their_repr() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    entry = decoded(
        record("x", nan=float("nan"), cycle=cycle, keys={(1, 2): 3}, type=set, bad=Hostile())
    )
    assert entry["nan"] == "nan"
    assert entry["cycle"] == "[[...]]"
    assert entry["keys"] == "{(1, 2): 3}"
    assert entry["type"] == "<class 'set'>"
    assert entry["bad"] == "<Hostile whose repr fails>"


@pytest.mark.parametrize("created", ["yesterday", 1e300, -1e18, float("nan"), None])
def test_a_time_that_is_none_becomes_now(created: object) -> None:
    one = record()
    one.created = created
    assert decoded(one)["@timestamp"] >= "2024"


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    one = record()
    one.created = 1_700_000_000.25
    assert decoded(one)["@timestamp"] == "2023-11-14T22:13:20.250000Z"


def test_exceptions_and_stacks_are_fields() -> None:
    one = record()
    try:
        raise LookupError("lost")
    except LookupError:
        one.exc_info = sys.exc_info()
    one.stack_info = "Stack (most recent call last):"
    entry = decoded(one)
    assert entry["exception"].endswith("LookupError: lost\n")
    assert entry["stack"] == "Stack (most recent call last):"
    one.exc_info = (None, None, None)
    assert "exception" not in decoded(one)


def test_long_texts_are_cut_with_a_mark() -> None:
    entry = decoded(record("ä" * 100_000, long="\x00" * 100_000, deep=list(range(100_000))))
    assert entry["@message"].endswith("ä [cut]")
    assert entry["long"].endswith("\x00 [cut]")
    assert entry["deep"].startswith("[0, 1, 2,")
    assert entry["deep"].endswith(" [cut]")


def test_fields_without_room_are_counted() -> None:
    many = {f"field{i}": "x" * 1000 for i in range(100)}
    entry = decoded(record("kept", **many))
    assert entry["@message"] == "kept"
    kept = sum(key.startswith("field") and key != "fields_left_out" for key in entry)
    assert entry["fields_left_out"] == 100 - kept
    assert kept > 40


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=60)
@given(
    message=json_like,
    args=st.lists(json_like, max_size=3),
    extra=st.dictionaries(st.text().map(lambda text: f"@{text}") | st.text(), json_like),
    level=st.integers(0, 100),
)
def test_every_record_is_one_line_that_the_host_can_read(
    message: object, args: list[object], extra: dict[str, object], level: int
) -> None:
    one = logging.LogRecord("test", level, "file.py", 1, "", (), None)
    one.msg, one.args = message, tuple(args)
    own = set(one.__dict__)
    one.__dict__.update({key: value for key, value in extra.items() if key not in own})
    assert len(encode_record(one)) <= MAX_LINE_BYTES
    decoded(one)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        try:
            os.close(end)
        except OSError:
            continue


def test_the_handler_writes_lines(pipe: tuple[int, int]) -> None:
    read, write = pipe
    handler = HclogHandler(logging.INFO, fd=write)
    handler.emit(record("one"))
    handler.emit(record("two " + "x" * 20_000))
    entries = [json.loads(line) for line in os.read(read, 65536).splitlines()]
    assert entries[0]["@message"] == "one"
    assert len(entries[1]["@message"]) == 20_004


def test_a_host_that_reads_no_log_costs_lines_and_no_time(pipe: tuple[int, int]) -> None:
    read, write = pipe
    handler = HclogHandler(fd=write)
    for _ in range(20):
        handler.emit(record("x" * 20_000))
    held = b""
    os.set_blocking(read, False)
    while True:
        try:
            held += os.read(read, 65536)
        except BlockingIOError:
            break
    handler.emit(record("back again"))
    lines = [line for line in os.read(read, 65536).splitlines() if line]
    entry = json.loads(lines[-1])
    assert entry["@message"] == "back again"
    whole = [line for line in held.splitlines(keepends=True) if line.endswith(b"\n")]
    assert entry["log_lines_dropped"] == 20 - len(whole)
    handler.emit(record("on"))
    assert "log_lines_dropped" not in json.loads(os.read(read, 65536))


def test_a_host_that_is_gone_is_no_error(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.close(read)
    handler = HclogHandler(fd=write)
    handler.emit(record("into the void"))
    os.close(write)
    handler.emit(record("into nothing"))
