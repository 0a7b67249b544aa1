"""What our host makes of a plugin's stderr."""

import pytest

from goplugin import LogLine
from goplugin.runtime.host import parse_log_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '{"@level":"warn","@message":"m","@timestamp":"t","a":1}',
            LogLine("warn", "m", "t", {"a": 1}),
        ),
        ('{"@level":"info"}', LogLine("info", "")),
        ("plain", LogLine("debug", "plain")),
        ("[INFO] plain", LogLine("info", "[INFO] plain")),
        ("[TRACE]x", LogLine("trace", "[TRACE]x")),
        ("panic: oh", LogLine("error", "panic: oh")),
        ("fatal error: oh", LogLine("error", "fatal error: oh")),
        ('{"@level":"loud","@message":"m"}', LogLine("debug", '{"@level":"loud","@message":"m"}')),
        ('{"@level":[],"@message":"m"}', LogLine("debug", '{"@level":[],"@message":"m"}')),
        ('{"@level":"info","@message":5}', LogLine("debug", '{"@level":"info","@message":5}')),
        ("[1]", LogLine("debug", "[1]")),
        ("null", LogLine("debug", "null")),
        ("[" * 100_000, LogLine("debug", "[" * 100_000)),
    ],
)
def test_lines_are_read_as_gos_host_reads_them_and_never_panic(text: str, line: LogLine) -> None:
    assert parse_log_line(text) == line
