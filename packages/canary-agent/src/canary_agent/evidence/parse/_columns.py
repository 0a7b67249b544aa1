"""Masks, statuses and durations of many lines at one time, by polars.

polars is loaded with this module, which only the process that judges imports. One thread is enough: an agent
judges several canaries at one time, each in its own process.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from canary_agent.evidence._histogram import LEAST, WIDTH, ZERO

from ._mask import MASK, MAX_MASKED, RUST_VARIABLE
from ._numbers import LATENCY, MOST_SECONDS, ROUTE, SECONDS, STATUS, UNITLESS, VARIABLE_STEP
from ._records import SPECIAL

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl  # reads the variable when it is loaded

_MAX_TEXT = 8192
_STRUCTURED = r"^\{|(?:level|lvl|msg|severity)="
# klog's level hangs on its date, and would go with it; its message is quoted, and says more than its call site.
_KLOG = r"^([IWEF])[0-9]{4} "
_KLOG_MESSAGE = r'^([IWEF])[0-9]{4} ([^\]"]{1,200}\] )"([^"]{1,300})"'
# Severities that are numbers would be masked: syslog's priority, of which the last three bits count, and CEF's.
_NUMBERED = r"^(?:<[0-9]{1,3}>|CEF:|LEEF:)"
_WORDS = (
    *(
        (rf"^<(?:{'|'.join(str(code) for code in range(level, 192, 8))})>(?:1 )?", f"<{word}> ")
        for level, word in enumerate(("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"))
    ),
    (r"^(CEF:(?:[^|]*\|){6})(?:[7-9]|10)\|", "${1}error|"),
    (r"^(CEF:(?:[^|]*\|){6})[4-6]\|", "${1}warning|"),
    (r"^(LEEF:.{0,100})\bsev=(?:[7-9]|10)\b", "${1}severity=error"),
)  # fmt: skip
_PADDING = r" {2,}<\*>"
_MOST_ROUTES = 50
_MAX_ROUTE = 120
_NO_BIN = ZERO - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Which of `STATUS` and `LATENCY` are to be looked for in the lines of one mask; -1 for none."""

    status: int
    latency: int


@dataclass(frozen=True, slots=True)
class Row:
    """Equal records of one batch.

    Attributes:
        mask: their masked text.
        context: the number given with the text.
        status: hundreds digit of the HTTP status found in the text, 0 for none.
        bin: of the duration found in the text or given with it, None for none.
        route: method and path of the request that took so long, empty where the text names none.
        count: how many, by their weights.
        durations: how many durations.
        first: the number of the first of them, as given.
        seconds: when each of them was written, in seconds since 1970; None of one that does not say.
    """

    mask: str
    context: int
    status: int
    bin: int | None
    route: str
    count: int
    durations: int
    first: int
    seconds: list[int | None]


def rust(pattern: str) -> str:
    """A pattern of Python's as polars has it."""
    return pattern.replace(r"\b", r"(?-u:\b)")


def without(pattern: str, lines: Sequence[str]) -> list[str]:
    """The lines, each without what the pattern first finds in it, but for the pattern's group."""
    return pl.Series(lines, dtype=pl.String).str.replace(pattern, "$1").to_list()


def special(lines: Sequence[str]) -> Iterator[range]:
    """Runs of lines that may hold stack traces, the line before and the line after each included."""
    found = pl.Series(lines, dtype=pl.String).str.contains(rust(SPECIAL))
    if not found.any():
        return
    near = found | found.shift(1, fill_value=False) | found.shift(-1, fill_value=False)
    begin = previous = -2
    for at in near.arg_true().to_list():
        if at != previous + 1:
            if begin >= 0:
                yield range(begin, previous + 1)
            begin = at
        previous = at
    yield range(begin, previous + 1)


def structured(lines: Sequence[str]) -> list[int]:
    """Numbers of the lines that may be JSON or logfmt."""
    return pl.Series(lines, dtype=pl.String).str.contains(_STRUCTURED).arg_true().to_list()


class Texts:
    """Texts to be counted, each with a context number and a record number.

    Args:
        plain: texts of context 0 without a known duration.
        firsts: their records' numbers, as many.
    """

    def __init__(self, plain: Sequence[str], firsts: Sequence[int]) -> None:
        self._plain = plain
        self._firsts = firsts
        self._others: list[tuple[str, int, int, int | None, int]] = []

    def __len__(self) -> int:
        return len(self._plain) + len(self._others)

    def add(
        self, text: str, context: int, first: int, bin_: int | None = None, weight: int = 1
    ) -> None:
        """One more; `bin_` is that of its duration. With weight 0 only the duration counts."""
        self._others.append((text, context, first, bin_, weight))

    def frame(self) -> pl.DataFrame:
        """All of them, as columns."""
        plain = pl.DataFrame(
            {"text": self._plain, "first": pl.Series(self._firsts, dtype=pl.UInt32)},
            schema_overrides={"text": pl.String},
        ).select(
            "text",
            pl.lit(0, pl.UInt32).alias("context"),
            "first",
            pl.lit(None, pl.Int32).alias("bin"),
            pl.lit(1, pl.UInt32).alias("weight"),
        )
        if not self._others:
            return plain
        return pl.concat([plain, pl.DataFrame(self._others, schema=plain.schema, orient="row")])


def count(
    texts: Texts, plan_of: Callable[[str, str], Plan], planned: int, seconds: pl.Series
) -> list[Row]:
    """Counts equal masked texts, by context, status and duration.

    Args:
        texts: what is to be counted.
        plan_of: says what to look for in texts of one mask; is given the mask and one text.
        planned: contexts below this number are of plain text, where numbers are looked for.
        seconds: the time of each record, by its number.
    """
    if not len(texts):
        return []
    frame = _masked(texts.frame())
    frame = _measured(frame, plan_of, planned)
    frame = frame.with_columns(second=seconds.gather(frame["first"]))
    rows = (
        frame.group_by("mask", "context", "status", "bin", "route")
        .agg(
            pl.col("weight").sum(),
            pl.len(),
            pl.col("first").min(),
            pl.col("second").filter(pl.col("weight") > 0),
        )
        .sort("first", "mask", "context", "status", "bin", "route")
    )
    return [
        Row(mask, context, status, None if bin_ == _NO_BIN else bin_, route, *figures)
        for mask, context, status, bin_, route, *figures in rows.iter_rows()
    ]


def _masked(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    if (frame["text"].str.len_bytes().max() or 0) > MAX_MASKED:  # type: ignore[operator]
        text = text.str.head(MAX_MASKED)
    if frame["text"].str.contains(_NUMBERED).any():
        for number, word in _WORDS:
            text = text.str.replace(rust(number), word)
    marked = text.str.replace(_KLOG_MESSAGE, "$1 $2$3").str.replace(_KLOG, "$1 ")
    masked = marked.str.replace_all(RUST_VARIABLE, MASK)
    return frame.with_columns(
        # Columns are padded to the length of what stands in them.
        mask=masked.str.replace_all(_PADDING, f" {MASK}"),
        route=pl.lit("", pl.String),
        status=pl.lit(0, pl.Int8),
        bin=pl.col("bin").fill_null(_NO_BIN),
    )


def _measured(
    frame: pl.DataFrame, plan_of: Callable[[str, str], Plan], planned: int
) -> pl.DataFrame:
    """With `status` and `bin` filled where the text's plan says so."""
    plain = frame.filter(pl.col("context") < planned)
    masks = plain.group_by("mask").agg(pl.col("text").first())
    plans = [plan_of(mask, text) for mask, text in masks.iter_rows()]
    if all(plan.status < 0 and plan.latency < 0 for plan in plans):
        return frame
    table = masks.select(
        "mask",
        status_plan=pl.Series([plan.status for plan in plans], dtype=pl.Int8),
        latency_plan=pl.Series([plan.latency for plan in plans], dtype=pl.Int8),
    )
    planned_frame = plain.join(table, on="mask", how="left")
    parts = [
        _extracted(part, int(status), int(latency))
        for (status, latency), part in planned_frame.partition_by(
            "status_plan", "latency_plan", as_dict=True, include_key=False
        ).items()
    ]
    rest = frame.filter(pl.col("context") >= planned)
    return pl.concat([rest, *parts])


def _extracted(part: pl.DataFrame, status: int, latency: int) -> pl.DataFrame:
    text = pl.col("text")
    if (part["text"].str.len_bytes().max() or 0) > _MAX_TEXT:  # type: ignore[operator]
        text = text.str.head(_MAX_TEXT)
    columns: Mapping[str, pl.Expr] = {}
    if status >= 0:
        code = text.str.extract(rust(STATUS[status]), 1).cast(pl.Int16, strict=False)
        columns = {"status": (code // 100).fill_null(0).cast(pl.Int8)}
    if latency >= 0:
        columns = {
            **columns,
            "bin": _bin(text.str.extract_groups(rust(LATENCY[latency])), latency),
            "route": _route(text.str.extract_groups(rust(ROUTE))),
        }
    measured = part.with_columns(**columns)
    return _with_fewer_routes(measured) if latency >= 0 else measured


def _route(groups: pl.Expr) -> pl.Expr:
    path = groups.struct.field("2").str.head(_MAX_ROUTE).str.replace_all(VARIABLE_STEP, MASK)
    return pl.concat_str(groups.struct.field("1"), path, separator=" ").fill_null("")


def _with_fewer_routes(part: pl.DataFrame) -> pl.DataFrame:
    """Paths may hold names without end: the most frequent stay, the others are one."""
    routes = part.group_by("route").len().sort("len", "route", descending=[True, False])
    if len(routes) <= _MOST_ROUTES:
        return part
    kept = routes["route"].head(_MOST_ROUTES).implode()
    route = pl.col("route")
    return part.with_columns(route=pl.when(route.is_in(kept)).then(route).otherwise(pl.lit("")))


def _bin(groups: pl.Expr, latency: int) -> pl.Expr:
    """The bin of `_histogram.bin_of` for a duration found as text."""
    unit = groups.struct.field("unit")
    if "<named>" in LATENCY[latency]:
        unit = pl.coalesce(unit, groups.struct.field("named"))
    seconds = groups.struct.field("value").cast(pl.Float64, strict=False) * unit.replace_strict(
        SECONDS, default=UNITLESS[latency], return_dtype=pl.Float64
    )
    number = (seconds / LEAST).log().__truediv__(WIDTH).round()
    return (
        pl.when(seconds.is_null() | (seconds >= MOST_SECONDS))
        .then(_NO_BIN)
        .when(seconds < LEAST)
        .then(ZERO)
        .otherwise(number)
        .fill_null(_NO_BIN)
        .cast(pl.Int32)
    )
