"""Redaction: its speed beside a pass of all expressions, what it leaves in, and what it takes out for nothing."""

import time
from collections.abc import Callable, Iterable
from itertools import islice

from canary_verdict.redaction import MAX_LINE, redact
from canary_verdict.redaction._named import NAMED
from canary_verdict.redaction._shapes import ADDRESSES, SHAPES
from canary_verdict.redaction._tokens import FORMS

from ._context import Context
from ._figures import Bench, Beside, Figure, Findings
from .injection._secrets import planted_secrets
from .verdicts._recordings import RECORDINGS, read_rounds

ROUNDS = 3
LINES_EACH = 1500
PLAIN_LINES = 500
PIECES = ("a", "0", "4 ", "a-", "a.", "a=", "key=", "//a:", "a@", "%41", "\\n", '\\"', "Bearer ", "eyJ", "A1", "-----BEGIN KEY")  # fmt: skip
LONG_LINE = 1 << 20
LEAST_MB, MOST_TOUCHED, LONG_SECONDS = 1.0, 0.5, 1.0
_ALL_BYTES = 4 * LONG_LINE


def measure(context: Context) -> Findings:
    lines = _recorded()
    ours, plain = [], []
    for number in range(rounds := context.rounds(ROUNDS)):
        context.progress(f"redaction: recorded lines, round {number + 1} of {rounds}")
        ours.append(_megabytes_a_second(lambda line: redact(line, MAX_LINE), lines))
        plain.append(_megabytes_a_second(_plainly, lines[:: max(1, len(lines) // PLAIN_LINES)]))
    touched = sum(redact(line, _ALL_BYTES) != line for line in lines)
    planted = list(planted_secrets())
    left = sum(one.secret in redact(one.line, MAX_LINE) for one in planted)
    context.progress("redaction: lines of 1 MiB")
    seconds = {piece: _long_line(piece) for piece in PIECES}
    worst = max(seconds, key=lambda piece: seconds[piece])
    return Findings(
        [
            Figure("recorded lines, a CPU second", "MB", ours, [Beside("all expressions on every line", plain)], at_least=LEAST_MB),
            Figure(f"ordinary lines touched, of {len(lines)}", "%", [100 * touched / len(lines)], at_most=MOST_TOUCHED),
            Figure(f"secrets left, of {len(planted)} kinds", "", [left], at_most=0),
            Figure(f"a line of 1 MiB, CPU, the worst of {len(PIECES)}: {worst!r} again and again", "s", [seconds[worst]], at_most=LONG_SECONDS),
        ],
        ["recorded lines: the first of each program's rounds, as the programs wrote them, without what cannot be seen"],
    )  # fmt: skip


def _recorded() -> list[str]:
    lines: list[str] = []
    for folder in sorted(path for path in RECORDINGS.iterdir() if path.is_dir()):
        texts = (text for one in read_rounds(folder.name)[:1] for text in one.logs.values())
        found = (
            line
            for text in texts
            for line in text.decode("utf-8", "replace").splitlines()
            if line.isprintable()
        )
        lines += islice(found, LINES_EACH)
    return lines


def _megabytes_a_second(work: Callable[[str], str], lines: Iterable[str]) -> float:
    size, began = 0, time.process_time()
    for line in lines:
        work(line)
        size += len(line)
    return size / 1e6 / (time.process_time() - began)


def _plainly(line: str) -> str:
    for _, pattern in FORMS:
        line = pattern.sub("[token]", line)
    for rule in (*ADDRESSES, NAMED, *SHAPES):
        line = rule.hide(line)
    return line


def _long_line(piece: str) -> float:
    text = piece * (LONG_LINE // len(piece))
    began = time.process_time()
    redact(text, MAX_LINE)
    return time.process_time() - began


BENCH = Bench(
    "redaction", "hiding secrets: speed, what is left, what is touched for nothing", measure
)
