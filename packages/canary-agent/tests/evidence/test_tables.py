import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from canary_agent.collect import ContainerLog, Side
from canary_agent.evidence import Cancelled, PolicyError, _table
from canary_agent.evidence._accepted import accepted_keys
from canary_agent.evidence._read import read_side
from canary_agent.evidence._table import SideTable
from canary_agent.evidence.parse import Severity
from canary_agent.evidence.parse._observe import Parser

TableOf = Callable[[str], SideTable]


def broken() -> Iterator[bytes]:
    yield b"INFO one\nINFO two\n"
    raise OSError(5, "Input/output error")


def test_a_log_that_breaks_off_is_named_and_what_was_read_counts() -> None:
    table = read_side(Side(logs=(ContainerLog("p", "c", broken),)), Parser(), lambda: False)
    assert (table.unread, table.lines, table.containers) == (["p/c: Input/output error"], 2, 0)


@pytest.mark.parametrize("asked", [1, 2, 10])
def test_reading_ends_soon_after_a_cancellation(asked: int) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"INFO x\n" * 1000

    answers = iter([False] * asked + [True] * 5)
    with pytest.raises(Cancelled):
        read_side(Side(logs=(ContainerLog("p", "c", endless),)), Parser(), lambda: next(answers))


def test_templates_and_latencies_are_bounded(
    table_of: TableOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_table, "_MAX_TEMPLATES", 10)
    monkeypatch.setattr(_table, "_MAX_LATENCIES", 3)
    words = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200)]
    table = table_of("".join(f"INFO {word} took 3ms\nERROR {word}\n" for word in words))
    assert len(table.templates) <= 12
    assert len(table.latencies) == 3
    assert table.lines == sum(one.count for one in table.templates.values()) == 400
    assert table.lines_below(Severity.ERROR) == 200


def test_a_sample_keeps_the_head_and_the_lines_that_name_the_cause(table_of: TableOf) -> None:
    frames = "".join(f"\tat f{i}\n" for i in range(60))
    table = table_of(f"ERROR x\njava.lang.Error: y\n{frames}Caused by: java.io.IOException: z\n")
    (counted,) = table.templates.values()
    assert counted.sample.text.startswith("ERROR x\njava.lang.Error: y\n")
    assert counted.sample.text.endswith("Caused by: java.io.IOException: z")
    assert len(counted.sample.text) < 500


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ((), 3),
        (("color <*> unknown",), 2),
        (("color .* unknown",), 2),
        (("^ERROR (?:color|size)",), 1),
        (("nothing like it",), 3),
        (("(unbalanced",), 3),
        (("color", "size", "disk"), 0),
    ],
)
def test_accepted_templates_by_text_or_expression(
    table_of: TableOf, patterns: tuple[str, ...], left: int
) -> None:
    table = table_of("ERROR color 7 unknown\nERROR size 3 unknown\nERROR disk\n")
    assert len(table.without(accepted_keys(patterns, [table]))) == left


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(?<!no )error", "looks around; name the text itself"),
        ("error(?= in)", "looks around"),
        (r"(a)\1", "refers back"),
        ("(?P<x>a)(?P=x)", "refers back"),
        ("(?>a|b)c", "write \\(\\?: in its place"),
        ("(a)?(?(1)b|c)", "write two patterns"),
        ("a{2000}", "more than 1,000 times"),
        ("(?:a{100}){100}", "more than 1,000 times"),
        ("", "matches everything"),
        (".*", "matches everything"),
        ("a?", "matches everything"),
    ],
)
def test_expressions_that_cannot_be_followed_are_refused_with_advice(
    table_of: TableOf, pattern: str, said: str
) -> None:
    with pytest.raises(PolicyError, match=rf"policy\.accepted: .*{said}"):
        accepted_keys((pattern,), [table_of("ERROR a\n")])


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)+$", "(a|b|ab)*c", "(.*)(.*)(.*)(.*)z", "(x+x+)+y", "a.*a.*a.*a.*b"],
)
def test_no_expression_takes_more_than_linear_time(table_of: TableOf, pattern: str) -> None:
    # An engine that turns back takes ages for these, and the time limit of every test ends it.
    table = table_of("ERROR " + "a" * 4000 + "x" * 4000 + "\n")
    assert accepted_keys((pattern,) * 100, [table]) == set()


def test_text_that_is_no_expression_is_looked_for_as_it_stands(table_of: TableOf) -> None:
    table = table_of('ERROR C++ (unbalanced\n{"level":"error","msg":"half \\ud800 a pair"}\n')
    assert len(accepted_keys(("C++ (",), [table])) == 1
    assert len(accepted_keys(("half . a p",), [table])) == 1


def test_only_a_process_that_judges_loads_polars() -> None:
    code = "import sys, canary_agent.patience; sys.exit('polars' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
