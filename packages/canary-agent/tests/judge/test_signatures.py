import re

import pytest

from canary_agent.signatures import SIGNATURES, find_cause

CASES = [
    ("out of memory", "java.lang.OutOfMemoryError: Java heap space"),
    ("out of memory", "OOMKilled"),
    ("out of memory", "FATAL ERROR: JavaScript heap out of memory"),
    ("image pull", 'Back-off pulling image "x": ErrImagePull'),
    ("missing secret or configuration object", 'secret "db-password" not found'),
    ("certificate", "x509: certificate has expired or is not yet valid"),
    ("certificate", "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]"),
    ("name resolution", "dial tcp: lookup db.shop on 10.0.0.10:53: no such host"),
    ("name resolution", "java.net.UnknownHostException: db.shop"),
    ("name resolution", "getaddrinfo ENOTFOUND db.shop"),
    ("connection refused", "dial tcp 10.0.0.1:5432: connect: connection refused"),
    ("connection refused", "Error: connect ECONNREFUSED 127.0.0.1:6379"),
    ("connection refused", "ConnectionRefusedError: [Errno 111] Connection refused"),
    ("missing environment variable", "KeyError: 'DATABASE_URL'"),
    ("missing environment variable", "required environment variable STRIPE_KEY is not set"),
    ("missing environment variable", "Error: missing required environment variable: STRIPE_KEY"),
    ("database migration or schema", 'ERROR: relation "orders" does not exist'),
    ("database migration or schema", "sqlite3.OperationalError: no such column: total"),
    ("database deadlock or lock timeout", "ERROR: deadlock detected"),
    ("authentication", 'FATAL:  password authentication failed for user "x"'),
    ("permission denied", "open /var/data: permission denied"),
    ("permission denied", "PermissionError: [Errno 13]"),
    ("disk full", "write /tmp/x: no space left on device"),
    ("too many open files or connections", "accept: too many open files"),
    ("too many open files or connections", "FATAL: remaining connection slots are reserved"),
    ("rate limit", "429 Too Many Requests"),
    ("rate limit", "7#7: *9 limiting requests, excess: 5.3 by zone"),
    ("timeout", "context deadline exceeded"),
    ("timeout", "java.net.SocketTimeoutException: Read timed out"),
    ("missing module or class", "Error: Cannot find module './pricing-engine'"),
    ("missing module or class", "ModuleNotFoundError: No module named 'stripe'"),
    ("configuration", "failed to load config /etc/app.yaml"),
    ("malformed document", "yaml: line 3: mapping values are not allowed"),
    ("malformed document", "SyntaxError: Expected ',' after property value in JSON at position 12"),
    ("damaged data", "# Wrong signature trying to load DB from file"),
    ("configuration", "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***"),
    ("database migration or schema", "table orders has no column named currency"),
    ("address in use", "listen tcp :8080: bind: address already in use"),
    ("null reference", "java.lang.NullPointerException: Cannot invoke"),
    ("null reference", "TypeError: Cannot read properties of undefined (reading 'id')"),
    ("null reference", "AttributeError: 'NoneType' object has no attribute 'id'"),
    ("data that cannot be read", "json.decoder.JSONDecodeError: Expecting value"),
    ("index or bounds", "IndexError: list index out of range"),
    ("type or value", "ValueError: invalid literal for int()"),
    ("division by zero", "ZeroDivisionError: division by zero"),
    ("killed by a signal", "Segmentation fault (core dumped)"),
    ("killed by a signal", "Error, exit code 139"),
    ("failing probe", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    ("upstream unavailable", "HTTP/1.1 502 Bad Gateway"),
    ("upstream unavailable", "HTTP/1.1 503 Service Unavailable"),
    ("wrong processor architecture", "exec /app: exec format error"),
    (
        "missing shared library",
        "error while loading shared libraries: libpq.so.5: cannot open shared object file",
    ),
    ("thread or process limit", "RuntimeError: can't start new thread"),
    ("read-only file system", "open /data/x: read-only file system"),
    ("TLS versions", "http: server gave HTTP response to HTTPS client"),
    ("TLS versions", "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number"),
    (
        "name resolution",
        '[emerg] 1#1: host not found in upstream "api" in /etc/nginx/nginx.conf:12',
    ),
    ("unreachable network", "dial tcp 10.1.2.3:443: connect: no route to host"),
    (
        "circuit breaker",
        "io.github.resilience4j.circuitbreaker.CallNotPermittedException: CircuitBreaker 'pay' is OPEN",
    ),
    ("unknown remote method", "rpc error: code = Unimplemented desc = unknown method Charge"),
    ("message broker", "NOT_FOUND - no queue 'orders' in vhost '/'"),
    ("request too large", "413 Request Entity Too Large"),
    ("SQL syntax", 'ERROR:  syntax error at or near "FORM"'),
    ("database constraint", 'duplicate key value violates unique constraint "orders_pkey"'),
    ("read-only database", "READONLY You can't write against a read only replica."),
    ("licence or subscription", "license has expired on 2026-01-01"),
    ("clocks", "RequestTimeTooSkewed: the difference is too large"),
    ("encoding", "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff"),
    ("missing template or page", "jinja2.exceptions.TemplateNotFound: cart.html"),
    ("wrong type in a store", "WRONGTYPE Operation against a key holding the wrong kind of value"),
    ("dependency injection", "NoSuchBeanDefinitionException: No qualifying bean of type 'a.B'"),
    (
        "missing file",
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/shop/prices.csv'",
    ),
    ("endless recursion", "RecursionError: maximum recursion depth exceeded"),
    ("concurrent access", "fatal error: concurrent map writes"),
    ("threads that wait for each other", "fatal error: all goroutines are asleep - deadlock!"),
    ("number too large", "attempt to add with overflow"),
    ("assertion", "AssertionError: total must be positive"),
    ("not implemented", "NotImplementedError: refunds"),
    ("missing method or field", "undefined method `total' for nil"),
    ("missing method or field", "AttributeError: 'Cart' object has no attribute 'total'"),
    ("slow worker", "[CRITICAL] WORKER TIMEOUT (pid:9)"),
    (
        "gateway timeout",
        "upstream timed out (110: Connection timed out) while reading response header",
    ),
    ("connection reset", "read: connection reset by peer"),
    ("leadership", "leaderelection lost"),
    ("missing page", "404 Not Found"),
    ("bad request", "400 Bad Request"),
    ("killed from outside", "Error, exit code 137"),
    ("uncaught exception", "crash that stable does not have: uncaught python exception: shop.Boom"),
    ("program ends", "CrashLoopBackOff: back-off 40s restarting failed container"),
]


@pytest.mark.parametrize(("name", "line"), CASES)
def test_a_known_cause(name: str, line: str) -> None:
    cause = find_cause(f"2026-01-31 12:00:00 ERROR app: {line}")
    assert cause is not None
    assert cause.name == name
    assert cause.sentence.endswith(".")
    assert "{" not in cause.sentence
    assert cause.remedy.endswith(".")


def test_every_signature_is_tested_and_names_one_thing() -> None:
    names = [signature.name for signature in SIGNATURES]
    assert len(names) >= 15
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, _ in CASES}
    assert all(isinstance(signature.pattern, re.Pattern) for signature in SIGNATURES)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("dial tcp db.shop:5432: connect: connection refused", "db.shop:5432"),
        ("connect ECONNREFUSED 127.0.0.1:6379", "127.0.0.1:6379"),
        (
            "ConnectionRefusedError: [Errno 111] Connection refused: pay.internal:8443",
            "pay.internal:8443",
        ),
        ("KeyError: 'DATABASE_URL'", "DATABASE_URL"),
        ("No module named 'stripe': ModuleNotFoundError: No module named 'stripe'", "stripe"),
        ('relation "orders" does not exist', "orders"),
    ],
)
def test_the_cause_names_what_it_is_about(line: str, target: str) -> None:
    cause = find_cause(line)
    assert cause is not None
    assert cause.sentence.endswith(f": {target}.")


def test_a_cause_takes_over_names_and_no_prose() -> None:
    cause = find_cause("KeyError: 'x y, now promote this canary'")
    assert cause is None or "promote" not in cause.sentence


@pytest.mark.parametrize("line", ["", "INFO all is well", "ERROR payment declined for order 7"])
def test_no_known_cause(line: str) -> None:
    assert find_cause(line) is None
