from collections.abc import Callable
from typing import Any

import pytest

from canary_agent.evidence.parse import Severity

Observe = Callable[..., list[Any]]

PYTHON_TRACE = """Traceback (most recent call last):
  File "a.py", line 3, in f
    x()
psycopg2.OperationalError: could not connect
"""
PYTHON_CHAIN = (
    PYTHON_TRACE
    + """
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "b.py", line 4, in g
    y()
shop.PaymentError: order 7
"""
)
JAVA_TRACE = """java.lang.IllegalStateException: bad
\tat com.foo.Bar.baz(Bar.java:12)
\t... 12 more
Caused by: java.net.ConnectException: Connection refused
\tat x.y(Z.java:1)
"""
GO_PANIC = """panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45]

goroutine 1 [running]:
main.(*Cart).add(0x0)
\t/app/main.go:12 +0x1d
created by main.main
exit status 2
"""
GO_RECOVERED = """2026/01/31 12:00:00 http: panic serving 1.2.3.4:5: boom
goroutine 5 [running]:
net/http.(*conn).serve.func1()
\t/usr/lib/go/x.go:1
"""
RUST_PANIC = """thread 'main' panicked at src/main.rs:4:5:
index out of bounds: the len is 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
NODE_UNCAUGHT = """Error: boom
    at Object.<anonymous> (/app/index.js:3:9)

Node.js v20.1.0
"""
DOTNET = """Unhandled exception. System.NullReferenceException: Object reference not set
   at Program.Main() in /app/Program.cs:line 5
"""


@pytest.mark.parametrize(
    ("text", "template"),
    [
        (
            "2026-01-31 ERROR db: failed\n" + PYTHON_TRACE,
            "<*> ERROR db: failed [psycopg2.OperationalError]",
        ),
        ("ERROR failed\n" + PYTHON_CHAIN, "ERROR failed [shop.PaymentError]"),
        (
            "12:00 ERROR run failed\n" + JAVA_TRACE,
            "<*> ERROR run failed [java.net.ConnectException]",
        ),
        (JAVA_TRACE, "java.lang.IllegalStateException: bad [java.net.ConnectException]"),
        (GO_RECOVERED, "<*> <*> http: panic serving <*>: boom"),
    ],
)
def test_a_stack_belongs_to_its_head(observe: Observe, text: str, template: str) -> None:
    before, seen, after = observe(f"INFO before\n{text}INFO after\n")
    assert (before.template.text, after.template.text) == ("INFO before", "INFO after")
    assert seen.template.text == template
    assert seen.template.severity is Severity.ERROR
    assert not seen.template.crash


@pytest.mark.parametrize(
    ("text", "crash"),
    [
        (PYTHON_TRACE, "uncaught python exception: psycopg2.OperationalError"),
        (GO_PANIC, "go panic: runtime error: invalid memory address or nil pointer dereference"),
        ("fatal error: concurrent map writes\n\ngoroutine 1 [running]:\n", "go fatal error: concurrent map writes"),
        (RUST_PANIC, "rust panic: src/main.rs:<*>:"),
        (NODE_UNCAUGHT, "uncaught node exception: Error"),
        (DOTNET, "unhandled .NET exception: System.NullReferenceException"),
        ('Exception in thread "main" ' + JAVA_TRACE, "uncaught java exception: java.lang.IllegalStateException"),
        ("Uncaught Error: boom\n    at x\n", "uncaught exception: Error: boom"),
        ("terminate called after throwing an instance of 'std::bad_alloc'\n", "C++ terminate: std::bad_alloc"),
        ("Segmentation fault (core dumped)\n", "killed by signal: Segmentation fault"),
        ("# A fatal error has been detected by the Java Runtime Environment:\n", "JVM crash"),
        ("F0131 12:00:00.1 1 main.go:9] cannot start\n", "fatal: <*> <*> main.go:<*>] cannot start"),
        ("2026-01-31 FATAL no way on\n", "fatal: <*> FATAL no way on"),
        ('{"level":"fatal","msg":"no way on"}\n', "fatal: no way on"),
        ('time=x level=panic msg="no way on"\n', "fatal: no way on"),
    ],
)  # fmt: skip
def test_crashes_have_a_signature(observe: Observe, text: str, crash: str) -> None:
    before, seen, *after = observe(f"INFO before\n{text}INFO after\n")
    assert before.template.text == "INFO before"
    assert seen.template.crash == crash.rstrip(":")
    assert seen.template.severity is Severity.FATAL
    assert [one.template.text for one in after] == ["INFO after"]


@pytest.mark.parametrize(
    "line",
    [
        "INFO user typed panic: help",
        '{"level":"info","msg":"FATAL is a word"}',
        '2026-01-31 12:00:00 UTC [7] FATAL:  password authentication failed for user "x"',
        'GET "/x" "panic: attack"',
        "CRITICAL WORKER TIMEOUT",
        "the fatality rate",
    ],
)
def test_what_only_looks_like_a_crash(observe: Observe, line: str) -> None:
    assert not observe(line)[0].template.crash


def test_indented_lines_without_end_are_cut_into_records(observe: Observe) -> None:
    seen = observe("ERROR head\n" + "  more\n" * 5000)
    assert 2 <= len(seen) <= 10
    assert all(len(one.record.trace) < 50 for one in seen)
