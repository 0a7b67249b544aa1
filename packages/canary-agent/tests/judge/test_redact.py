import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict.redaction import MAX_SHOWN, redact

# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    ("password=", "hunter2-and-more"),
    ('"api_key": "', "0a1b2c3d4e5f6a7b"),
    ("Authorization: Bearer ", "abc.def-ghi123"),
    ("authorization: Basic ", "dXNlcjpwYXNzd29yZA=="),
    ("using key ", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("clone with ", "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"),
    ("slack ", "xoxb" + "-123456789012-abcdefABCDEF"),
    ("openai ", "sk-" + "proj-abcdefghijklmnop1234567890"),
    ("google ", "AIza" + "SyA1234567890abcdefghijklmnopqrstu"),
    ("jwt ", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"),
    ("connect to postgres://", "shop:s3cret@db.example"),
    ("redis://", ":s3cret@cache:6379"),
    ("mail to ", "bob.smith+x@mail.example.org"),
    ("card ", "4111 1111 1111 1111"),
    ("card=", "5500005555555559"),
    ("Set-Cookie: session_id=", "deadbeefcafe1234"),
    ("x ", "-----BEGIN RSA PRIVATE KEY----- MIIEowIBAAKCAQEA"),
    ("digest ", "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"),
    ("AccountKey=", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6"),
    ("secret is ", "opensesame"),
]


@pytest.mark.parametrize(("before", "secret"), SECRETS)
@pytest.mark.parametrize(
    "frame", ["ERROR {} end", '{{"msg":"{}","n":1}}', "GET /x?a={}&b=2", "a\n{}\nb"]
)
def test_secrets_do_not_leave(before: str, secret: str, frame: str) -> None:
    shown = redact(frame.format(before + secret))
    assert secret not in shown
    assert secret[:12] not in shown


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-31T12:00:00Z INFO served /item/42 in 12ms",
        "order 1234567890123 is stored",
        "commit 0a1b2c3d of branch main",
        "java.lang.IllegalStateException: bad token in line 3",
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        "https://example.org/a/b?c=d",
        "10.0.0.1:8080 -> 10.0.0.2:5432",
        "pod checkout-service-production-7d9f8b6c5d-x2x4z is ready",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "secrets are fine, tokens too",
    ],
)
def test_ordinary_lines_stay(line: str) -> None:
    assert redact(line) == line


def test_what_is_unseen_is_taken_out() -> None:
    assert redact("a\x1b[31mb\x1b[0m\u202ec\u200bd\x00\x07\ud800e\tf") == "abcde\tf"


def test_a_secret_across_the_cut_is_seen() -> None:
    shown = redact("x" * (MAX_SHOWN - 20) + " password=" + "s3cret" * 30)
    assert "s3cret" not in shown


@given(st.text(max_size=1500))
@settings(deadline=None, max_examples=200)
def test_what_is_shown_is_bounded_and_can_be_sent(text: str) -> None:
    shown = redact(text)
    assert len(shown) <= MAX_SHOWN
    shown.encode()
