"""gob: AnalysisRuns as they travel, beside Go's encoding/gob on the same bytes and beside Python's json."""

import base64
import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from argo_rollouts_plugin.rpc import RunArgs, read_args, write_args
from goplugin.wire import gob

from . import _runs
from ._context import Context
from ._figures import Bench, Beside, Figure, Findings, shown

SIZES = {"5 KB": 5_000, "100 KB": 100_000}
ROUNDS = 3
SPAN_MS = 200
_GO_SECONDS = 120

# A line of the table: what it is called, and what Go's and json's figures for it are called.
_LINES = (
    ("decodeNext", "decode {}, types known", "json.loads"),
    ("readNext", "decode {} into v1alpha1 types, types known", "json.loads"),
    ("decodeFirst", "decode {}, first message of a stream", "json.loads"),
    ("encodeNext", "encode {}, types known", "json.dumps"),
    ("encodeFirst", "encode {}, first message of a stream", "json.dumps"),
)
_GO_OF = {"readNext": "decodeNext"}  # Go's decoder always fills types


def measure(context: Context) -> Findings:
    figures: list[Figure] = []
    notes: list[str] = []
    for name, size in SIZES.items():
        run = _runs.analysis_run(size)
        taken: dict[str, list[float]] = defaultdict(list)
        for number in range(rounds := context.rounds(ROUNDS)):
            context.progress(f"gob: {name}, round {number + 1} of {rounds}")
            first, next_ = _stream(context.go_folder, run, taken)
            _ours(first, next_, taken)
            _json(run, taken)
        figures += [_figure(key, what.format(name), other, taken) for key, what, other in _LINES]
        each = _per_value(run, taken["decodeNext"])
        notes.append(
            f"{name}: {len(next_):,} bytes; the definitions of types, once a stream: "
            f"{len(first) - len(next_):,} bytes; {each}"
        )
    return Findings(figures, notes)


def _figure(key: str, what: str, other: str, taken: dict[str, list[float]]) -> Figure:
    beside = [Beside(other, taken[other])]
    go = f"go {_GO_OF.get(key, key)}"
    if go in taken:
        beside.insert(0, Beside("Go", taken[go]))
    return Figure(what, "ms", taken[key], beside)


def _stream(
    go_folder: Path | None, run: _runs.Document, taken: dict[str, list[float]]
) -> tuple[bytes, bytes]:
    """The first and the next message of a stream: Go's own where there is Go, which is measured too."""
    if go_folder is None:
        encoder, args = gob.Encoder(), _runs.run_args(run)
        return encoder.encode(gob.INTERFACE, args), encoder.encode(gob.INTERFACE, args)
    asked = {"run": run, "metric": _runs.metric(), "millis": SPAN_MS}
    done = subprocess.run(
        [go_folder / "gobbench"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=_GO_SECONDS,
        check=True,
    )
    found = json.loads(done.stdout)
    for key in ("decodeFirst", "decodeNext", "encodeFirst", "encodeNext"):
        taken[f"go {key}"].append(found[key] / 1e6)
    return base64.b64decode(found["first"]), base64.b64decode(found["next"])


def _ours(first: bytes, next_: bytes, taken: dict[str, list[float]]) -> None:
    known = gob.Decoder()
    _decode(known, first)
    taken["decodeFirst"].append(per_operation(lambda: _decode(gob.Decoder(), first)))
    taken["decodeNext"].append(per_operation(lambda: _decode(known, next_)))
    taken["readNext"].append(per_operation(lambda: read_args(RunArgs, _decode(known, next_))))
    args = write_args(read_args(RunArgs, _decode(known, next_)))
    encoder = gob.Encoder()
    encoder.encode(gob.INTERFACE, args)
    taken["encodeFirst"].append(per_operation(lambda: gob.Encoder().encode(gob.INTERFACE, args)))
    taken["encodeNext"].append(per_operation(lambda: encoder.encode(gob.INTERFACE, args)))


def _decode(decoder: gob.Decoder, message: bytes) -> object:
    decoder.receive_data(message)
    return decoder.next_value()


def _json(run: _runs.Document, taken: dict[str, list[float]]) -> None:
    text = _runs.json_text(run)
    document = json.loads(text)
    taken["json.loads"].append(per_operation(lambda: json.loads(text)))
    taken["json.dumps"].append(per_operation(lambda: json.dumps(document)))


def _per_value(run: _runs.Document, decode: list[float]) -> str:
    count = _leaves(run)
    return f"{count:,} strings, numbers and times, {shown(min(decode) * 1000 / count, 'us')} each to decode"


def _leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(_leaves(item) for item in value.values())
    if isinstance(value, list):
        return sum(_leaves(item) for item in value)
    return 1


def per_operation(operation: Callable[[], object], span_ms: float = SPAN_MS) -> float:
    """Milliseconds one call takes, over calls that fill the span."""
    operation()
    began, count = time.perf_counter(), 0
    end = began + span_ms / 1000
    while count == 0 or time.perf_counter() < end:
        operation()
        count += 1
    return (time.perf_counter() - began) * 1000 / count


BENCH = Bench("gob", "decode and encode AnalysisRuns of 5 KB and 100 KB", measure)
