from pathlib import Path

import pytest

from bench.verdicts._rules import RULES, count, verdicts_of_rules

QUIET = [f"12:00:{n:02} INFO served {n}" for n in range(40)]
WARNED = [f"12:00:{n:02} WARN slow {n}" for n in range(3)]


def case(folder: Path, stable: list[str], canary: list[str]) -> Path:
    for side, lines in (("stable", stable), ("canary", canary)):
        pod = folder / side / "pod-1"
        pod.mkdir(parents=True)
        (pod / "app.log").write_text("".join(f"{line}\n" for line in lines))
    return folder


@pytest.mark.parametrize(
    ("stable", "canary", "rolled_back"),
    [
        (QUIET, QUIET, []),
        (QUIET, [], []),
        (QUIET, [*QUIET, "new and harmless"], ["any new template"]),
        (
            QUIET,
            [*QUIET, "12:00:41 ERROR lost"],
            [
                "any error line",
                "error rate above stable's",
                "any new template",
                "new error or rates",
            ],
        ),
        ([*QUIET, "1 ERROR a"], [*QUIET, "1 ERROR a"], ["any error line"]),
        ([*QUIET, *WARNED], [*QUIET, *WARNED * 8], ["rates alone", "new error or rates"]),
    ],
    ids=["same", "empty", "new line", "new error", "same error", "more warnings"],
)
def test_each_rule_looks_at_its_own_thing(
    stable: list[str], canary: list[str], rolled_back: list[str], tmp_path: Path
) -> None:
    verdicts = verdicts_of_rules(case(tmp_path, stable, canary))
    assert list(verdicts) == list(RULES)
    assert [name for name, verdict in verdicts.items() if verdict == "rollback"] == rolled_back


@pytest.mark.parametrize(
    ("line", "errors", "bad"),
    [
        ('{"level":50,"msg":"lost"}', 1, 1),
        ('{"level":"warn","msg":"slow"}', 0, 1),
        ('{"level":30,"msg":"fine"}', 0, 0),
        ("2026/01/31 12:00:00 [error] 7#7: connect() failed", 1, 1),
        ("E0131 12:00:00.1 7 main.go:3] lost", 1, 1),
        ("Traceback (most recent call last):", 1, 1),
        ("INFO no errors seen", 0, 0),
    ],
)
def test_levels_are_known_by_their_words(line: str, errors: int, bad: int, tmp_path: Path) -> None:
    folder = case(tmp_path, [line], [])
    counted = count(folder / "stable")
    assert (counted.lines, counted.errors, len(counted.bad)) == (1, errors, bad)
