from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25), ("0s", 0)],
)
def test_durations_are_read_as_go_reads_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "10", "10 m", "m", "-5s", "1d", "1e3s", "\u0661s", "5s\n", "NaN"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as 90s"):
        parse_duration(text)


@given(st.integers(0, 10**9).map(lambda n: timedelta(milliseconds=n)))
@settings(deadline=None)
def test_a_written_duration_reads_the_same(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration
