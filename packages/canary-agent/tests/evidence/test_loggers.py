"""Severity, status class and crash of the lines of lines.txt: `SEVERITY status [crash] | line`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Observe = Callable[..., list[Any]]

LINES = [
    tuple(text.split(" | ", 1))
    for text in (Path(__file__).parent / "lines.txt").read_text().splitlines()
]


@pytest.mark.parametrize(("expected", "line"), LINES)
def test_a_line_as_its_logger_writes_it(observe: Observe, expected: str, line: str) -> None:
    (seen,) = observe(line)
    template = seen.template
    crash = " crash" if template.crash else ""
    assert f"{template.severity.name} {template.status}{crash}" == expected


@pytest.mark.parametrize(
    ("line", "name", "seconds"),
    [
        ('I1123 13:03:58.6   11996 main.go:86] "HTTP" verb="POST" URI="/orders/7?a=1" latency="61.4ms" resp=201', "time POST /orders/<*>", 0.0614),
        ('1.2.3.4:5 [31/Jan/2026:12:00:00.1] shop pay/p1 0/0/0/19/20 200 217 - - ---- 1/1/0/0/0 0/0 "POST /pay HTTP/1.1"', "time POST /pay", 0.02),
        ('1.2.3.4 - - [31/Jan/2026:12:00:00 +0000] "GET /a/7.html HTTP/1.1" 200 12 "-" "curl/8" 0.512', "time GET /a/<*>", 0.512),
        ('1.2.3.4 - - [31/Jan/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8" 51234', "time GET /a", 0.0512),
        ('- - - 31/Jan/2026:12:00:00 +0000 "POST /orders" 201 32.546', "time POST /orders", 0.0325),
        ('::1 - - [31/Jan/2026:12:00:00 +0000] "GET /x HTTP/1.1" 200 12 0.0345', "time GET /x", 0.0345),
        ("[Nest] 7  - 01/31/2026, 3:33:47 PM     LOG [HTTP] GET /x/182 200 +62ms", "time GET /x/<*>", 0.062),
        ("2026-01-31 12:00:00 10.0.0.1 GET /x - 443 - 10.0.0.9 curl/8 - 200 0 0 15", "time GET /x", 0.015),
        ('{"level":30,"req":{"method":"GET","url":"/x/7?a=1"},"res":{"statusCode":200},"responseTime":12,"msg":"request completed"}', "responseTime GET /x/<*>", 0.012),
        ('level=info event=request method=POST path=/orders status=201 duration_ms=276.7', "duration_ms POST /orders", 0.2767),
        ('{"level":"info","msg":"handled request","request":{"method":"GET","uri":"/x"},"duration":0.0012,"status":200}', "duration GET /x", 0.0012),
        ('{"DownstreamStatus":200,"Duration":12000000,"RequestMethod":"GET","RequestPath":"/x","msg":""}', "Duration GET /x", 0.012),
        ('{"method":"GET","path":"http://a.shop/x#y","response_code":200,"duration":12}', "duration GET /x", 0.012),
    ],
)  # fmt: skip
def test_a_duration_belongs_to_its_route_and_has_its_servers_unit(
    observe: Observe, line: str, name: str, seconds: float
) -> None:
    (seen,) = observe(line)
    ((found, value),) = seen.latencies
    assert found == name
    assert value == pytest.approx(seconds, rel=0.01)


def test_paths_without_end_are_one_route_but_for_the_most_frequent(observe: Observe) -> None:
    lines = [f"GET /{''.join(chr(97 + int(c)) for c in str(n))} 200 3 ms - 2" for n in range(300)]
    seen = observe("\n".join(lines + ["GET /often 200 3 ms - 2"] * 5))
    names = {one.latencies[0][0] for one in seen}
    assert len(names) == 51
    assert {"time", "time GET /often"} < names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I0131 12:00:00.1    9224 a.go:1] done", "I0131 12:00:00.1   11996 a.go:2] done"),
        ("[GIN] | 200 |   1.2ms | GET", "[GIN] | 200 | 112.2ms | GET"),
    ],
)
def test_padding_makes_no_other_template(observe: Observe, one: str, other: str) -> None:
    assert observe(one)[0].template.text == observe(other)[0].template.text


def test_quoted_messages_of_klog_are_templates_of_their_own(observe: Observe) -> None:
    head = "I0131 12:00:00.1       1 main.go:177] "
    stored, approved = observe(f'{head}"Order stored" order=9\n{head}"Payment approved" cents=5')
    assert stored.template.text == "I <*> <*> main.go:<*>] Order stored order=<*>"
    assert approved.template.text == "I <*> <*> main.go:<*>] Payment approved cents=<*>"
