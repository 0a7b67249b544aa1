"""The evidence engine: lines a second beside drain3, and what a pair of logs costs as it grows."""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ._context import ROOT, Context
from ._figures import Bench, Beside, Figure, Findings
from ._logs import LINE_BYTES, lines

ROUNDS = 3
LINES = 150_000
DRAIN_LINES = 30_000
LEAST_LINES_A_SECOND = 100_000
PAIR_SECONDS, PAIR_RSS_MB = 1.0, 200.0
PAIRS_MB = (1, 10, 100, 1000)
LONG_LINE_SECONDS = 1.0
PIECES = ("a", "0", '"', "'", "{", "[", '{"a":', "a=", "level=info a=", "GET ", "1.1.", "a.", "\t", "error ", "panic: ", "é", "<*> ", "http://")  # fmt: skip
_TIMEOUT = 600


def measure(context: Context) -> Findings:
    return Findings([_speed(context), *_pairs(context), _long_line(context)], [_NOTE])


def _speed(context: Context) -> Figure:
    ours, theirs = [], []
    drain = _drain3_python(context)
    with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
        file.write("\n".join(lines(DRAIN_LINES, 1)))
        file.flush()
        for number in range(rounds := context.rounds(ROUNDS)):
            context.progress(f"evidence: lines a second, round {number + 1} of {rounds}")
            found = _judge("lines", str(LINES))
            ours.append(found["lines"] / found["cpu"])
            if drain is not None:
                theirs.append(DRAIN_LINES / _drain3_seconds(drain, file.name))
    beside = [Beside("drain3", theirs)] if theirs else []
    what = f"lines of {LINE_BYTES} bytes read, a CPU second"
    return Figure(what, "", ours, beside, at_least=LEAST_LINES_A_SECOND)


def _pairs(context: Context) -> list[Figure]:
    figures = []
    for size in PAIRS_MB:
        rounds = context.rounds(ROUNDS) if size < max(PAIRS_MB) else 1
        context.progress(f"evidence: a pair of {size} MB")
        found = [_judge("pair", str(size)) for _ in range(rounds)]
        small = size <= 10
        figures += [
            Figure(f"pair of {size} MB, CPU", "s", [one["cpu"] for one in found], at_most=PAIR_SECONDS if small else None),
            Figure(f"pair of {size} MB, wall clock", "s", [one["seconds"] for one in found]),
            Figure(f"pair of {size} MB, RSS", "MB", [one["rss"] for one in found], at_most=PAIR_RSS_MB),
        ]  # fmt: skip
    return figures


def _long_line(context: Context) -> Figure:
    context.progress("evidence: lines of 1 MiB")
    seconds = {piece: _judge("line", piece)["cpu"] for piece in PIECES}
    worst = max(seconds, key=lambda piece: seconds[piece])
    what = f"a line of 1 MiB, CPU, the worst of {len(PIECES)}: {worst!r} again and again"
    return Figure(what, "s", [seconds[worst]], at_most=LONG_LINE_SECONDS)


def _judge(*arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench._judge", *arguments],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=_TIMEOUT,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _drain3_python(context: Context) -> Path | None:
    """drain3's own environment, made once; None, and a word, where it cannot be had."""
    folder = ROOT / "build" / "venv" / "drain3"
    python = folder / "bin" / "python"
    if (folder / ".ready").is_file():
        return python
    context.progress("evidence: making drain3's environment")
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--require-hashes", "-r", ROOT / "requirements" / "bench.txt"],
            check=True, timeout=_TIMEOUT,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        context.progress(f"evidence: left out: drain3, which cannot be installed: {error}")
        return None
    (folder / ".ready").touch()
    return python


def _drain3_seconds(python: Path, log: str) -> float:
    done = subprocess.run(
        [python, Path(__file__).with_name("_drain3.py"), log],
        check=True, capture_output=True, text=True, timeout=_TIMEOUT,
    )  # fmt: skip
    return float(done.stdout)


_NOTE = (
    "CPU seconds of one process with one thread; loading polars, which each analysis does, is in the pairs' figures; "
    "nineteen parts of a pair are stable's"
)

BENCH = Bench("evidence", "reading logs, and judging pairs of 1 MB to 1 GB", measure)
