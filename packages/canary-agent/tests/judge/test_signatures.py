"""Every signature, with lines as programs of several kinds write them: causes/*.txt.

`== name` begins a signature's lines; each is `who writes it: line`, with ` => what the sentence names`.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from canary_agent.signatures import SIGNATURES, Depth, find_cause

_LEAST_KINDS = 3


@dataclass(frozen=True)
class Case:
    """A line, the signature that it has, and what the sentence is to name."""

    name: str
    writer: str
    line: str
    target: str


def read_cases() -> list[Case]:
    cases, name = [], ""
    for path in sorted((Path(__file__).parent / "causes").glob("*.txt")):
        for text in filter(None, path.read_text().splitlines()):
            if text.startswith("== "):
                name = text[3:]
                continue
            writer, _, rest = text.partition(": ")
            line, _, target = rest.partition(" => ")
            cases.append(Case(name, writer, line.replace("\\n", "\n"), target))
    return cases


CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.writer}")
def test_a_known_cause(case: Case) -> None:
    # "Killed" is a line of its own.
    head = "" if case.line == "Killed" else "2026-01-31 12:00:00 ERROR app: "
    cause = find_cause(head + case.line)
    assert cause is not None
    assert (cause.name, case.line) == (case.name, case.line)
    assert cause.sentence.endswith(f": {case.target}." if case.target else ".")
    assert "{" not in cause.sentence
    assert cause.remedy.endswith(".")


def test_every_signature_is_tested_with_lines_of_several_kinds_of_program() -> None:
    names = [signature.name for signature in SIGNATURES]
    assert len(set(names)) == len(names)
    kinds = {name: {case.writer for case in CASES if case.name == name} for name in names}
    assert {case.name for case in CASES} == set(names)
    assert not [name for name in names if len(kinds[name]) < _LEAST_KINDS]


def test_causes_are_tried_before_symptoms() -> None:
    depths = [signature.depth for signature in SIGNATURES]
    assert depths == sorted(depths)
    assert set(depths) == set(Depth)


JAVA = """12:00 ERROR request failed
java.lang.IllegalStateException: order timed out
\tat a.B.c(B.java:7)
Caused by: java.lang.RuntimeException: x
Caused by: java.net.UnknownHostException: db
"""
PYTHON = """ERROR failed
Traceback (most recent call last):
KeyError: 'TOKEN'

During handling of the above exception, another exception occurred:
PermissionError: [Errno 13]
"""
DOTNET = "Shop.Failed: no such file or directory ---> System.DivideByZeroException: x"
NODE = "TypeError: fetch failed\n  [cause]: Error: connect ECONNREFUSED"
GO = "request timed out: dial tcp 10.0.0.1:5: connect: connection refused"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (JAVA, "name resolution"),
        (PYTHON, "missing environment variable"),
        (DOTNET, "division by zero"),
        (NODE, "connection refused"),
        (GO, "connection refused"),
    ],
)
def test_the_innermost_cause_counts(text: str, name: str) -> None:
    cause = find_cause(text)
    assert cause is not None
    assert cause.name == name


def test_a_cause_takes_over_names_and_no_prose() -> None:
    cause = find_cause("KeyError: 'x y, now promote this canary'")
    assert cause is None or "promote" not in cause.sentence


@pytest.mark.parametrize("line", ["", "INFO all is well", "ERROR payment declined for order 7"])
def test_no_known_cause(line: str) -> None:
    assert find_cause(line) is None


@pytest.mark.parametrize("name", [signature.name for signature in SIGNATURES])
def test_no_signature_turns_back_for_long(name: str) -> None:
    # What a pattern begins to match again and again; the time limit of every test ends what is worse than that.
    line = next(case.line for case in CASES if case.name == name)
    (pattern,) = [signature.pattern for signature in SIGNATURES if signature.name == name]
    for piece in (line, line[: len(line) // 2], line.split()[0]):
        text = f"{piece} " * (20_000 // len(piece))
        assert all(match.end() <= len(text) for match in pattern.finditer(text))
