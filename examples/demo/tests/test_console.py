"""What reaches the terminal, and what does not."""

import io

import pytest
from canary_demo.console import Console, neutral
from hypothesis import given, settings
from hypothesis import strategies as st


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@settings(deadline=None)
@given(st.text(), st.integers(10, 100))
def test_neutral_text_is_printable_and_bounded(text: str, limit: int) -> None:
    shown = neutral(text, limit)
    assert shown == "" or shown.isprintable()
    assert len(shown) <= limit * len("\\U0001f600")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü €", "plain ü €"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\nb\rc", "a\\nb\\rc"),
        ("\u202eevil", "\\u202eevil"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert neutral(text) == shown


def test_a_pipe_gets_plain_lines_and_no_status() -> None:
    stream = io.StringIO()
    console = Console(stream, {})
    console.status("waiting")
    console.line(console.painted("good", "green"))
    assert stream.getvalue() == "good\n"


def test_a_terminal_gets_colours_and_one_live_line() -> None:
    stream = Terminal()
    console = Console(stream, {"TERM": "xterm"})
    console.status("waiting")
    console.line(console.painted("good", "green"))
    console.status("")
    before, after = stream.getvalue().split("\x1b[32mgood\x1b[0m\n")
    assert before.endswith("waiting\r\x1b[K")
    assert after.endswith("waiting\r\x1b[K")


def test_no_color_keeps_the_live_line_and_drops_colours() -> None:
    stream = Terminal()
    console = Console(stream, {"NO_COLOR": "1"})
    console.status("waiting")
    console.line(console.painted("good", "green"))
    assert "\x1b[32m" not in stream.getvalue()
    assert "\x1b[2m" not in stream.getvalue()
    assert "waiting" in stream.getvalue()


def test_a_dumb_terminal_is_treated_as_a_pipe() -> None:
    stream = Terminal()
    Console(stream, {"TERM": "dumb"}).status("waiting")
    assert stream.getvalue() == ""
