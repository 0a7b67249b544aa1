"""What is still to be opened outlives the process, and nobody else can meddle with it."""

import json
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from issue_desk import Desk, until

from canary_verdict.repositories import AllowedOwners
from rollouts_plugin_metric_ai.github import Entry, Journal, JournalError


def test_an_entry_comes_back_as_it_was(desk: Desk) -> None:
    journal = Journal(desk.journal)
    journal.write(Entry(desk.draft, begun=1.5, tries=2, due=3.5))
    assert journal.entries(desk.allowed) == [Entry(desk.draft, begun=1.5, tries=2, due=3.5)]
    (path,) = desk.journal.glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.journal.stat().st_mode) == 0o700
    journal.remove(desk.draft.key)
    journal.remove(desk.draft.key)
    assert journal.entries(desk.allowed) == []


async def test_a_process_that_comes_after_goes_on(desk: Desk) -> None:
    desk.github.fail("/issues", 500, times=1)
    Journal(desk.journal).write(Entry(desk.draft, begun=1.0))
    desk.filer(0.0, 0.0).go_on()
    await desk.done()
    assert len(desk.opened()) == 1


async def test_what_the_dead_process_did_open_is_not_opened_again(desk: Desk) -> None:
    desk.github.add("acme/shop", {"title": "opened before the kill", "body": desk.draft.body})
    Journal(desk.journal).write(Entry(desk.draft, begun=1.0))
    desk.filer().go_on()
    await desk.done()
    assert len(desk.opened()) == 1


async def test_it_ends_while_github_is_slow_and_the_next_one_goes_on(desk: Desk) -> None:
    held = threading.Event()
    desk.github.fail("POST .*/issues", held=held, works=True, times=1)
    Journal(desk.journal).write(Entry(desk.draft, begun=1.0))
    slow = desk.filer()
    slow.go_on()
    await until(lambda: desk.github.calls("POST"))
    await slow.aclose()
    await until(desk.opened)  # GitHub did take it
    desk.filer().go_on()
    await desk.done()
    held.set()
    assert len(desk.opened()) == 1


def test_two_processes_do_not_work_on_the_same_rest(desk: Desk) -> None:
    def other_takes_over() -> bool:
        program = (
            "import sys, pathlib; from rollouts_plugin_metric_ai.github import Journal; "
            "print(Journal(pathlib.Path(sys.argv[1])).take_over())"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, desk.journal],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip() == "True"

    assert other_takes_over()  # and ends, which gives it back
    journal = Journal(desk.journal)
    assert journal.take_over()
    assert journal.take_over()
    assert not other_takes_over()
    journal.release()
    assert other_takes_over()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"null",
        b'{"version": 2}',
        b'{"version": 1, "draft": {"key": "other"}}',
        b"\xff",
    ],
)
def test_what_cannot_be_read_is_taken_away(desk: Desk, content: bytes) -> None:
    desk.journal.mkdir(mode=0o700)
    path = desk.journal / "metricai0.json"
    path.write_bytes(content)
    assert Journal(desk.journal).entries(desk.allowed) == []
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("repository", "https://evil.tld/acme/shop"),
        ("repository", "http://user@127.0.0.1/acme/shop"),
        ("since", "2026-01-31T12:00:00"),
        ("labels", "x"),
        ("title", ""),
    ],
)
def test_an_edited_entry_is_held_to_the_operator_s_list(
    desk: Desk, name: str, value: object
) -> None:
    journal = Journal(desk.journal)
    journal.write(Entry(desk.draft, begun=1.0))
    (path,) = desk.journal.glob("*.json")
    document = json.loads(path.read_text())
    document["draft"][name] = value
    path.write_text(json.dumps(document))
    assert journal.entries(desk.allowed) == []


def test_an_operator_who_allows_less_now_is_obeyed(desk: Desk) -> None:
    journal = Journal(desk.journal)
    journal.write(Entry(desk.draft, begun=1.0))
    assert journal.entries(AllowedOwners.parse("github.com/other")) == []


def test_a_folder_that_others_may_write_to_is_refused(desk: Desk) -> None:
    desk.journal.mkdir()
    desk.journal.chmod(0o777)
    with pytest.raises(JournalError, match="nobody else may write to; set METRIC_AI_JOURNAL"):
        Journal(desk.journal).write(Entry(desk.draft, begun=1.0))
    assert not Journal(desk.journal).take_over()


def test_a_link_to_elsewhere_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    desk.journal.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="no folder of ours alone"):
        Journal(desk.journal).write(Entry(desk.draft, begun=1.0))


async def test_without_a_journal_the_issue_is_opened_all_the_same(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.journal.write_text("a file in its place")
    assert (await desk.file()).link
    assert "The GitHub issue would not outlive this process" in caplog.text


def test_entries_of_a_folder_that_others_may_write_to_are_not_read(desk: Desk) -> None:
    Journal(desk.journal).write(Entry(desk.draft, begun=1.0))
    desk.journal.chmod(0o777)
    with pytest.raises(JournalError, match="nobody else may write to"):
        Journal(desk.journal).entries(desk.allowed)


def test_it_holds_so_many_entries_and_no_more(desk: Desk) -> None:
    journal = Journal(desk.journal)
    for number in range(50):
        journal.write(Entry(replace(desk.draft, key=f"metricai{number}"), begun=1.0))
    with pytest.raises(JournalError, match="found 50 entries, expected fewer"):
        journal.write(Entry(desk.draft, begun=1.0))
    journal.write(Entry(replace(desk.draft, key="metricai7"), begun=2.0))
    assert len(journal.entries(desk.allowed)) == 50
