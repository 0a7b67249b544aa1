"""Lines as well-known programs and libraries write them: severity, status, crash, durations."""

from collections.abc import Callable
from typing import Any

import pytest

from canary_agent.evidence.parse import Severity

Observe = Callable[..., list[Any]]

_, I, W, E, F = Severity  # noqa: E741 - the severities' own letters

TEXT = [
    ("nginx", '10.0.0.1 - bob [31/Jan/2026:12:00:00 +0000] "POST /x HTTP/2.0" 504 176 "-" "curl/8" 0.512', E, 5),
    ("nginx error", "2026/01/31 12:00:00 [crit] 7#7: *8 SSL_do_handshake() failed (SSL: error:0A000086)", F, 0),
    ("nginx worker", "2026/01/31 12:00:00 [alert] 1#1: worker process 30 exited on signal 11", F, 0),
    ("apache error", "[Sat Jan 31 12:00:00.123456 2026] [proxy:error] [pid 7:tid 140] (111)Connection refused: AH00957: HTTP", E, 0),
    ("apache access", '10.0.0.1 - - [31/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 196', I, 4),
    ("postgres", '2026-01-31 12:00:00.123 UTC [42] ERROR:  relation "orders" does not exist at character 15', E, 0),
    ("postgres statement", "2026-01-31 12:00:00.123 UTC [42] STATEMENT:  select error from orders", I, 0),
    ("postgres detail", "2026-01-31 12:00:00.123 UTC [42] DETAIL:  Failed to match a key", I, 0),
    ("mysql", "2026-01-31 12:00:00 1 [ERROR] [MY-010187] [Server] Could not open file", E, 0),
    ("redis", "1:M 31 Jan 2026 12:00:00.123 # WARNING Memory overcommit must be enabled!", W, 0),
    ("redis fine", "1:M 31 Jan 2026 12:00:00.123 * Ready to accept connections", I, 0),
    ("mongo 4.2", "2026-01-31T12:00:00.123+0000 E NETWORK  [conn1] socket exception", E, 0),
    ("haproxy", '172.17.0.1:55 [31/Jan/2026:12:00:00.123] http-in api/s1 0/0/1/2/3 503 176 - - ---- 1/1/0/0/0 0/0 "GET /"', E, 5),
    ("envoy", '[2026-01-31T12:00:00.123Z] "GET /x HTTP/1.1" 503 UF,URX upstream_reset - "-" 0 91 12 - "-" "curl"', E, 5),
    ("klog", "E0131 12:00:00.123456       1 reflector.go:150] watch closed", E, 0),
    ("gunicorn", "[2026-01-31 12:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)", F, 0),
    ("gunicorn fine", "[2026-01-31 12:00:00 +0000] [7] [INFO] Booting worker with pid: 9", I, 0),
    ("uvicorn", 'INFO:     10.0.0.1:5000 - "GET /x HTTP/1.1" 500 Internal Server Error', E, 5),
    ("uvicorn error", "ERROR:    Exception in ASGI application", E, 0),
    ("werkzeug", '10.0.0.1 - - [31/Jan/2026 12:00:00] "GET / HTTP/1.1" 200 -', I, 2),
    ("logback", "12:00:00.123 [http-nio-8080-exec-1] ERROR c.e.shop.CartController - cart 7 lost", E, 0),
    ("log4j", "2026-01-31 12:00:00,123 WARN  [main] org.apache.kafka.clients.NetworkClient - Broker gone", W, 0),
    ("spring boot", "2026-01-31 12:00:00.123 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[dispatcherServlet] : Servlet threw", E, 0),
    ("tomcat", "31-Jan-2026 12:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.start Failed", E, 0),
    ("rust tracing", "2026-01-31T12:00:00.123456Z ERROR shop::cart: lost connection error=Io(Os { code: 111 })", E, 0),
    ("rust env_logger", "[2026-01-31T12:00:00Z WARN  shop] slow", W, 0),
    ("ruby", "E, [2026-01-31T12:00:00.123456 #1] ERROR -- : boom", E, 0),
    ("rails", "I, [2026-01-31T12:00:00.123456 #1]  INFO -- : Completed 500 Internal Server Error in 12ms", E, 5),
    ("php", "PHP Fatal error:  Uncaught Error: Call to undefined function x() in /app/a.php:3", E, 0),
    ("syslog", "Jan 31 12:00:00 host app[12]: error: no route", E, 0),
    ("zap console", "2026-01-31T12:00:00.000Z\tERROR\tshop/cart.go:12\tlost", E, 0),
    ("node debug", "[WARN] slow", W, 0),
    ("nothing at all", "ready in a moment", I, 0),
]  # fmt: skip

STRUCTURED = [
    ("etcd", '{"level":"warn","ts":"x","caller":"etcdserver/util.go:170","msg":"took too long","took":"150.2ms"}', W, 0, "etcdserver/util.go:<*>: took too long"),
    ("pino", '{"level":50,"time":1769860800123,"pid":1,"hostname":"api-1","msg":"lost"}', E, 0, "lost"),
    ("pino http", '{"level":30,"req":{"method":"GET"},"res":{"statusCode":502},"responseTime":12,"msg":"request completed"}', E, 5, "request completed [5xx]"),
    ("ecs", '{"log.level":"ERROR","message":"boom","error.type":"a.B","error.stack_trace":"a.B: x\\n\\tat A.b(A.java:1)"}', E, 0, "boom [a.B]"),
    ("serilog", '{"Level":"Error","MessageTemplate":"Order {Id} failed","Exception":"System.Exception: x\\n   at A.B()"}', E, 0, "Order {Id} failed: System.Exception: x [System.Exception]"),
    ("compact serilog", '{"@t":"x","@mt":"Order {Id} failed","@l":"Error","Id":7}', E, 0, "Order {Id} failed"),
    ("google cloud", '{"severity":"ERROR","textPayload":"lost","httpRequest":{"status":503,"latency":"0.3s"}}', E, 5, "lost [5xx]"),
    ("slog", '{"time":"x","level":"ERROR","source":{"function":"main.f","file":"a.go"},"msg":"x","err":"EOF"}', E, 0, "x: EOF"),
    ("mongo", '{"t":{"$date":"x"},"s":"E","c":"NETWORK","id":23,"ctx":"conn1","msg":"Gone","attr":{"error":"reset"}}', E, 0, "Gone: reset"),
    ("python-json-logger", '{"asctime":"x","levelname":"WARNING","name":"shop","message":"slow 12"}', W, 0, "shop: slow <*>"),
    ("structlog", '{"event":"order stored","level":"info","order":7}', I, 0, "order stored"),
    ("prometheus", 'ts=x caller=main.go:12 level=error component=tsdb msg="Opening storage failed" err="locked"', E, 0, "main.go:<*>: Opening storage failed: locked"),
    ("traefik", 'time="x" level=error msg="Unable to obtain a certificate" providerName=le', E, 0, "Unable to obtain a certificate"),
    ("a version's own line numbers", '{"level":"info","caller":"a.go:99","msg":"x"}', I, 0, "a.go:<*>: x"),
]  # fmt: skip

NODE = """node:internal/process/promises:288
            triggerUncaughtException(err, true);
            ^

Error: connect ECONNREFUSED 10.0.0.1:5432
    at TCPConnectWrap.x (node:net:1555:16) {
  errno: -111
}

Node.js v20.1.0
"""
CRASHES = [
    ("rust", "thread 'main' (12) panicked at src/main.rs:4:5:\ncalled `Option::unwrap()` on a `None` value\n", "rust panic: src/main.rs:<*>"),
    ("node", NODE, "uncaught node exception: Error"),
    ("dotnet", "Unhandled exception. System.IO.FileNotFoundException: no X\n   at Program.Main()\n", "unhandled .NET exception: System.IO.FileNotFoundException"),
    ("nginx", '2026/01/31 12:00:00 [emerg] 1#1: host not found in upstream "api" in /etc/nginx.conf:12\n', "fatal: <*> <*> [emerg] <*>#<*>: host not found in upstream <*> in /etc/nginx.conf:<*>"),
    ("postgres", '2026-01-31 12:00:00.123 UTC [42] PANIC:  could not write to file "pg_wal": No space left\n', "fatal: <*> <*> UTC [<*>] PANIC:  could not write to file <*>: No space left"),
    ("logrus", 'time="x" level=fatal msg="cannot bind" error="listen tcp :80: bind: permission denied"\n', "fatal: cannot bind"),
    ("shell", "Killed\n", "killed: Killed"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "severity", "status"), TEXT)
def test_lines_of_text(
    observe: Observe, name: str, line: str, severity: Severity, status: int
) -> None:
    (seen,) = observe(line)
    assert (seen.template.severity, seen.template.status) == (severity, status), name


@pytest.mark.parametrize("example", STRUCTURED)
def test_structured_lines(observe: Observe, example: tuple[str, str, Severity, int, str]) -> None:
    name, line, *expected = example
    template = observe(line)[0].template
    assert [template.severity, template.status, template.text] == expected, name


@pytest.mark.parametrize(("name", "text", "crash"), CRASHES)
def test_crashes(observe: Observe, name: str, text: str, crash: str) -> None:
    assert crash in [one.template.crash for one in observe(f"before\n{text}after\n")], name


def test_dotnets_console_writes_the_message_below_its_level(observe: Observe) -> None:
    seen = observe(
        "fail: Shop.Cart[0]\n      Could not reserve stock for order 17\n"
        "info: Shop.Cart[0]\n      Fine\n"
        "crit: Shop.Host[6]\n      Cannot start\nSystem.IO.IOException: gone\n   at A.B()\n"
    )
    assert [(one.template.severity, one.template.text) for one in seen] == [
        (E, "fail: Shop.Cart[<*>] Could not reserve stock for order <*>"),
        (I, "info: Shop.Cart[<*>] Fine"),
        (F, "crit: Shop.Host[<*>] Cannot start [System.IO.IOException]"),
    ]


def test_a_stack_cut_in_two_by_another_threads_line_stays_one(observe: Observe) -> None:
    seen = observe(
        "ERROR one failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n"
        "INFO another thread is fine\n\tat a.D.e(D.java:2)\n\tat a.F.g(F.java:3)\nINFO on\n"
    )
    assert [one.template.text for one in seen] == [
        "ERROR one failed [java.lang.IllegalStateException]",
        "INFO another thread is fine",
        "INFO on",
    ]


def test_formats_may_change_from_line_to_line(observe: Observe) -> None:
    seen = observe(
        '{"level":"error","msg":"a"}\nlevel=warn msg=b\nE0131 12:00:00.1 1 c.go:9] c\n'
        "\x1b[31mERROR\x1b[0m d\n2026-01-31T12:00:00.1Z stderr F WARN e\n\xff\xfe\nplain\n"
    )
    assert [one.template.severity for one in seen] == [E, W, E, E, W, I, I]


@pytest.mark.parametrize(
    "block",
    ["ERROR x\njava.lang.Error: y\n\tat a.B.c(B.java:1)\n", '{"level":"info","msg":"x 1"}\n', "INFO x 1\n"],
)  # fmt: skip
def test_records_are_whole_however_many_batches_they_are_read_in(
    observe: Observe, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    whole = sum_of(observe(block * 200))
    monkeypatch.setattr("canary_agent.evidence.parse._lines.BATCH_BYTES", 1000)
    assert sum_of(observe(block * 200)) == whole
    assert list(whole.values()) == [200]


def sum_of(seen: list[Any]) -> dict[object, int]:
    counts: dict[object, int] = {}
    for one in seen:
        counts[one.template] = counts.get(one.template, 0) + one.count
    return counts
