"""`metric-ai analyze` and `report`: folders, bundles, and what cannot be read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Sides = Callable[[Path], tuple[str, ...]]


def test_a_faulty_canary_is_rolled_back(shell: Any, logs: Path, sides: Sides) -> None:
    done = shell.type("analyze", *sides(logs))
    assert done.code == 1
    assert done.out.startswith("ROLLBACK")
    assert "A dependency refuses connections" in done.out
    assert "canary's log  canary-pod/app: " in done.out
    assert "ID  STRENGTH" in done.out


def test_a_good_one_is_promoted(shell: Any, good_logs: Path, sides: Sides) -> None:
    done = shell.type("analyze", *sides(good_logs), "-o", "yaml")
    assert done.code == 0
    assert yaml.safe_load(done.out)["verdict"] == "promote"


def test_too_little_is_inconclusive(shell: Any, good_logs: Path, sides: Sides) -> None:
    done = shell.type("analyze", *sides(good_logs), "--min-lines", "100000")
    assert done.code == 3
    assert done.out.startswith("INCONCLUSIVE")


def test_accepted_lines_do_not_count(shell: Any, logs: Path, sides: Sides) -> None:
    accept = ("--accept", "shop.db connection refused")
    assert shell.type("analyze", *sides(logs), *accept).code == 0


def test_plain_files_of_a_folder_count_too(shell: Any, logs: Path) -> None:
    for side in ("stable", "canary"):
        folder = shell.folder / side
        folder.mkdir()
        (log,) = (logs / side).rglob("*.log")
        (folder / "web.log").write_bytes(log.read_bytes())
    done = shell.type("analyze", "--stable-logs", "stable", "--canary-logs", "canary", "-o", "json")
    assert done.code == 1
    assert json.loads(done.out)["coverage"]["containers"] == 2


def test_a_saved_analysis_gives_the_same_verdict_and_a_page(
    shell: Any, logs: Path, sides: Sides
) -> None:
    first = shell.type("analyze", *sides(logs), "--save", "canary.zip", "-o", "json")
    again = shell.type("analyze", "canary.zip", "-o", "json")
    assert json.loads(again.out) == json.loads(first.out)
    done = shell.type("report", "canary.zip")
    assert done.code == 0
    assert "written: canary.html" in done.err
    page = (shell.folder / "canary.html").read_text()
    assert "A dependency refuses connections" in page
    assert shell.type("report", "canary.zip", "-o", "-").out == page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say what to compare"),
        (("--stable", "role=stable"), "--stable and --canary belong together"),
        (("--stable-logs", "x"), "--stable-logs and --canary-logs belong together"),
        (("x.zip", "--rollout", "shop"), "exclude each other"),
        (("--stable-logs", ".", "--canary-logs", ".", "--window", "soon"), "found 'soon'"),
        (("--rollout", "shop", "--sensitivity", "extreme"), "'extreme' is not one of"),
    ],
)
def test_a_wrong_command_line_says_what_is_right(
    words: tuple[str, ...], said: str, shell: Any
) -> None:
    done = shell.type("analyze", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("command", ["analyze", "report"])
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no zip at all", "is no bundle that can be read"), (None, "No such file")],
    ids=["damaged", "missing"],
)
def test_an_unreadable_bundle_is_named_with_the_next_step(
    command: str, content: bytes | None, said: str, shell: Any
) -> None:
    if content is not None:
        (shell.folder / "canary.zip").write_bytes(content)
    done = shell.type(command, "canary.zip")
    assert done.code == 4
    assert said in done.err
    assert "next: metric-ai analyze --save FILE" in done.err


def test_a_truncated_bundle_is_named(shell: Any, logs: Path, sides: Sides) -> None:
    shell.type("analyze", *sides(logs), "--save", "canary.zip")
    whole = (shell.folder / "canary.zip").read_bytes()
    (shell.folder / "canary.zip").write_bytes(whole[: len(whole) // 2])
    done = shell.type("analyze", "canary.zip")
    assert done.code == 4
    assert "is no bundle that can be read" in done.err


def test_an_empty_folder_says_what_is_missing(shell: Any) -> None:
    done = shell.type("analyze", "--stable-logs", ".", "--canary-logs", ".")
    assert done.code == 4
    assert "has no file *.log in it" in done.err


def test_a_bundle_that_cannot_be_written_is_an_error(shell: Any, logs: Path, sides: Sides) -> None:
    done = shell.type("analyze", *sides(logs), "--save", "nowhere/canary.zip")
    assert done.code == 4
    assert "nowhere/canary.zip cannot be written" in done.err


def test_without_a_cluster_the_next_step_is_told(shell: Any) -> None:
    done = shell.type("analyze", "--rollout", "shop")
    assert done.code == 4
    assert "no cluster is configured: ~/.kube/config is no file" in done.err
    assert "next: name a kubeconfig" in done.err
