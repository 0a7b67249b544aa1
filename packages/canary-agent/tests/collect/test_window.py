"""Of recorded logs, the part that a request asks about: its window is ten minutes here."""

from collections.abc import Callable
from pathlib import Path

from canary_agent.collect import FolderSource, Sample, Side
from canary_verdict import CanaryRequest

MakeRequest = Callable[..., CanaryRequest]
WriteLog = Callable[[Path, str], None]

OLD = "2026-01-31T11:00:00Z INFO old\n  of old\n"
NEW = "2026-01-31T12:00:00Z INFO new\n  of new\n"
NEWEST = "2026-01-31T12:09:59Z INFO newest, until 2031-01-01 00:00:00\n"


def text(side: Side) -> dict[str, str]:
    return {log.pod: b"".join(log.read()).decode() for log in side.logs}


def collected(folder: Path, request: CanaryRequest) -> Sample:
    return FolderSource(folder, windowed=True).collect(request, lambda: False)


def test_both_sides_are_read_since_the_same_time(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s1/app.log", OLD + NEW)
    write_log(tmp_path / "stable/s2/app.log", "no time at all\n")
    write_log(tmp_path / "canary/c1/app.log", "banner\n" + OLD + NEW + OLD + NEWEST)
    write_log(tmp_path / "canary/c2/app.log", "banner\n" + NEWEST)
    sample = collected(tmp_path, make_request())
    assert text(sample.stable) == {"s1": NEW, "s2": "no time at all\n"}
    assert text(sample.canary) == {"c1": NEW + OLD + NEWEST, "c2": "banner\n" + NEWEST}
    assert [(gap.text, gap.blocking) for gap in sample.gaps] == [
        (
            f"{side}: lines before 2026-01-31T11:59:59Z, outside the window, were left out of {what}",
            False,
        )
        for side, what in (("stable", "s1/app"), ("canary", "c1/app"))
    ]


def test_a_log_of_an_instance_before_the_window_is_left_out(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s/app.log", NEW)
    write_log(tmp_path / "canary/c/app.log", NEW.rstrip("\n"))
    write_log(tmp_path / "canary/d/app.log", OLD)
    sample = collected(tmp_path, make_request())
    assert text(sample.canary) == {"c": NEW.rstrip("\n"), "d": ""}
    assert [gap.text[-6:] for gap in sample.gaps] == [" d/app"]


def test_sides_of_different_times_are_both_kept_whole(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s/app.log", OLD)
    write_log(tmp_path / "canary/c/app.log", NEW)
    sample = collected(tmp_path, make_request())
    assert (text(sample.stable), text(sample.canary)) == ({"s": OLD}, {"c": NEW})
    (gap,) = sample.gaps
    assert "the window was not applied" in gap.text


def test_a_long_log_is_cut_where_its_lines_say(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s/app.log", NEW)
    write_log(tmp_path / "canary/c/app.log", OLD * 60_000 + NEW * 60_000)
    sample = collected(tmp_path, make_request())
    assert text(sample.canary)["c"] == NEW * 60_000


def test_all_is_judged_where_no_window_is_asked_for(
    tmp_path: Path, make_request: MakeRequest, write_log: WriteLog
) -> None:
    write_log(tmp_path / "stable/s/app.log", OLD + NEW)
    sample = FolderSource(tmp_path).collect(make_request(), lambda: False)
    assert text(sample.stable) == {"s": OLD + NEW}
    assert sample.gaps == ()
