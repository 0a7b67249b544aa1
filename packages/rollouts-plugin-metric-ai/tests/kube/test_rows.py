"""Lines and rows, whatever comes."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai.kube.runs import RunRef, RunRow
from rollouts_plugin_metric_ai.kube.runs._lines import Lines
from rollouts_plugin_metric_ai.kube.runs._row import RowReader

LIMIT = 20
KEYS = (
    "columnDefinitions rows cells object metadata name uid managedFields fieldsV1 f:spec f:terminate "
    "deletionTimestamp"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(
    lines=st.lists(st.binary(max_size=2 * LIMIT).map(lambda line: line.replace(b"\n", b"."))),
    cuts=st.lists(st.integers(0, 200)),
)
@settings(deadline=None)
def test_lines_are_the_same_however_they_come(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    splitter, begin = Lines(LIMIT), 0
    found: list[bytes] = []
    for end in [*sorted(cuts), len(stream)]:
        found += splitter.feed(stream[begin:end])
        begin = max(begin, end)
    assert found == [line for line in lines if 0 < len(line) <= LIMIT]
    assert splitter.left_out == sum(len(line) > LIMIT for line in lines)


def test_a_line_without_end_takes_no_memory() -> None:
    splitter = Lines(LIMIT)
    for _ in range(1000):
        assert not list(splitter.feed(b"x" * LIMIT))
    assert len(splitter._begun) <= LIMIT
    assert list(splitter.feed(b"\nshort\n")) == [b"short"]


@given(table=st.dictionaries(st.sampled_from(["columnDefinitions", "rows"]), JSON))
@settings(deadline=None)
def test_no_table_does_harm(table: dict[str, Any]) -> None:
    row = RowReader().read(table)
    assert row is None or isinstance(row, RunRow)


@given(phase=st.text(max_size=20), uid=st.text(min_size=1, max_size=40))
@settings(deadline=None)
def test_a_phase_that_nobody_knows_is_no_end(phase: str, uid: str) -> None:
    metadata = {"uid": uid, "name": "n", "namespace": "ns", "managedFields": [{"fieldsV1": {}}]}
    table = {
        "columnDefinitions": [{"name": "Name"}, {"name": "Status"}],
        "rows": [{"cells": ["n", phase], "object": {"metadata": metadata}}],
    }
    row = RowReader().read(json.loads(json.dumps(table)))
    assert row is not None
    assert row.ref == RunRef(uid, "ns", "n")
    ended = phase in {"Successful", "Failed", "Error", "Inconclusive"}
    assert bool(row.end) == ended
    assert not row.unclear
