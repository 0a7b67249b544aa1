"""Log lines: JSON and text, ids, bounds, and foreign text that cannot break a line."""

import json
import logging
from collections.abc import Iterator

import pytest

from canary_agent.logs import child_logging, configure_logging


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, dbos = logging.getLogger(), logging.getLogger("dbos")
    kept = (root.handlers[:], root.level, dbos.handlers[:], dbos.propagate)
    yield
    root.handlers[:], root.level, dbos.handlers[:], dbos.propagate = kept


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_json_line_has_its_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json")
    logging.getLogger("x").info("begins", extra={"task": "t", "run": "r"})
    logging.getLogger("x").debug("unheard")
    (line,) = map(json.loads, _lines(capsys))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "info", "logger": "x", "message": "begins", "task": "t", "run": "r"}


def test_a_text_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "text")
    logging.getLogger("x").info("two\nlines \x1b[31m%s", "y" * 10_000, extra={"task": "t"})
    (line,) = _lines(capsys)
    assert r"two\nlines \u001b[31m" in line
    assert line.endswith(" task=t")
    assert len(line) < 5000


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_error_brings_the_end_of_its_traceback(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    configure_logging("info", form)
    try:
        raise ValueError("x" * 10_000 + "the end")
    except ValueError:
        logging.getLogger("x").exception("failed")
    text = "\n".join(_lines(capsys))
    assert "the end" in text
    assert len(text) < 6000


def test_a_child_logs_with_the_ids_of_its_task(capsys: pytest.CaptureFixture[str]) -> None:
    ids = {"task": "task-1", "run": "run-1", "namespace": "shop", "trace": "4bf9"}
    child_logging("info", "json")(ids)
    logging.getLogger("x").info("reads")
    logging.getLogger("x").info("other", extra={"task": "task-2"})
    first, second = map(json.loads, _lines(capsys))
    assert {name: first[name] for name in ids} == ids
    assert (second["task"], second["run"]) == ("task-2", "run-1")


def test_libraries_say_less(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", "json")
    logging.getLogger("a2a.server.routes").debug("Request body: secret")
    logging.getLogger("dbos").info("To view and manage workflows, connect to ...")
    logging.getLogger("dbos").warning("heard once")
    (line,) = map(json.loads, _lines(capsys))
    assert line["message"] == "heard once"
