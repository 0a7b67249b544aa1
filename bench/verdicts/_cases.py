"""A set of cases: the form in which stable/canary pairs lie in a folder, made here or elsewhere.

    DIR/<case>/case.json              expected: promote, rollback or not-promote; fault; source; canaryShare
    DIR/<case>/stable/<pod>/<container>.log
    DIR/<case>/canary/<pod>/<container>.log
    DIR/<case>/kubernetes.json        pods and events, where there is one

Other keys and files may be there and are left alone. The project's own cases have besides, in case.json:
`rootCause` (a key of `_faults.CAUSES`) and `evident` (a person sees the fault at once).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXPECTED = ("promote", "rollback", "not-promote")
_MAX_BYTES = 1 << 20


class CaseError(Exception):
    """A case, or a set of them, that cannot be used; says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Case:
    """What case.json says; the judge never sees it.

    Attributes:
        share: the canary's share of the traffic as given, in percent in the project's own cases; None
            where it is not known.
        cause: the root cause to be named; empty where it is not known.
    """

    name: str
    expected: str
    fault: str = ""
    source: str = ""
    share: float | None = None
    cause: str = ""
    evident: bool = False

    @property
    def healthy(self) -> bool:
        """Whether the canary is to be promoted."""
        return self.expected == "promote"


def case_folders(folder: Path) -> Sequence[Path]:
    """The folders of all cases, by name.

    Raises:
        CaseError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise CaseError(f"found no folder {folder}; expected a set of cases, <case>/case.json each")
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    folders = sorted(path for path in paths if path.is_dir())
    if not folders:
        raise CaseError(f"found no case in {folder}; expected folders with a case.json each")
    return folders


def check_form(folder: Path) -> None:
    """Checks that there is something to judge, without looking at what is expected.

    Raises:
        CaseError: case.json is no JSON object, or there is neither a log folder nor kubernetes.json.
    """
    _document(folder)
    if not any((folder / name).exists() for name in ("stable", "canary", "kubernetes.json")):
        raise CaseError(f"{folder.name}: found neither stable/ nor canary/ nor kubernetes.json")


def read_case(folder: Path) -> Case:
    """Reads case.json.

    Raises:
        CaseError: it is not there or does not have the form.
    """
    document = _document(folder)
    expected = document.get("expected")
    if expected not in EXPECTED:
        raise CaseError(
            f"{folder.name}/case.json: expected is {expected!r}; expected one of {', '.join(EXPECTED)}"
        )
    share = document.get("canaryShare")
    return Case(
        name=folder.name,
        expected=expected,
        fault=_text(document, "fault"),
        source=_text(document, "source"),
        share=float(share) if isinstance(share, int | float) else None,
        cause=_text(document, "rootCause"),
        evident=document.get("evident") is True,
    )


def _document(folder: Path) -> Mapping[str, Any]:
    path = folder / "case.json"
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError(f"{folder.name}/case.json could not be read: {error}") from error
    if not isinstance(document, dict):
        raise CaseError(f"{folder.name}/case.json: found no JSON object")
    return document


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
