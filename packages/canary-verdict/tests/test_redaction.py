"""Text of many lines; single lines are tried in the agent's tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_verdict.redaction import MAX_LINE, redact, redact_lines, visible

# What secrets, their names, and the marks in their place are made of, in any order.
PIECES = st.sampled_from(
    [
        *("password=", "secret is ", "token: ", "Authorization: ", "Bearer ", "basic ", "AccountKey="),
        *("[secret]", "[token]", "[e-mail]", "[card number]", "[credentials]", "[private key]", "[sec"),
        *("hunter2", "a@b.example", "4111 1111 1111 1111", "https://u:p@h/", "aB3" * 14, "eyJhbGciOiJI."),
        *("-----BEGIN " + "PRIVATE KEY-----", "-----END " + "PRIVATE KEY-----", "\x1b[", "31m", "\u202e"),
        *(" ", "]", "[", "'", '"', "@", ".", "/", "=", "x", "7", " […]", "\n"),
    ]
)  # fmt: skip

BODY = ["MIIEowIBAAKCAQEAq1", "b3BlbnNlc2FtZW9wZW5zZXNhbWU=", "ab12"]
BEGIN = "-----BEGIN RSA " + "PRIVATE KEY-----"
END = "-----END RSA " + "PRIVATE KEY-----"
STAMP = "2026-01-31T12:00:00.123456789Z "


@pytest.mark.parametrize("stamp", ["", STAMP])
@pytest.mark.parametrize("end", [[END], []])
@pytest.mark.parametrize("begin", [BEGIN, f"loaded {BEGIN}", f"{BEGIN} x {END} and {BEGIN}"])
def test_a_key_over_several_lines_does_not_leave(stamp: str, end: list[str], begin: str) -> None:
    lines = [stamp + line for line in ["before", begin, "", *BODY, *end, "after it"]]
    shown = "\n".join(redact_lines(lines))
    assert "before" in shown
    assert "[private key]" in shown
    assert "after it" in shown
    assert not [line for line in BODY if line in shown]


def test_a_mere_mention_of_a_key_hides_nothing() -> None:
    lines = [f"bad file: no {BEGIN} found", "ERROR cannot serve", "bye for now"]
    assert list(redact_lines(lines))[1:] == lines[1:]


def test_a_key_on_one_line_ends_where_it_ends() -> None:
    (shown,) = redact_lines([f"key={BEGIN}\\n{chr(92).join(BODY * 100)}{END} then more"])
    assert shown.endswith("[private key] then more")


def test_a_body_without_end_is_not_swallowed_for_ever() -> None:
    lines = [BEGIN, *["ab12"] * 10_000]
    assert 5000 < len(list(redact_lines(lines))) < 10_000


def test_long_lines_are_cut_after_the_secrets_are_out() -> None:
    secret = "hunter2-and-more"
    (shown,) = redact_lines(["x" * (MAX_LINE - 15) + " password=" + secret])
    assert len(shown) <= MAX_LINE
    assert "hunter" not in shown


@given(st.lists(st.text(max_size=200), max_size=20))
@settings(deadline=None)
def test_whatever_comes_stays_within_bounds(lines: list[str]) -> None:
    shown = list(redact_lines(lines, 100))
    assert len(shown) <= len(lines)
    assert all(len(line) <= 100 for line in shown)


def test_names_are_shown_without_what_cannot_be_seen() -> None:
    assert visible("po\u202ed \x1b[31mred", 20) == "pod red"


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join), st.integers(5, 120))
@settings(deadline=None, max_examples=300)
def test_what_is_redacted_already_stays_as_it_is(text: str, limit: int) -> None:
    shown = redact(text, limit)
    assert redact(shown, limit) == shown
    assert redact(shown) == redact(redact(shown))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("password=[secret]", "password=[secret]"),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer [token]"),
        ('{"token": "[secret]", "n": 1}', '{"token": "[secret]", "n": 1}'),
        ("password=[secrets]", "password=[secret]]"),
    ],
)
def test_marks_do_not_grow(line: str, shown: str) -> None:
    assert redact(line) == shown
