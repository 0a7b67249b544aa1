"""A container's log file: whatever is written comes back, by the options of the logs API."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubelet import _log_file
from kubelet._log_file import LogOptions, LogWriter, read_log


def written(path: Path, *pieces: bytes) -> Path:
    path.unlink(missing_ok=True)
    log = LogWriter(path)
    for piece in pieces:
        log.write(piece)
    log.close()
    return path


def read(path: Path, **options: float | bool | None) -> bytes:
    return b"".join(read_log(path, LogOptions(**options)))  # type: ignore[arg-type]


@given(st.binary(max_size=60_000), st.lists(st.integers(0, 60_000), max_size=8))
def test_lines_come_back_however_they_were_cut(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[begin:end] for begin, end in pairwise(edges)]
    path = written(tmp_path_factory.getbasetemp() / "cut.log", *pieces)
    ended = data if data.endswith(b"\n") or not data else data + b"\n"
    assert read(path) == ended


def test_options_choose_lines_and_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"".join(b"line %d\n" % number for number in range(100)))
    assert read(path, tail=2) == b"line 98\nline 99\n"
    assert read(path, tail=0) == b""
    assert read(path, limit=10) == b"line 0\nlin"
    assert read(path, tail=2, limit=9) == b"line 98\nl"


def test_times_stand_before_lines_and_select_them(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"first\n", b"x" * 40_000 + b"\n", b"last\n")
    lines = read(path, timestamps=True).splitlines()
    assert [line.split(b" ", 1)[1][:5] for line in lines] == [b"first", b"xxxxx", b"last"]
    last = datetime.fromisoformat(lines[2].split()[0].decode()).timestamp()
    assert read(path, since=last).endswith(b"last\n")
    assert read(path, since=last + 1) == b""


def test_a_full_file_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_log_file, "_MAX_BYTES", 1000)
    path = written(tmp_path / "log", *(b"line %04d\n" % number for number in range(1000)))
    assert path.stat().st_size <= 1000
    lines = read(path).splitlines()
    assert lines[-1] == b"line 0999"
    assert len(lines) > 1
