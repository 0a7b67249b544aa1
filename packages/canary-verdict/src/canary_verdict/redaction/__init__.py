"""Takes out of log text what must not leave the cluster: secrets, and what cannot be seen.

The one place that knows secrets, for the plugin that attaches logs and for the agent that shows lines of them.
`_tokens` knows them by how they begin, `_named` by the name beside them, `_shapes` by what they look like,
`_keys` by the lines around them.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_plus

from canary_verdict._reader import clip

from ._keys import KEYS, without_keys
from ._named import NAMED
from ._shapes import ADDRESSES, SHAPES
from ._tokens import TOKENS

__all__ = ["MAX_LINE", "MAX_SHOWN", "redact", "redact_lines", "visible", "without_keys"]

MAX_SHOWN = 500
"""Characters of a line that are shown."""

MAX_LINE = 4096
"""Characters of one line that `redact_lines` keeps."""

_MAX_ROUNDS = 5
_MAX_CUT_WORD = 300

# As the terminal takes them, and as JSON and others write the escape.
_ANSI = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033)\[[0-?]{0,32}[ -/]{0,4}[@-~]")
# C0 and C1 controls but tab and newline; zero-width and direction marks, which hide or reorder text;
# the tag characters of plane 14, and what varies the character before it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)

# A part of an address may be encoded, and so may what stands around a secret in it.
_ADDRESS = re.compile(r"[^\s\"'<>`]{3,}")
_LEFT_AS_IT_IS = "/:?&=[]@,;+~!*()$"

# What has credentials in it before the names that it may stand beside, shapes last: they know least.
_RULES = (*KEYS, *ADDRESSES, TOKENS, NAMED, *SHAPES)


def visible(text: str, limit: int) -> str:
    """A name or a sentence without what cannot be seen, at most `limit` characters."""
    return clip(_seen(text[: 2 * limit]), limit)


def redact(text: str, limit: int = MAX_SHOWN) -> str:
    """A log line as it may be shown: at most `limit` characters, nothing unseen, no known secret.

    Log text is written by whoever talks to the application. What is shown of it is data for people to
    look at; escape sequences and marks that would change how it looks are taken out. What is redacted
    already stays as it is. The time is linear in the limit.

    >>> redact("login bob@example.org password=hunter22")
    'login [e-mail] password=[secret]'
    """
    # Twice what is shown is looked at, so that a secret across the cut is still seen as one.
    before, shown = "", _seen(_whole_words(text, 2 * limit))
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
    for line in without_keys(lines):
        yield redact(line, limit)


def _whole_words(text: str, limit: int) -> str:
    # Marks are shorter than secrets: half of one at the end of what is looked at could come into sight.
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", limit - _MAX_CUT_WORD, limit)
    return text[: cut + 1 if cut >= 0 else limit]


def _marked(text: str) -> str:
    text = _by_rules(text)
    if "%" in text or ("?" in text and "+" in text):
        text = _ADDRESS.sub(_decoded_marked, text)
    return text


def _by_rules(text: str) -> str:
    folded = text.casefold()
    for one in _RULES:
        if one.gate(text, folded):
            text = one.hide(text)
    return text


def _decoded_marked(match: re.Match[str]) -> str:
    """A part of an address, looked at as it is meant; the same as before where that hides nothing."""
    encoded = match[0]
    if "%" not in encoded and not ("?" in encoded and "+" in encoded):
        return encoded
    meant = unquote_plus(encoded, errors="replace")
    marked = _by_rules(_seen(meant))
    return encoded if marked == meant else quote(marked, safe=_LEFT_AS_IT_IS)


def _seen(text: str) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return _UNSEEN.sub("", _ANSI.sub("", text))
