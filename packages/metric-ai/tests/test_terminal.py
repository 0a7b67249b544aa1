"""What is shown is only shown: at terminals, in pipes, for programs."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from metric_ai.terminal import Terminal, plain

Sides = Callable[[Path], tuple[str, ...]]
HOSTILE = "bad\x1b]0;owned\x07\x1b[2J\x9b31m [red]x[/red] :smile: \u202eevil\u200b\rend"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(*, tty: bool) -> tuple[Terminal, io.StringIO]:
    stream = Screen() if tty else io.StringIO()
    return Terminal(stream, stream, {"TERM": "xterm"}), stream


def show_everything(terminal: Terminal, text: str) -> None:
    terminal.line((text, "bad"), text, indent=2)
    terminal.fields([("name", text), ("none", "")])
    terminal.table(("id", ">number"), [(text, "1"), ((text, "good"), "22")])
    terminal.note(text)


def without_own_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@given(st.text())
@settings(deadline=None)
def test_no_text_writes_control_characters_into_a_pipe(text: str) -> None:
    terminal, stream = written(tty=False)
    show_everything(terminal, text + HOSTILE)
    terminal.document({text: [text, HOSTILE]}, "json")
    terminal.document({text: [text, HOSTILE]}, "yaml")
    assert not CONTROL.search(stream.getvalue())


@given(st.text())
@settings(deadline=None)
def test_a_terminal_gets_no_sequences_but_our_colours(text: str) -> None:
    terminal, stream = written(tty=True)
    show_everything(terminal, text + HOSTILE)
    assert not CONTROL.search(without_own_colours(stream.getvalue()))


def test_mark_up_in_foreign_text_stays_text() -> None:
    terminal, stream = written(tty=True)
    terminal.line("[bold red]not red[/bold red] :smile:")
    assert "[bold red]not red[/bold red] :smile:" in stream.getvalue()


def test_json_and_yaml_keep_what_was_said() -> None:
    value = {"line": "über [red] 1\u202e2", "number": 1.5, "none": None, "list": ["a"]}
    for form, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        terminal, stream = written(tty=True)
        terminal.document(value, form)  # type: ignore[arg-type]  # both are formats
        found = read(stream.getvalue())
        assert found["number"] == 1.5
        assert found["list"] == ["a"]
        assert found["line"].replace("\u202e", "") == "über [red] 12"


def test_plain_text_is_one_line() -> None:
    assert plain("a\nb\t c\x1b[31m") == "a b c"


def test_in_a_pipe_tables_are_columns_that_tools_can_cut() -> None:
    terminal, stream = written(tty=False)
    terminal.table(("name", ">count"), [("shop-1", "3"), ("a", "12")])
    assert stream.getvalue().splitlines() == ["NAME    COUNT", "shop-1  3", "a       12"]


def test_a_pipe_gets_no_control_characters(shell: Any, logs: Path, sides: Sides) -> None:
    for form in ("table", "json", "yaml"):
        done = shell.type("analyze", *sides(logs), "-o", form)
        assert done.code == 1
        assert not CONTROL.search(done.out)
        assert done.err == ""


def test_a_terminal_gets_colours_and_a_progress_bar(shell: Any, logs: Path, sides: Sides) -> None:
    done = shell.at_terminal("analyze", *sides(logs))
    assert done.code == 1
    assert "\x1b[1;31mROLLBACK" in done.out
    assert "reading 2 logs" in done.out or "comparing" in done.out
    assert "\x1b[?25h" in done.out, "the cursor has to come back"


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["no", "dumb"])
def test_colours_can_be_refused(
    variables: dict[str, str], shell: Any, logs: Path, sides: Sides
) -> None:
    done = shell.at_terminal("analyze", *sides(logs), **variables)
    assert done.code == 1
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", done.out)


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_wider_than_the_terminal(
    columns: int, shell: Any, logs: Path, sides: Sides
) -> None:
    done = shell.at_terminal("analyze", *sides(logs), columns=columns)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.out).replace("\r", "\n")
    assert max(len(line) for line in shown.splitlines()) <= columns
