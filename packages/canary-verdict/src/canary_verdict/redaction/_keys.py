"""Private keys, which span lines."""

import re
from collections.abc import Iterable, Iterator

from ._rule import has, rule

# A key of 16384 bits in PEM has 12,700 characters.
_MAX_KEY = 16_384
_BEGINS = r"(?:-----BEGIN [A-Z ]{0,30}KEY|Private-Lines: \d)"
_ENDS = r"(?:-----END [A-Z ]{0,30}KEY[A-Z ]{0,10}-{0,5}|Private-MAC: [0-9a-f]{0,64})"

_BEGIN = re.compile(_BEGINS)
_END = re.compile(_ENDS)
# What may stand between the two: nothing else, or a mere mention of the first line would hide evidence.
_BODY = re.compile(
    r"(?:\[pod/[^\]\s]{1,600}\] )?(?:\d{4}-\d\d-\d\dT[\d:.]{8,24}(?:Z|[+-]\d\d:\d\d) ?(?:std(?:out|err) [FP]\S{0,10})?)?"
    r"[\s\"'|+>,]{0,40}(?:[A-Za-z0-9+/=]{0,100}|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Encryption): .{0,200})"
    r"(?:\\n)?[\s\"'+,;\\]{0,8}"
)

KEYS = (
    rule(
        has("-----BEGIN", "Private-Lines"),
        rf"{_BEGINS}(?:[\s\S]{{0,{_MAX_KEY}}}?{_ENDS}|[\s\S]{{0,{_MAX_KEY}}})",
        "[private key]",
    ),
)


def without_keys(lines: Iterable[str]) -> Iterator[str]:
    """The lines, but for those of private keys that span several: of these only the first is left.

    The rest of its first line is for `redact` to hide.
    """
    rest_of_key = 0
    for line in lines:
        if rest_of_key > 0:
            ends, inside = _END.search(line), _BODY.fullmatch(line)
            rest_of_key = rest_of_key - len(line) - 1 if inside and not ends else 0
            if ends or inside:
                continue
        # A key that begins and ends in one line is redact's.
        at = max(line.rfind("-----BEGIN"), line.rfind("Private-Lines"))
        if at >= 0 and _BEGIN.match(line, at) and not _END.search(line, at):
            rest_of_key = _MAX_KEY
        yield line
