"""Foreign text as Markdown that does nothing.

GitHub works in two steps (GFM's specification; "Basic writing and formatting syntax" and "Autolinked
references" of its documentation). Markdown is read first: backslashes and entities keep it off. Then it
looks for mentions, references and addresses in what the page would show, outside of code: there nothing
helps but that the text is another one, so a zero-width space breaks them up.
"""

import re
from collections.abc import Callable

from canary_verdict.redaction import redact

_BREAK = "\u200b"
_MARKUP = re.compile(r"[\\`*_{}\[\]#!~|<>&$]")
_ENTITIES = {"|": "&#124;", "<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"}
_LINE_START = re.compile(r"(?m)^(?:(\d{1,9})([.)])|([-+=]))")
_REFERENCES = re.compile(
    r"""(?ix)
    (?P<sign>[@\#])                  # @user, @org/team, #12, org/repo#12, org/repo@commit
    | (?P<word>\bgh-)(?=\d)          # GH-12
    | (?P<scheme>:)(?=//)            # http://...
    | (?P<mail>\b(?:mailto|xmpp):)
    | (?P<www>www)(?=\.)
    """
)


def neutral(text: str, limit: int) -> str:
    """One line of at most `limit` characters for where GitHub reads no Markdown, such as a title."""
    line = _one_line(redact(text.replace("\n", " "), limit)).replace("`", "'")
    return _cut_to(line, limit, _broken)


def prose(text: str, limit: int) -> str:
    """Paragraphs of at most `limit` characters of Markdown, line ends kept, shown as they are written."""
    lines = [_one_line(line) for line in redact(text, limit).splitlines()]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return _cut_to(kept, limit, _escaped)


def cell(text: str, limit: int) -> str:
    """The same as one line, for a table."""
    return prose(text.replace("\n", " "), limit)


def code(text: str, limit: int = 253) -> str:
    """A name as a code span; not for tables, where its bars and backslashes would end it."""
    name = _one_line(redact(text.replace("\n", " "), limit)).replace("`", "'")
    return f"`{name}`" if name else ""


def fenced(text: str, limit: int, language: str = "") -> str:
    """Lines as they were written, in a fence longer than any run of backticks in them."""
    shown = "\n".join(redact(text, limit).splitlines())
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _escaped(text: str) -> str:
    # First, since entities have signs in them that would be broken too.
    text = _MARKUP.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), _broken(text))
    return _LINE_START.sub(r"\1\\\2\3", text)


def _broken(text: str) -> str:
    return _REFERENCES.sub(lambda found: found[0] + _BREAK, text)


def _cut_to(text: str, limit: int, write: Callable[[str], str]) -> str:
    """`text` as `write` gives it, cut before it is written, so that no escape is cut in two."""
    written = write(text)
    while len(written) > limit:
        text = text[: min(len(text) - 1, len(text) * limit // len(written))]
        written = write(text)
    return written


def _one_line(text: str) -> str:
    return " ".join(text.split())
