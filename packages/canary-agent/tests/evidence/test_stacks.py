import json
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


FRAME = "\tat shop.Cart.add(Cart.java:7)\n"
CAUSE = "Caused by: java.net.ConnectException: Connection refused\n\tat x.y(Z.java:1)\n"
KOTLIN = """12:00:00 ERROR shop - failed
kotlin.KotlinNullPointerException
\tat shop.Cart.add(Cart.kt:7)
\tSuppressed: kotlinx.coroutines.DiagnosticCoroutineContextException: x
Caused by: java.io.IOException: z
\t... 3 common frames omitted
"""
NODE_CAUSE = """TypeError: fetch failed
    at async f (/app/a.js:1:2) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:80
      at TCP.x (node:net:1) {
    code: 'ECONNREFUSED'
  }
}
"""
DOTNET_LOGGED = """fail: Shop.Cart[0]
      Unhandled
      System.InvalidOperationException: x
       ---> System.Net.Sockets.SocketException (111): Connection refused
         at A.B() in /app/a.cs:line 3
         --- End of inner exception stack trace ---
"""
RUBY = """E, [2026-01-31T12:00:00.1 #1] ERROR -- : ActiveRecord::Oops: no
app/models/a.rb:3:in `b'
app/models/c.rb:4:in `d'
"""
PHP = """PHP Fatal error:  Uncaught Exception: x in /app/a.php:3
Stack trace:
#0 /app/b.php(4): f()
#1 {main}
  thrown in /app/a.php on line 3
"""
ANYHOW = "Error: cannot start\n\nCaused by:\n    0: connecting\n    1: refused\n"
ELIXIR = """12:00:00.123 [error] GenServer Cart terminating
** (KeyError) key :total not found in: %{}
    (shop 0.1.0) lib/cart.ex:3: Cart.add/1
Last message: :add
State: %{}
"""
ERLANG = """=ERROR REPORT==== 31-Jan-2026::12:00:00 ===
** Generic server cart terminating
** Reason for termination ==
** {badarith,[{cart,add,1,[]}]}
"""
ASAN = "==7==ERROR: AddressSanitizer: heap-use-after-free\n    #0 0x4 in main a.c:3\n"
GROUP = """ERROR:root:failed
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in <module>
  | ExceptionGroup: x (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: y
    +------------------------------------
"""
DEEP = "12:00 ERROR run failed\njava.lang.IllegalStateException: bad\n" + FRAME * 90 + CAUSE

STRUCTLOG = (
    'level=error event=failed error="x(1)" exception="Traceback (most recent call last):'
    '\\n  File \\"a.py\\"\\nshop.BoomError: y"\n'
)


def cri(text: str) -> str:
    return "".join(f"2026-01-31T12:00:00.1Z stderr F {line}\n" for line in text.splitlines())


def json_stack(text: str) -> str:
    return json.dumps({"level": "ERROR", "message": "failed", "stack_trace": text}) + "\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (KOTLIN, "java.io.IOException"),
        (NODE_CAUSE, ""),
        (DOTNET_LOGGED, "System.InvalidOperationException"),
        (RUBY, ""),
        (PHP, ""),
        (ANYHOW, ""),
        (ELIXIR, "KeyError"),
        (ERLANG, ""),
        (ASAN, ""),
        (GROUP, "Exception"),
        (DEEP, "java.net.ConnectException"),
        (cri(DEEP), "java.net.ConnectException"),
        (json_stack("a.BException: x\n" + FRAME * 600 + CAUSE), "java.net.ConnectException"),
        (json_stack(PYTHON_TRACE), "psycopg2.OperationalError"),
        (STRUCTLOG, "shop.BoomError"),
    ],
)  # fmt: skip
def test_stacks_of_every_language_are_one_record(observe: Observe, text: str, kind: str) -> None:
    before, seen, after = observe(f"INFO before\n{text}INFO after\n")
    assert (before.template.text, after.template.text) == ("INFO before", "INFO after")
    assert seen.template.exception == kind
    assert seen.template.severity is Severity.ERROR


def test_a_stack_that_another_line_cuts_in_two_is_one_record(observe: Observe) -> None:
    head = "12:00 ERROR a failed\njava.lang.IllegalStateException: bad\n"
    seen = observe(head + FRAME + "12:00 INFO other\n" + FRAME + CAUSE)
    assert [one.template.text for one in seen] == [
        "<*> ERROR a failed [java.net.ConnectException]",
        "<*> INFO other",
    ]


def test_what_only_looks_like_a_stack_stays_a_line(observe: Observe) -> None:
    lines = ["INFO ready", "#1 in the list", "** welcome **", "State: running", "Stack trace:"]
    assert [one.record.head for one in observe("\n".join(lines))] == lines


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-31T12:00:0{n}.123456Z  INFO shop::cart: cart opened id={n}",
        "\x1b[2m2026-01-31T12:00:0{n}.123456Z\x1b[0m \x1b[32m INFO\x1b[0m \x1b[2mshop::cart\x1b[0m: opened id={n}",
        "2026-01-31T12:00:0{n}.123Z  WARN 1 --- [main] o.e.shop.Cart : cart {n} is slow",
        "2026-01-31T12:00:0{n}.1Z 2026-01-31T12:00:0{n}.123456Z  INFO shop::cart: cart opened id={n}",
    ],
)
def test_a_padded_level_after_the_time_begins_a_record(
    observe: Callable[..., list[Any]], line: str
) -> None:
    text = "".join(line.replace("{n}", str(number)) + "\n" for number in range(9))
    assert sum(one.count for one in observe(text)) == 9


def test_what_is_indented_after_a_stamp_goes_on_with_the_line_before(
    observe: Callable[..., list[Any]],
) -> None:
    stamp = "2026-01-31T12:00:00.123456789Z "
    text = f"{stamp}ERROR no cart\n{stamp}    at Cart.open(Cart.java:7)\n"
    assert [one.count for one in observe(text)] == [1]
