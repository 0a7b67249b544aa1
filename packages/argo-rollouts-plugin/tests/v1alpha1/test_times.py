"""metav1.Time, in gob and in JSON."""

import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_rollouts_plugin.v1alpha1._time import time_from_gob, time_from_json, time_to_gob

INSTANT = datetime(2009, 11, 10, 23, tzinfo=UTC)


@settings(deadline=None)
@given(st.datetimes(timezones=st.timezones()))
def test_round_trip_keeps_the_instant(instant: datetime) -> None:
    read = time_from_gob(time_to_gob(instant)) if _within(instant) else INSTANT
    expected = instant.astimezone(UTC) if _within(instant) else INSTANT
    assert read == expected
    assert read is not None
    assert read.tzinfo is UTC


def _within(instant: datetime) -> bool:
    """Not within a day of the first or last year that `datetime` has."""
    return 2 <= instant.year <= 9998


@pytest.mark.parametrize("version", [1, 2])
def test_both_versions_are_read(version: int) -> None:
    data = struct.pack(">Bqih", version, 62_135_596_800 + 5, 123_456_789, 60)
    data += b"\x1e" * (version - 1)
    assert time_from_gob(data) == datetime(1969, 12, 31, 0, 0, 5, 123456, UTC) + timedelta(days=1)


def test_what_go_writes_is_read() -> None:
    seconds = int((INSTANT - datetime(1, 1, 1, tzinfo=UTC)).total_seconds())
    data = struct.pack(">Bqih", 1, seconds, 12, -1)
    assert time_from_gob(data) == INSTANT


@pytest.mark.parametrize("data", [b"", struct.pack(">Bqih", 1, 0, 0, -1)])
def test_the_zero_time_is_none(data: bytes) -> None:
    assert time_from_gob(data) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x03" + bytes(14), "version 3, versions 1 and 2 are known"),
        (b"\x01" + bytes(13), "time of 14 bytes, version 1 has 15"),
        (b"\x02" + bytes(14), "time of 15 bytes, version 2 has 16"),
        (struct.pack(">Bqih", 1, 5, 1_000_000_000, 0), "1000000000 nanoseconds"),
        (struct.pack(">Bqih", 1, 5, -1, 0), "-1 nanoseconds"),
        (struct.pack(">Bqih", 1, -1, 0, 0), "years 1 to 9999"),
        (struct.pack(">Bqih", 1, 2**62, 0, 0), "years 1 to 9999"),
    ],
)
def test_malformed_times_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        time_from_gob(data)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        time_to_gob(datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is tested
    with pytest.raises(ValueError, match="has no time zone"):
        time_from_json("2026-01-01T00:00:00")


@pytest.mark.parametrize("text", ["2026-01-01T12:00:00Z", "2026-01-01T14:00:00+02:00"])
def test_json_times_are_read_into_utc(text: str) -> None:
    read = time_from_json(text)
    assert read == datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(0)))
    assert read.tzinfo is UTC
