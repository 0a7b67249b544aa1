"""Bytes that nobody meant: read without an exception, within bounds, in time that grows with size."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.evidence.parse import MAX_LINE_BYTES, Severity
from canary_agent.evidence.parse._observe import Parser
from canary_agent.signatures import find_cause
from canary_verdict.redaction import redact

Observe = Callable[..., list[Any]]

PIECES = [
    "a", "0", '"', '\\"', "'", "{", "[", '{"a":', "a=", 'a="', " level=info msg=", 'level=info a="\\',
    "\x1b", "\x1b[", "[pod/", "GET ", "GET /x ", "status ", "in 1", "took ", "1.1.", "-", "a1-", "./",
    "Exception", "a.", "panic: ", "Traceback (most recent call last):", "\t", " ", "| ", "error ",
    "no error", "ECONN", "connect to ", "env ", "eyJa.", "x@", "a@b.", "1 ", "http://", "://a:", "password=",
    "-----BEGIN ", "A", "_", "+/", "é", "\x00", "<*> ", "Bearer ", "2026-01-01T00:00:00Z stdout P ", "(", "a(",
    "thread '", "failed a load ", "invalid character ", "lookup ", "relation a", "FATAL", "[error", "level=",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_a_line_of_one_mebibyte_of_anything(observe: Observe, piece: str) -> None:
    content = (piece * ((1 << 20) // len(piece))).encode()
    # A quadratic expression takes minutes here, and the time limit of every test ends it.
    seen = observe(content)
    redact(content.decode())
    find_cause(content.decode())
    assert len(seen) <= 1
    assert all(len(one.record.head) <= MAX_LINE_BYTES for one in seen)


@given(st.lists(st.sampled_from([*PIECES, "\n", "  ", "Caused by: ", "x"]), max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_mixture_of_pieces_is_read(pieces: list[str]) -> None:
    for groups in Parser().groups(["".join(pieces).encode()]):
        assert all(group.template.severity in Severity for group in groups)


@given(st.binary(max_size=2000))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read(content: bytes) -> None:
    counted = [group.count for groups in Parser().groups([content]) for group in groups]
    assert sum(counted) <= content.count(b"\n") + 1


@pytest.mark.parametrize(
    "line",
    [
        '{"level":' * 30_000,
        '{"msg":' + "9" * 10_000 + "}",
        '{"level":NaN,"status":Infinity,"duration":NaN}',
        '{"level":null,"msg":null,"error":{"deep":{"er":1}},"status":true}',
        '{"level":[1],"msg":{"a":1},"logger":7}',
        "{" + ",".join(f'"k{number}":{number}' for number in range(3000)) + "}",
        "\ud800".encode("utf-8", "surrogatepass"),
        '{"level":"error","msg":"half \\ud800 a pair","\\udfff":1,"error":"\\uDBFF"}',
        '{"log":"half \\ud800 a pair","stream":"stderr"}',
        'level=error msg="half \\ud800 a pair"',
        b"\xff\xfe\x00E\x00R",
    ],
)
def test_strange_structured_lines_are_one_record(observe: Observe, line: str | bytes) -> None:
    assert len(observe(line)) == 1
