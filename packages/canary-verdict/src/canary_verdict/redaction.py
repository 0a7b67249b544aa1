"""Takes out of log text what must not leave the cluster: secrets, and what cannot be seen.

The one table of secrets, for the plugin that attaches logs and for the agent that shows lines of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ._reader import clip

MAX_SHOWN = 500
"""Characters of a line that are shown."""

MAX_LINE = 4096
"""Characters of one line that `redact_lines` keeps."""

_MAX_ROUNDS = 5

_ANSI = re.compile(r"\x1b\[[0-?]{0,32}[ -/]{0,4}[@-~]")
# C0 and C1 controls but tab and newline; zero-width and direction marks, which hide or reorder text;
# the tag characters of plane 14.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of secret; `gate` is in every text that holds one, and is quick to look for."""

    gate: Callable[[str], object]
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]


def _luhn(match: re.Match[str]) -> str:
    """ISO/IEC 7812-1: of a card number the weighted sum of digits is a multiple of 10."""
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    is_card = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return "[card number]" if is_card else match[0]


def _always(text: str) -> object:
    del text
    return True


def _has(*words: str) -> Callable[[str], object]:
    return lambda text: any(word in text for word in words)


def _names_a_secret(text: str) -> object:
    # Twenty times as fast as a search that ignores case, and most lines end here.
    folded = text.casefold()
    return any(word in folded for word in _SECRET_WORDS)


_SECRET_WORDS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "cookie",
    "session",
    "signature",
)
# Not what a rule has put there already: a mark would grow by its bracket.
_UNMARKED = r"(?!(?:(?:bearer|basic|token) )?\[(?:secret|token|credentials|private key|card number|e-mail)\])"
_NAMED = re.compile(
    r"(?i)((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|authorization|credentials?|cookie|session[_-]?id|client[_-]?secret|signature)[\w-]{0,30}[\"']?"
    r"(?: ?[=:] ?| is )[\"']?"
    + _UNMARKED
    + r"(?:(?:bearer|basic|token) )?)([^\s\"',;&}\])]{3,400})"
)
_TOKEN = re.compile(
    r"\b(?:gh[pousr]_\w{16,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|xox[abprs]-[\w-]{10,255}"
    r"|(?:sk|rk|pk)[-_](?:live|test|proj|ant)?[-_]?[\w-]{16,255}|AIza[\w-]{30,45}|ya29\.[\w-]{20,255}"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,20}|SG\.[\w-]{16,32}\.[\w-]{16,64}|npm_\w{30,40}|hvs\.[\w-]{20,200}"
    r"|pypi-[\w-]{40,255}|dop_v1_[a-f0-9]{40,80}|shpat_[a-f0-9]{24,40}|eyJ[\w-]{8,800}\.[\w-]{8,800}(?:\.[\w-]{0,400})?)"
)

# A key of 16384 bits in PEM has 12,700 characters.
_MAX_KEY = 16_384
_KEY_BEGINS = r"-----BEGIN [A-Z ]{0,30}KEY"
_KEY_ENDS = r"-----END [A-Z ]{0,30}KEY[A-Z ]{0,10}-{0,5}"

_KEY_BEGIN = re.compile(_KEY_BEGINS)
_KEY_END = re.compile(_KEY_ENDS)
# What may stand between the two: nothing else, or a mere mention of the first line would hide evidence.
_KEY_BODY = re.compile(
    r"(?:\d{4}-\d\d-\d\dT[\d:.]{8,24}Z)?\s{0,8}"
    r"(?:[A-Za-z0-9+/=]{0,100}|(?:Proc-Type|DEK-Info|Version|Comment): .{0,200})\s{0,8}"
)

_RULES = (
    _Rule(_has("-----BEGIN"), re.compile(rf"{_KEY_BEGINS}(?:[\s\S]{{0,{_MAX_KEY}}}?{_KEY_ENDS}|[\s\S]{{0,{_MAX_KEY}}})"), "[private key]"),
    _Rule(_has("://"), re.compile(r"(\b[a-zA-Z][\w+.-]{1,20}://)[^\s/@\"']{0,200}(?::[^\s@\"']{0,200})?@"), r"\1[credentials]@"),
    _Rule(_has("earer", "asic", "EARER"), re.compile(r"(?i)\b(bearer|basic) [\w+/=.~-]{6,800}"), r"\1 [token]"),
    _Rule(_always, _TOKEN, "[token]"),
    _Rule(_names_a_secret, _NAMED, r"\1[secret]"),
    _Rule(_has("AccountKey=", "SharedAccessKey="), re.compile(r"(Key=)[\w+/=]{10,200}"), r"\1[secret]"),
    _Rule(_has("@"), re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), "[e-mail]"),
    _Rule(_always, re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])"), _luhn),
    _Rule(_always, re.compile(r"(?<![\w/])(?=[a-z0-9+/_-]{0,200}[A-Z])(?=[A-Z0-9+/_-]{0,200}[a-z])(?=[A-Za-z+/_-]{0,200}\d)[A-Za-z0-9+/_-]{36,800}={0,2}"), "[token]"),
)  # fmt: skip


def visible(text: str, limit: int) -> str:
    """A name or a sentence without what cannot be seen, at most `limit` characters."""
    return clip(_seen(text[: 2 * limit]), limit)


def redact(text: str, limit: int = MAX_SHOWN) -> str:
    """A log line as it may be shown: at most `limit` characters, nothing unseen, no known secret.

    Log text is written by whoever talks to the application. What is shown of it is data for people to
    look at; escape sequences and marks that would change how it looks are taken out. What is redacted
    already stays as it is.

    >>> redact("login bob@example.org password=hunter22")
    'login [e-mail] password=[secret]'
    """
    # Twice what is shown is looked at, so that a secret across the cut is still seen as one.
    before, shown = "", _seen(text[: 2 * limit])
    rounds = 0
    # What a cut or a mark leaves beside it may look like a secret only then.
    while shown != before and rounds < _MAX_ROUNDS:
        before, shown = shown, clip(_marked(shown), limit)
        rounds += 1
    return shown


def redact_lines(lines: Iterable[str], limit: int = MAX_LINE) -> Iterator[str]:
    """Each line as `redact` gives it; a private key that spans lines becomes one mark.

    Line by line, so that no single search takes long: a search holds the interpreter's lock.
    """
    rest_of_key = 0
    for line in lines:
        if rest_of_key > 0:
            ends, inside = _KEY_END.search(line), _KEY_BODY.fullmatch(line)
            rest_of_key = rest_of_key - len(line) - 1 if inside and not ends else 0
            if ends or inside:
                continue
        # A key that begins and ends in one line is redact's.
        begun = line[line.rfind("-----BEGIN") :] if "-----BEGIN" in line else ""
        if _KEY_BEGIN.match(begun) and not _KEY_END.search(begun):
            rest_of_key = _MAX_KEY
        yield redact(line, limit)


def _marked(text: str) -> str:
    for rule in _RULES:
        if rule.gate(text):
            text = rule.pattern.sub(rule.replacement, text)
    return text


def _seen(text: str) -> str:
    return _UNSEEN.sub("", _ANSI.sub("", text))
