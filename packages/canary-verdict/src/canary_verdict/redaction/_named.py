"""Secrets that are known by the name beside them: `password=...`, `"apiKey": "..."`, headers, options."""

import re

from ._names import Says, says
from ._rule import BEGIN, MARK, QUOTE, Gate, Rule, has_folded

_NAME = r"[A-Za-z][\w.-]{0,100}+"
_IS = r"\s{0,3}(?:=>|:=|->|=|:|%3[AaDd]|\\u003[dD])\s{0,6}"
_NAME_IS = re.compile(rf"{BEGIN}({_NAME})(?:{QUOTE}?{_IS}|\s{{1,3}}is\s{{1,3}}|\((?={QUOTE}))")
# `("password", "x")`, but not a list of words with "token" in it, nor the end of `"invalid token","stack":`.
_TUPLE_IS = re.compile(rf"(?<=[(\[][\"'])({_NAME}){QUOTE},\s{{0,2}}(?={QUOTE})")
# `PASSWORD 'x'` of SQL; of a Secret, whose name follows so, it is not said.
_PASSWORD_IS = re.compile(
    rf"(?i){BEGIN}(password|passwd|passphrase|identified(?= by))(?: by)?\s{{1,3}}(?={QUOTE})"
)
# `{"name": "DB_PASSWORD", "value": "..."}`, `<add key="Password" value="..."/>`
_PAIR_IS = re.compile(
    rf"(?i){BEGIN}(?:name|key){QUOTE}?\s{{0,2}}[=:]\s{{0,2}}{QUOTE}?({_NAME}){QUOTE}?,?\s{{0,20}}{QUOTE}?value{QUOTE}?\s{{0,2}}[=:]\s{{0,2}}"
)
_ELEMENT_IS = re.compile(rf"<({_NAME})(?: [^<>]{{0,100}})?>(?=[^<\s])")
_OPTION_IS = re.compile(rf"(?<![\w-])--({_NAME})\s{{1,3}}(?=[^\s-])")

_QUOTE = re.compile(QUOTE)
# It ends at a blank, a quotation mark or an escape of one; at a separator or a bracket only where the next
# name, a blank or the end follows.
_PLAIN = re.compile(
    r"(?:[^\s\"'`<>,;&()\[\]{}\\%]|[,;&](?=[^\s\"'`,;&])(?![\w. -]{1,60}[=:])|[()\[\]{}](?=[\w!@#$^*+-])"
    r"|\\(?![nrtfb\"'\\]|u00)|\\\\(?=\w)(?!\\[nrt])|%(?!2[0267Cc]|0[AaDd]|3[BbEe]))"
    r"{1,1000}"
)
_TO_THE_END = re.compile(r"(?:[^\r\n\"'\\]|\\(?![nr\"']|u00)){1,4000}")
_LINE = re.compile(r"(?:[^\r\n\\]|\\(?![nr])){1,2000}")
_SCHEME = re.compile(r"([A-Za-z][\w-]{1,30})\s{1,3}(?=[^\s=:,])")
_WITH_PARAMETERS = frozenset({"digest", "oauth", "hawk", "signature", "ntlm", "negotiate"})
_SHOWN_MARK = re.compile(rf"(?i)(?:(?:bearer|basic|token) )?{MARK}")
_NO_VALUE = re.compile(
    r"(?i)(?:true|false|null|none|nil|undefined|missing|invalid|expired|required|empty|not|incorrect|wrong|rejected"
    r"|accepted|revoked|rotated|unset|set|ok|failed|denied|valid|unknown|found|changed|updated|too|must|and|or|for|in"
    r"|of|is|was|has|being|already|malformed|mismatch|string|str|int|bool|object|no|a|an|the|this|that|with|from|by|to"
    r"|yes|hidden|redacted|masked|filtered|error|bearer|basic|token|password|secret)(?=[.,;:!]?(?:\s|$))"
    r"|os\.|process\.env|getenv|System\.|env\b|\*{2,}|x{4,}\b|\$\{|\{\{|<[\w -]{1,40}>|\.\.\.|\[REDACTED|\[FILTERED"
)
_RANDOM = re.compile(r"(?=\D{0,200}\d)(?=[^A-Za-z]{0,200}[A-Za-z])[\w+/=.:~!@#$%^*-]{6,}")
_DIGITS = re.compile(r"\d{3}[\d -]{0,9}(?![\w.])")
_LEAST = 3
_PATTERNS = (_PAIR_IS, _NAME_IS, _TUPLE_IS, _PASSWORD_IS, _ELEMENT_IS, _OPTION_IS)

_gate: Gate = has_folded(
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "cookie", "sess", "sig", "sid", "pin", "otp", "cvv",
    "cvc", "ssn", "dsn", "csrf", "xsrf", "hmac", "mnemonic", "bearer", "pw", "jwt", "webhook", "salt", "identified",
)  # fmt: skip


def _hide_named(text: str) -> str:
    for pattern in _PATTERNS:
        text = _hide_after(pattern, text)
    return text


def _hide_after(pattern: re.Pattern[str], text: str) -> str:
    kept, at = [], 0
    for match in pattern.finditer(text):
        if match.start() < at:
            continue
        hidden = _value(text, match.end(), says(match[1]))
        if hidden is not None:
            begin, end, mark = hidden
            kept += [text[at:begin], mark]
            at = end
    return "".join([*kept, text[at:]]) if kept else text


def _value(text: str, at: int, what: Says) -> tuple[int, int, str] | None:
    """Where the value at a place begins and ends, and its mark; None where it is no secret."""
    if what is Says.NOTHING:
        return None
    quote = _QUOTE.match(text, at)
    begin = quote.end() if quote else at
    if _SHOWN_MARK.match(text, begin):
        return None
    if what is Says.AUTHORIZATION:
        return _authorization(text, begin)
    if what is Says.COOKIES:
        return _as_long_as(_TO_THE_END, text, begin)
    end = _closing(text, begin, quote[0]) if quote else -1
    if end < 0:
        found = _PLAIN.match(text, begin)
        end = found.end() if found else begin
    return (begin, end, "[secret]") if _is_secret(text[begin:end], what) else None


def _authorization(text: str, begin: int) -> tuple[int, int, str] | None:
    scheme = _SCHEME.match(text, begin)
    if scheme is None:
        return _as_long_as(_PLAIN, text, begin)
    if _SHOWN_MARK.match(text, scheme.end()):
        return None
    if scheme[1].lower() in _WITH_PARAMETERS or scheme[1].lower().startswith("aws4"):
        return _as_long_as(_LINE, text, scheme.end())
    found = _PLAIN.match(text, scheme.end())
    return (scheme.end(), found.end(), "[token]") if found else None


def _as_long_as(pattern: re.Pattern[str], text: str, begin: int) -> tuple[int, int, str] | None:
    found = pattern.match(text, begin)
    if found is None or len(found[0]) < _LEAST or _NO_VALUE.match(found[0]):
        return None
    return begin, found.end(), "[secret]"


def _closing(text: str, begin: int, quote: str) -> int:
    """Where the same quotation mark comes again, itself not escaped; -1 where it does not."""
    end = text.find(quote, begin, begin + 2000)
    while end > begin and text[end - 1] == "\\":
        end = text.find(quote, end + 1, begin + 2000)
    return end


def _is_secret(value: str, what: Says) -> bool:
    if what is Says.CODE:
        return _DIGITS.match(value) is not None
    if len(value) < _LEAST or _NO_VALUE.match(value):
        return False
    if what is Says.PERHAPS:
        return _RANDOM.match(value) is not None
    return True


NAMED = Rule(_gate, _hide_named)
