"""Words that are variables, over the unique templates of both sides."""

from collections.abc import Callable
from random import Random

from canary_agent.evidence._table import SideTable, Timed
from canary_agent.evidence._variables import generalised, join_variables

TableOf = Callable[[str], SideTable]

NAMES = ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal", "ida", "joe"]


def test_a_word_with_many_values_is_a_variable_of_both_sides(table_of: TableOf) -> None:
    stable = table_of("".join(f"WARN user {name} took 3 ms\n" for name in NAMES[:9]))
    canary = table_of("WARN user joe took 3 ms\nWARN user left\n")
    join_variables((stable, canary))
    assert [(key[0], one.count) for key, one in stable.templates.items()] == [
        ("WARN user <*> took <*> ms", 9)
    ]
    assert {key[0] for key in canary.templates} == {"WARN user <*> took <*> ms", "WARN user left"}
    timed = Timed("WARN user <*> took <*> ms", 0, "time")
    assert {key: len(values) for key, values in stable.latencies.items()} == {timed: 9}


def test_a_few_values_are_as_many_call_sites() -> None:
    assert generalised(f"cannot load {name}" for name in NAMES[:9]) == {}


def test_errors_and_crashes_of_several_kinds_are_not_joined(table_of: TableOf) -> None:
    text = "".join(f"panic: {name}\n" for name in NAMES) + "".join(
        f"{'ERROR' if at % 2 else 'WARN'} {name}\n" for at, name in enumerate(NAMES)
    )
    table = table_of(text)
    before = set(table.templates)
    join_variables((table,))
    assert set(table.templates) == before


def test_two_variables_in_any_order_of_lines() -> None:
    sites = [f"{a} calls {b} now" for a in NAMES for b in NAMES]
    expected = generalised(sites)
    assert set(expected.values()) == {"<*> calls <*> now"}
    Random(1).shuffle(sites)
    assert generalised(sites) == expected
