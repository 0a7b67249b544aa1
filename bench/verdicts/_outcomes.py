"""Puts a set of cases and a file of verdicts together."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ._cases import Case, CaseError, case_folders, read_case
from ._report import Outcome
from ._rules import RULES, verdicts_of_rules

_VERDICTS = frozenset({"promote", "rollback", "inconclusive", "error"})


def read_outcomes(cases: Path, verdicts: Path) -> list[Outcome]:
    """What was said of each case; a case without a verdict is an error of its own.

    Raises:
        CaseError: the set or the file cannot be read, or a case.json lacks `expected`.
    """
    said = _read_verdicts(verdicts)
    return [_outcome(read_case(folder), said) for folder in case_folders(cases)]


def _read_verdicts(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        entries = json.loads(path.read_text())["cases"]
        said = {str(entry["name"]): dict(entry) for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError(
            f'{path}: {error!r}; expected {{"cases": [...]}} as `make bench-verdicts` writes it'
        ) from error
    for name, entry in said.items():
        if entry.get("verdict") not in _VERDICTS:
            raise CaseError(
                f"{path}: {name} has the verdict {entry.get('verdict')!r}; expected one of {', '.join(sorted(_VERDICTS))}"
            )
    return said


def _outcome(case: Case, said: Mapping[str, Mapping[str, object]]) -> Outcome:
    entry = said.get(case.name)
    if entry is None:
        return Outcome(case, "error", error="the file of verdicts does not have this case")
    return Outcome(
        case,
        str(entry["verdict"]),
        _number(entry.get("confidence")),
        str(entry.get("rootCause", "")),
        _number(entry.get("seconds")),
        str(entry.get("error", "")),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def judge_by_rules(
    cases: Path, outcomes: Sequence[Outcome], processes: int, progress: Callable[[int, int], None]
) -> dict[str, list[Outcome]]:
    """What each simple rule says of the same cases."""
    said: dict[str, list[Outcome]] = {name: [] for name in RULES}
    folders = [cases / one.case.name for one in outcomes]
    with ProcessPoolExecutor(processes) as pool:
        results = pool.map(verdicts_of_rules, folders, chunksize=4)
        for done, (one, verdicts) in enumerate(zip(outcomes, results, strict=True), 1):
            for name, verdict in verdicts.items():
                said[name].append(Outcome(one.case, verdict))
            progress(done, len(folders))
    return said
