import pytest

from canary_agent.moments import moment_of, time_in

NOON = 1_769_860_800.0


@pytest.mark.parametrize(
    ("line", "seconds", "time"),
    [
        ("2026-01-31T12:00:00Z x", 0, "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.123456789Z x", 0, "2026-01-31T12:00:00.123456789Z"),
        ("at 2026-01-31 12:00:30,250 INFO x", 30, "2026-01-31 12:00:30,250"),
        ("2026/01/31 12:00:00 [error] x", 0, "2026/01/31 12:00:00"),
        ("2026-01-31T13:00:00+01:00 x", 0, "2026-01-31T13:00:00+01:00"),
        ("2026-01-31 07:00:00.5 -0500 x", 0, "2026-01-31 07:00:00.5 -0500"),
        (
            '10.0.0.1 - - [31/Jan/2026:13:30:00 +0130] "GET /"',
            0,
            "31/Jan/2026:13:30:00 +0130",
        ),
        ('{"level":30,"time":1769860801123,"msg":"x"}', 1, "2026-01-31T12:00:01Z"),
        ("ts=1769860800.5 level=info", 0, "2026-01-31T12:00:00Z"),
    ],
)
def test_the_time_of_a_line_and_its_zone(line: str, seconds: float, time: str) -> None:
    assert moment_of(line) == NOON + seconds
    assert time_in(line) == time


@pytest.mark.parametrize(
    "line",
    ["", "x", "2026-99-99T12:00:00Z", "[31/Foo/2026:12:00:00 +0000]", "x" * 400 + "2026-01-31T12:00:00Z"],
)  # fmt: skip
def test_lines_without_a_time(line: str) -> None:
    assert moment_of(line) is None
    assert time_in(line) == ""
