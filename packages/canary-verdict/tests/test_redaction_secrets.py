"""More than sixty kinds of planted secrets in every frame, and ordinary lines that stay."""

import json
import random
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.injection._secrets import PlantedSecret, planted_secrets
from canary_verdict.redaction import redact, redact_lines

SECRETS = list(planted_secrets(seed=3))
STAMP = "2026-01-31T12:00:00Z"


def framed(line: str) -> Iterator[str]:
    """A line as programs, proxies and collectors of logs hand it on."""
    once = json.dumps({"level": "error", "msg": line, "n": 1})
    twice = json.dumps({"log": once, "stream": "stdout"})
    yield f"{STAMP} ERROR {line}"
    yield from (once, twice, json.dumps({"log": twice}))
    yield json.dumps({"msg": f"begin\n{line}\nend"})
    yield repr({"event": line})
    yield f'level=error msg="{line}" n=1'
    yield f"GET /x?next={quote(line, safe='')}&b=2 HTTP/1.1"
    yield f"GET /x?b=2&message={line.replace(' ', '+')}&c=3 HTTP/1.1"
    yield f"java.lang.IllegalStateException: {line}\n\tat com.acme.Db.connect(Db.java:42)\nCaused by: x: {line}"
    yield f"begin\n{line}\nend"


def forms(secret: str) -> set[str]:
    """The secret, each of its lines, and how they look escaped."""
    parts = {secret, *(part for part in secret.split("\n") if len(part) >= 6)}
    return {
        form
        for part in parts
        for form in (part, json.dumps(part)[1:-1], quote(part, safe=""), part.replace(" ", "+"))
    }


def test_there_are_sixty_kinds() -> None:
    assert len({one.kind for one in SECRETS}) == len(SECRETS) >= 60


@pytest.mark.parametrize("planted", SECRETS, ids=lambda one: one.kind)
def test_none_leaves_in_any_frame(planted: PlantedSecret) -> None:
    for text in framed(planted.line):
        assert any(form in text for form in forms(planted.secret)), "the frame has the secret"
        for shown in (redact(text, 4096), "\n".join(redact_lines(text.split("\n")))):
            assert not [form for form in forms(planted.secret) if form in shown]
            assert redact(shown, 4096) == shown


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('{"name":"DB_PASSWORD","value":"opensesame1"}', "opensesame1"),
        ('<add key="Password" value="opensesame1"/>', "opensesame1"),
        ("<password>opensesame1</password>", "opensesame1"),
        ("ALTER USER bob PASSWORD 'open sesame'", "sesame"),
        ("CREATE USER bob IDENTIFIED BY 'open sesame'", "sesame"),
        ('"password" => "open sesame"', "sesame"),
        ("{'password': 'open sesame', 'n': 1}", "sesame"),
        ('{"log":"{\\"password\\":\\"open sesame\\"}"}', "sesame"),
        ('{"password":"ope\\"n sesame"}', "sesame"),
        ("jdbc:oracle:thin:scott/opensesame1@db:1521:x", "opensesame1"),
        ("requirepass opensesame1", "opensesame1"),
        ("password=a,b&c;d", "b&c"),
        ("Cookie: a=b; sid=opensesame1; c=d", "opensesame1"),
        ("mysql -u app -popensesame1 shop", "opensesame1"),
        ("\\u001b[1mpassword=opensesame1", "opensesame1"),
        ("postgres://app:open@sesame1@db/shop", "sesame1"),
    ],
)
def test_other_ways_to_write_a_password(line: str, secret: str) -> None:
    assert secret not in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "token is expired, asking for a new one",
        "Basic authentication failed for user bob",
        'secret "db-credentials" not found',
        "secretName: db-credentials",
        "max_tokens=4096 prompt_tokens: 512",
        '{"message":"payments answered 401: invalid token","stack":"Error: at x"}',
        'TOKEN = os.environ["API_TOKEN"]',
        "cache key=user:42 primary_key=17 routing_key=orders.new",
        "connecting to http://10.0.0.1:8080/path/@scope/package",
        "password: null, token: true, secret: ***",
        "at com.example.shop.AbstractAutowireCapableBeanFactory2.createBean(Factory.java:42)",
        "src/main/java/com/example/shop/CartController2Implementation.java",
        "git clone git@github.example:shop/cart.git",
        "key not found: author, sidecar, mapping, design",
    ],
)  # fmt: skip
def test_what_only_speaks_of_secrets_stays(line: str) -> None:
    shown = redact(line)
    assert shown == line or "[e-mail]" in shown


@given(st.integers(min_value=0), st.integers(0, 9))
@settings(deadline=None, max_examples=200)
def test_ids_stay(seed: int, kind: int) -> None:
    rng = random.Random(seed)
    digits = "".join(rng.choice("0123456789abcdef") for _ in range(64))
    line = (
        f"id {uuid.UUID(int=rng.getrandbits(128))}",
        f"commit {digits[:40]}",
        f"image sha256:{digits}",
        f"trace_id={digits[:32]} span_id={digits[32:48]}",
        f"traceparent: 00-{digits[:32]}-{digits[32:48]}-01",
        f"at={1_700_000_000_000 + rng.randrange(10**9)} n={1_700_000_000_000_000_000 + rng.randrange(10**15)}",
        f"order {rng.randrange(10**12)}",
        f"pod shop-{digits[:9]}-x2x4z on node-{digits[:4]}",
        f'etag "{digits[:32]}" cache_key={digits[32:]}',
        f"10.{rng.randrange(256)}.0.1:{rng.randrange(65536)} {STAMP}",
    )[kind]
    assert redact(line) == line


@pytest.mark.parametrize(
    "piece",
    ["a", "0", "4 ", "=", "a=", "a-", "a.", "key=", "//a:", "a@", "%41", "\\n", '"', '\\"', "Bearer ", "eyJ", "<a>", "-----BEGIN KEY", "A1"],
)  # fmt: skip
def test_long_lines_of_anything_end(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    shown = redact(text, len(text))
    assert len(shown) <= len(text)
