"""Whatever a text says, it is one string of one document between two marks."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.digest import fenced, line_of, untrusted

Documents = Callable[[str], list[dict[str, Any]]]

HOSTILE = st.text() | st.lists(
    st.sampled_from(
        [
            *('"', "\\", "\n", "\r", "\u2028", "\x85", "}", "]", "{", "[", "\\u005c", "\\n", "\x1b[0m"),
            *("=== DATA", " ENDS ===", " BEGINS ===", "```", "~~~", "</data>", "<|im_start|>", "[INST]"),
            *("### System:", "\n\nHuman:", "\u202e", "\u200b", "\U000e0041", "\ud800", "\uff41", "\u0430", "\uff5c"),
            *("[secret]", "<*>", " […]", " [...]", "x" * 200, "<" * 200),
        ]
    ),
    max_size=20,
).map("".join)  # fmt: skip
MARKUP = re.compile(r"[<>\[\]{}|#`]")
OUR_MARKS = re.compile(
    r"<\*>|\[(?:secret|token|credentials|private key|card number|e-mail|\.\.\.)\]"
)


@given(HOSTILE)
@settings(deadline=None, max_examples=300)
def test_a_line_is_a_document_of_harmless_characters(text: str) -> None:
    line = line_of({"says": text})
    assert json.loads(line) == {"says": text}
    assert line.isascii()
    assert line.isprintable()
    assert not MARKUP.search(OUR_MARKS.sub("", line.removeprefix("{").removesuffix("}")))


@given(st.lists(HOSTILE, max_size=5))
@settings(deadline=None, max_examples=200)
def test_nothing_closes_the_fence(texts: list[str]) -> None:
    text = fenced([line_of({"says": text}) for text in texts])
    begin, *body, end = text.splitlines()
    name = begin.split(" ")[2]
    assert (begin, end) == (f"=== DATA {name} BEGINS ===", f"=== DATA {name} ENDS ===")
    assert text.count(name) == 2
    assert [json.loads(line)["says"] for line in body if line] == texts


def test_not_even_one_who_knows_the_marks_closes_the_fence(documents_of: Documents) -> None:
    known = fenced([line_of({"says": "hello"})])
    again = fenced([line_of({"says": "hello"}), line_of({"says": known})])
    assert [one["says"] for one in documents_of(again)] == ["hello", known]


def test_the_same_data_have_the_same_marks() -> None:
    one, other = (fenced([line_of({"says": text})]) for text in ("a", "b"))
    assert one == fenced([line_of({"says": "a"})])
    assert one.splitlines()[0] != other.splitlines()[0]


@given(HOSTILE, st.integers(20, 300))
@settings(deadline=None, max_examples=300)
def test_what_is_shown_is_bounded_as_it_is_encoded(text: str, limit: int) -> None:
    shown = untrusted(text, limit)
    assert len(line_of({"a": shown})) - len(line_of({"a": ""})) <= limit


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (1.0, "1"),
        (0.123456, "0.1235"),
        (1e-30, "1e-30"),
        (1e300, "1e+300"),
        (float("inf"), "null"),
        (float("nan"), "null"),
        (True, "true"),
        (None, "null"),
        ([1, "a"], '[1,"a"]'),
    ],
)
def test_values(value: Any, encoded: str) -> None:
    assert line_of({"v": value}) == f'{{"v":{encoded}}}'


def test_secrets_and_what_cannot_be_seen_are_taken_out() -> None:
    assert untrusted("a\u200bb password=" + "hunter2-and-more", 100) == "ab password=[secret]"
