"""`metav1.Time` as it travels in gob and in JSON.

In gob a `metav1.Time` is a GobEncoder value whose bytes are `time.Time`'s binary form (Go's
`time/time.go`, `Time.AppendBinary`): version, seconds since year 1 (int64), nanoseconds (int32),
zone offset in minutes (int16, -1 for UTC) and, in version 2 only, the seconds of that offset.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

_VERSION_1: Final = 1
_VERSION_2: Final = 2
_FIELDS: Final = struct.Struct(">Bqih")
_OFFSET_UTC: Final = -1
_YEAR_1: Final = datetime(1, 1, 1, tzinfo=UTC)
_LATEST_SECOND: Final = int((datetime.max.replace(tzinfo=UTC) - _YEAR_1).total_seconds())


def time_from_gob(data: bytes) -> datetime | None:
    """Reads the binary form of a Go `time.Time`.

    Nanoseconds are cut to microseconds, which is what `datetime` holds. The zone is dropped: the
    instant is what counts, and Kubernetes writes UTC everywhere.

    Args:
        data: 15 bytes (version 1) or 16 bytes (version 2).

    Returns:
        The instant in UTC, or None for Go's zero time.

    Raises:
        ValueError: the version or the length is another one, the nanoseconds are not in 0 to
            999,999,999, or the instant lies outside the years 1 to 9999.
    """
    if not data:
        return None
    expected = {_VERSION_1: _FIELDS.size, _VERSION_2: _FIELDS.size + 1}.get(data[0])
    if expected is None:
        raise ValueError(f"time in binary form version {data[0]}, versions 1 and 2 are known")
    if len(data) != expected:
        raise ValueError(f"time of {len(data)} bytes, version {data[0]} has {expected}")
    _, seconds, nanoseconds, _ = _FIELDS.unpack_from(data)
    if not 0 <= nanoseconds < 1_000_000_000:
        raise ValueError(f"time with {nanoseconds} nanoseconds, 0 to 999999999 are allowed")
    if seconds == nanoseconds == 0:
        return None
    if not 0 <= seconds <= _LATEST_SECOND:
        raise ValueError(f"time {seconds} s after year 1, allowed are the years 1 to 9999")
    return _YEAR_1 + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)


def time_to_gob(instant: datetime) -> bytes:
    """Writes an instant in the binary form of Go's `time.Time`, version 1, in UTC.

    Raises:
        ValueError: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"time {instant} has no time zone; give one, such as datetime.UTC")
    since = instant - _YEAR_1
    seconds = since.days * 86_400 + since.seconds
    return _FIELDS.pack(_VERSION_1, seconds, since.microseconds * 1000, _OFFSET_UTC)


def time_from_json(text: str) -> datetime:
    """Reads an RFC 3339 time, as Kubernetes writes it, into UTC.

    Raises:
        ValueError: the text is not such a time or names no zone.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"time {text!r} has no time zone; RFC 3339 wants Z or an offset")
    return instant.astimezone(UTC)
