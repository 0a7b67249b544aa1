"""When lines were written, of many at one time: as `moments` reads them, found by polars."""

from collections.abc import Sequence

from canary_agent.moments import LOOKED_AT, PATTERNS, moment_of

from ._columns import rust  # before polars: it says how many threads that may have

import polars as pl  # isort: skip


def seconds_of(lines: Sequence[str]) -> pl.Series:
    """The time that each line carries, in whole seconds since 1970; null where it carries none.

    The times of most lines are equal but for fractions of a second, so few of them are read as dates.
    """
    text = pl.Series(lines, dtype=pl.String).str.head(LOOKED_AT)
    found = pl.Series([None] * len(text), dtype=pl.String)
    for pattern in PATTERNS:
        missing = found.is_null()
        if not missing.any():
            break
        first = text.filter(missing).str.extract(f"({rust(pattern)})", 1)
        found = found.scatter(missing.arg_true(), first)
    # 2026-01-31T12:00:00.123456Z and "ts":1769860800123 to the second.
    whole = found.str.replace(r"(:[0-9]{2})[.,][0-9]{1,9}", "$1")
    whole = whole.str.replace(r"([:=] ?\"?[0-9]{10})[.0-9]{1,10}$", "$1")
    unique = whole.unique().drop_nulls().to_list()
    known = {each: moment_of(each) for each in unique}
    return whole.replace_strict(
        unique,
        [None if (moment := known[each]) is None else int(moment) for each in unique],
        default=None,
        return_dtype=pl.Int64,
    )
