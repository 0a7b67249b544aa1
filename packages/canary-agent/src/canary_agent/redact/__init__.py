"""Takes out of log text what must not leave the cluster; the table is the contract's."""

import re
from collections.abc import Iterable, Iterator

from canary_verdict import redaction
from canary_verdict.redaction import MAX_SHOWN, visible

__all__ = ["MAX_SHOWN", "redact", "redact_lines", "visible"]

# A mark that is redacted once more grows by its bracket.
_GROWN = re.compile(r"\[secret\]\]+")


def redact(text: str, limit: int = MAX_SHOWN) -> str:
    """A log line as it may be shown, see `redaction.redact`; what is redacted already stays as it is."""
    return _GROWN.sub("[secret]", redaction.redact(text, limit))


def redact_lines(lines: Iterable[str], limit: int) -> Iterator[str]:
    """Each line as `redact` gives it, and private keys that span lines, see `redaction.redact_lines`."""
    return (_GROWN.sub("[secret]", line) for line in redaction.redact_lines(lines, limit))
