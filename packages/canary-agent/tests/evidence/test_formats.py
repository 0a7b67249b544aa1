from collections.abc import Callable
from typing import Any

import pytest

from canary_agent.evidence.parse import Severity

Observe = Callable[..., list[Any]]

D, I, W, E, F = Severity  # noqa: E741 - the severities' own letters

LINES = [
    # line, severity, status class, template
    ("2026-01-31 12:00:00,123 INFO shop.cart: added 3 items", I, 0, "<*> <*> INFO shop.cart: added <*> items"),
    ("2026-01-31 12:00:00,123 ERROR shop.cart: lost 3 items", E, 0, "<*> <*> ERROR shop.cart: lost <*> items"),
    ("WARNING:root:disk at 91%", W, 0, "WARNING:root:disk at <*>%"),
    ("12:00:00.123 [main] WARN  c.e.Pool - 3 waiting", W, 0, "<*> [main] WARN  c.e.Pool - <*> waiting"),
    ("E0131 12:00:00.123456       1 sync.go:99] lost lease", E, 0, "E <*> <*> sync.go:<*>] lost lease"),
    ("I0131 12:00:00.123456       1 sync.go:99] error count", I, 0, "I <*> <*> sync.go:<*>] error count"),
    ("2026/01/31 12:00:00 [error] 7#7: *3 connect() failed", E, 0, "<*> <*> [error] <*>#<*>: *<*> connect() failed"),
    ("2026/01/31 12:00:00 [warn] 7#7: buffered to disk", W, 0, "<*> <*> [warn] <*>#<*>: buffered to disk"),
    ("[Sat Jan 31 12:00:00.1 2026] [core:crit] [pid 7] low", F, 0, "[<*> <*> <*> <*>] [core:crit] [pid <*>] low"),
    ("2026-01-31T12:00:00.000Z\terror\tserver.go:12\tgone", E, 0, "<*>\terror\tserver.go:<*>\tgone"),
    ("12:00:00 warn pool is nearly empty", W, 0, "<*> warn pool is nearly empty"),
    ("2026-01-31 12:00:00 UTC [12] LOG:  checkpoint done", I, 0, "<*> <*> UTC [<*>] LOG:  checkpoint done"),
    ('2026-01-31 12:00:00 UTC [12] FATAL:  role "x" is gone', E, 0, "<*> <*> UTC [<*>] FATAL:  role <*> is gone"),
    ("something went well", I, 0, "something went well"),
    ("failed to open the door", E, 0, "failed to open the door"),
    ("checked 9 files: 0 errors", I, 0, "checked <*> files: <*> errors"),
    ("no error so far, errors=0", I, 0, "no error so far, errors=<*>"),
    ("WARN: setting x is deprecated", I, 0, "WARN: setting x is deprecated"),
    ('1.2.3.4 - - [31/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 503 12', E, 5, "<*> - - [<*> +<*>] <*> <*> <*> [5xx]"),
    ('1.2.3.4 - - [31/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 12', I, 2, "<*> - - [<*> +<*>] <*> <*> <*> [2xx]"),
    ("INFO GET /cart -> 500", E, 5, "INFO GET /cart -> <*> [5xx]"),
    ("INFO request done status=404", I, 4, "INFO request done status=<*> [4xx]"),
    ("[GIN] 2026/01/31 - 12:00:00 | 502 |  1.2ms | 1.2.3.4 | GET", E, 5, "[GIN] <*> - <*> | <*> | <*> | <*> | GET [5xx]"),
    ("upstream returned 503, trying another", E, 5, "upstream returned <*>, trying another [5xx]"),
    ('{"level":"info","msg":"took 3 s"}', I, 0, "took <*> s"),
    ('{"level":"info","msg":"done","status":500}', E, 5, "done [5xx]"),
    ('{"level":"info","msg":"done","http":{"response":1,"status_code":"503"}}', E, 5, "done [5xx]"),
    ('{"level":50,"name":"api","msg":"boom"}', E, 0, "api: boom"),
    ('{"level":20,"msg":"cached"}', D, 0, "cached"),
    ('{"severity":"WARNING","message":"low"}', W, 0, "low"),
    ('{"level":"info","msg":"x","error":"dial 10.0.0.1: refused"}', W, 0, "x: dial <*>: refused"),
    ('{"message":"x","exception":"java.io.IOException"}', E, 0, "x: java.io.IOException"),
    ('{"level":"error","msg":"x","error.type":"IOError"}', E, 0, "x [IOError]"),
    ('{"a":1,"b":2}', I, 0, "a b"),
    ('time="x" level=warning msg="try 3" err=timeout', W, 0, "try <*>: timeout"),
    ('level=info msg="served" status=500 duration=3ms', E, 5, "served [5xx]"),
    ('level=error msg="say \\"no\\" twice"', E, 0, "say <*> twice"),
    ('{"level":"info", broken', I, 0, "{<*>:<*>, broken"),
    ("[1, 2, 3]", I, 0, "[<*>, <*>, <*>]"),
    ("msg=alone", I, 0, "msg=alone"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "severity", "status", "template"), LINES)
def test_severity_status_and_template_of_a_line(
    observe: Observe, line: str, severity: Severity, status: int, template: str
) -> None:
    (seen,) = observe(line)
    assert (seen.template.severity, seen.template.status, seen.template.text) == (
        severity,
        status,
        template,
    )


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("INFO done in 250ms", 0.25),
        ("INFO done took 3 s", 3.0),
        ("INFO request duration_ms=12.5", 0.0125),
        ("INFO request latency: 120us", 0.00012),
        ("GET /foo 200 12.345 ms - 22", 0.012345),
        ("INFO responseTime=0.5 rows=3", 0.5),
        ('{"msg":"x","duration_ms":12}', 0.012),
        ('{"msg":"x","elapsedSeconds":2}', 2.0),
        ('{"msg":"x","latency":"1m2.5s"}', 62.5),
        ('{"msg":"x","responseTime":"0.25"}', 0.25),
        ('level=info msg=x took=3µs elapsed="12 ms"', 3e-6),
    ],
)
def test_durations_with_their_units(observe: Observe, line: str, seconds: float) -> None:
    (seen,) = observe(line)
    assert seen.latencies[0][1] == pytest.approx(seconds, rel=0.006)


@pytest.mark.parametrize(
    "line",
    [
        '{"msg":"x","duration":true,"latency":null,"elapsed":-3,"took":1e300}',
        '{"msg":"x","duration":"soon"}',
        '{"msg":"x","duration":99999999999999999999}',
        "INFO duration 99999999999 s",
        "INFO in the end",
    ],
)
def test_what_is_no_duration(observe: Observe, line: str) -> None:
    (seen,) = observe(line)
    assert seen.latencies == ()


@pytest.mark.parametrize(
    ("framed", "bare"),
    [
        ("2026-01-31T12:00:00.123456789Z stdout F ERROR x", "ERROR x"),
        ("2026-01-31T12:00:00.123456789+01:00 stderr F ERROR x", "ERROR x"),
        ("2026-01-31T12:00:00.123456789Z ERROR x", "ERROR x"),
        ("[pod/shop-1/app] ERROR x", "ERROR x"),
        ('{"log":"ERROR x\\n","stream":"stderr","time":"2026-01-31T12:00:00Z"}', "ERROR x"),
        ("\x1b[31mERROR\x1b[0m x", "ERROR x"),
        ("ERROR x\r", "ERROR x"),
    ],
)
def test_frames_of_the_runtime_are_no_part_of_a_line(
    observe: Observe, framed: str, bare: str
) -> None:
    assert observe(framed)[0].record.head == bare


def test_an_applications_own_log_field_is_not_dockers(observe: Observe) -> None:
    (seen,) = observe('{"log":"x","level":"error","msg":"mine"}')
    assert seen.template.text == "mine"
    assert observe('{"log":"x" broken')[0].record.head == '{"log":"x" broken'


def test_partial_cri_lines_are_one_line(observe: Observe) -> None:
    frame = "2026-01-31T12:00:00.1Z"
    heads = [
        one.record.head
        for one in observe(
            f"{frame} stdout P first \n{frame} stderr F other\n{frame} stdout F last\n"
            f"{frame} stdout P unfinished\n"
        )
    ]
    assert heads == ["other", "first last", "unfinished"]


def test_lines_are_whole_however_the_chunks_are_cut(observe: Observe) -> None:
    content = "ERROR ä 1\nINFO b\n\nWARN c".encode()
    whole = [one.record.head for one in observe(content)]
    cut = [one.record.head for one in observe(content[i : i + 1] for i in range(len(content)))]
    assert cut == whole == ["ERROR ä 1", "INFO b", "WARN c"]


def test_a_structured_stack_is_read_like_lines(observe: Observe) -> None:
    (seen,) = observe(
        '{"level":"error","msg":"boom","err":{"type":"TypeError","stack":"TypeError: x\\n    at f (a.js:1)"}}'
    )
    assert seen.template.text == "boom [TypeError]"
