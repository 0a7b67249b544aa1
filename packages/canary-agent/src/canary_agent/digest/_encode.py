r"""Text of the cluster as a model may read it: JSON of harmless characters, between two marks.

Log text, names, labels and messages are written by whoever talks to the application. So that none of it
can be taken for anything but data, two things hold whatever it says:

1. A document is one line of JSON in printable ASCII. Of the characters that chat formats, markup, fences
   and terminals are made of (`< > [ ] { } | # ` and the backtick), and of all that is not ASCII (homoglyphs,
   zero-width and direction marks, controls), none stands in a string as itself: each is `\uXXXX`, a line
   break is `\n`. So a string ends where its quotation mark does, and no text begins a line of its own.
   What redaction and masking put in (`[secret]`, `<*>`) stays readable; anybody may write that.
2. The marks before and after carry a hash of all that is between, so that they are the same whenever the
   same analysis is judged again, and nobody can write the mark that ends a text as part of that text.
   A mark that occurs in the text all the same would be hashed once more.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from canary_verdict.redaction import redact

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]
"""What a document is made of; keys are our own words, never the cluster's."""

_CUT = " [...]"
_CLIPPED = " […]"  # by `redact`
_MARKS = r"<\*>|\[(?:secret|token|credentials|private key|card number|e-mail|\.\.\.)\]"
_PIECE = re.compile(rf"[\w .,:;/()+*=%&@!?'$^~-]|{_MARKS}|(?s:.)", re.ASCII)
_PLAIN = re.compile(rf"(?:[\w .,:;/()+*=%&@!?'$^~-]|{_MARKS})+", re.ASCII)
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

_BEGINS, _ENDS = "=== DATA {} BEGINS ===", "=== DATA {} ENDS ==="


def untrusted(text: str, limit: int) -> str:
    """Text of the cluster, redacted, so long that its encoded form has at most `limit` characters.

    It stays plain text: `line_of` encodes it.
    """
    shown = redact(text, limit).replace(_CLIPPED, _CUT)
    room, kept = limit, 0
    for piece in _PIECE.findall(shown):
        room -= len(_escaped(piece))
        if room < 0:
            return _shortened(shown[:kept], limit)
        kept += len(piece)
    return shown


def line_of(document: Mapping[str, Value]) -> str:
    """One document as one line."""
    return _json(document)


def fenced(lines: Iterable[str]) -> str:
    """Lines of `line_of` between their two marks."""
    body = "\n".join(lines)
    name = _name(body)
    while name in body:
        name = _name(name + body)
    return f"{_BEGINS.format(name)}\n{body}\n{_ENDS.format(name)}"


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _shortened(text: str, limit: int) -> str:
    # What is taken away has an encoded form at least as long as the mark of the cut.
    room, kept = limit - len(_CUT), 0
    for piece in _PIECE.findall(text):
        room -= len(_escaped(piece))
        if room < 0:
            break
        kept += len(piece)
    return text[:kept] + _CUT


def _json(value: Value) -> str:
    if isinstance(value, str):
        return f'"{_string(value)}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f'"{key}":{_json(one)}' for key, one in value.items()) + "}"
    return "[" + ",".join(_json(one) for one in value) + "]"


def _number(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else f"{value:.4g}"
    return f"{value:.4g}" if math.isfinite(value) else "null"


def _string(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else "".join(map(_escaped, _PIECE.findall(text)))


def _escaped(piece: str) -> str:
    if _PLAIN.fullmatch(piece):
        return piece
    if piece in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[piece]
    units = piece.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
