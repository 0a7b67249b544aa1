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
    ("timeout", "context deadline exceeded"),
    ("timeout", "java.net.SocketTimeoutException: Read timed out"),
    ("missing module or class", "ModuleNotFoundError: No module named 'stripe'"),
    ("missing module or class", "exec /app: exec format error"),
    ("configuration", "failed to load config /etc/app.yaml"),
    ("configuration", "yaml: line 3: mapping values are not allowed"),
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
    ("upstream unavailable", "read: connection reset by peer"),
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
