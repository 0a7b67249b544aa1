"""A proposed change: edits that must apply exactly, within bounds."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ._errors import ActError
from ._paths import PathPolicy

MAX_FILES = 5
MAX_LINES = 200
"""Lines that all edits together may take away or add."""
MAX_FILE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement.

    Attributes:
        path: of a file that is there.
        before: stands in the file exactly once.
        after: takes its place; may be empty.
    """

    path: str
    before: str
    after: str


def apply_edits(
    files: Mapping[str, str], edits: Sequence[Edit], policy: PathPolicy
) -> dict[str, str]:
    """The changed files, by path.

    Args:
        files: the files that edits may speak of, as they are on the base branch.
        edits: applied in this order.
        policy: which paths may be changed.

    Raises:
        ActError: an edit does not apply, or the change is not allowed or too large; nothing is applied then.
    """
    changed: dict[str, str] = {}
    for edit in edits:
        if why := policy.refusal(edit.path):
            raise ActError(f"the proposed change is refused: {edit.path[:200]!a}: {why}")
        text = changed.get(edit.path, files.get(edit.path))
        if text is None:
            raise ActError(f"the proposed change is refused: {edit.path[:200]!a} is not there")
        found = text.count(edit.before) if edit.before else 0
        if found != 1:
            raise ActError(
                f"the proposed change does not apply: in {edit.path[:200]!a} its text stands {found} times, "
                "expected once"
            )
        changed[edit.path] = text.replace(edit.before, edit.after)
    changed = {path: text for path, text in changed.items() if text != files[path]}
    _check_size(files, changed)
    return changed


def _check_size(files: Mapping[str, str], changed: Mapping[str, str]) -> None:
    if not changed:
        raise ActError("the proposed change changes nothing")
    if len(changed) > MAX_FILES:
        raise ActError(
            f"the proposed change is refused: {len(changed)} files, at most {MAX_FILES} are changed"
        )
    lines = 0
    for path, text in changed.items():
        if "\0" in text or len(text.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
            raise ActError(f"the proposed change is refused: {path!a} is too large, or no text")
        lines += sum(
            line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
            for line in difflib.unified_diff(
                files[path].splitlines(), text.splitlines(), lineterm="", n=0
            )
        )
    if lines > MAX_LINES:
        raise ActError(f"the proposed change is refused: {lines} lines, at most {MAX_LINES}")
