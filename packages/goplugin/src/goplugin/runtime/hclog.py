"""Logs in the form that go-plugin's host reads from a plugin's stderr: one JSON object a line (log_entry.go: parseJSON).

The host asserts that `@level`, `@message` and `@timestamp` are strings and panics where one is not; a line of more than
64 KiB is cut into pieces that are no JSON any more (client.go: logStderr). Neither happens with what is written here, whatever
is logged.
"""

import json
import logging
import os
import select
import time
import traceback

__all__ = ["TRACE", "HclogHandler", "encode_record"]

TRACE = 5
"""The `logging` level below DEBUG that hclog calls trace."""

MAX_LINE_BYTES = 60_000
_MAX_MESSAGE_BYTES = 24_000
_MAX_FIELD_BYTES = 8_000
_CUT = " [cut]"
_WRITE_SECONDS = 0.5
_ATOMIC_BYTES = select.PIPE_BUF

_LEVELS = (
    (logging.ERROR, "error"),
    (logging.WARNING, "warn"),
    (logging.INFO, "info"),
    (10, "debug"),
)
_OWN_KEYS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def encode_record(record: logging.LogRecord, dropped: int = 0) -> bytes:
    """Turns a log record into one line.

    Args:
        dropped: How many lines before this one were lost; above 0 it becomes the field `log_lines_dropped`.
        record: Anything that `logging` makes. Keys of `extra` become fields; one that begins with `@` gets a `_` before it.
            Values that are no JSON (NaN too) become their `repr`. An exception becomes the field `exception`.

    Returns:
        A JSON object in ASCII and a line feed, at most `MAX_LINE_BYTES`. Longer texts end in `[cut]`; fields for which no
        room is left are counted in the field `fields_left_out`.
    """
    line: dict[str, object] = {
        "@level": _level(record.levelno),
        "@message": _shortened(_message(record), _MAX_MESSAGE_BYTES),
        "@timestamp": _timestamp(record.created),
        "@module": _shortened(str(record.name), _MAX_FIELD_BYTES),
    }
    room = MAX_LINE_BYTES - len(json.dumps(line)) - 100
    left_out = 0
    for key, value in _fields(record):
        name = _shortened(key, _MAX_FIELD_BYTES)
        name = f"_{name}" if name.startswith("@") else name
        plain = _plain(value)
        size = len(json.dumps(name)) + len(json.dumps(plain)) + 4
        if size > room:
            left_out += 1
            continue
        room -= size
        line[name] = plain
    if dropped:
        line["log_lines_dropped"] = dropped
    if left_out:
        line["fields_left_out"] = left_out
    return json.dumps(line).encode("ascii") + b"\n"


def _level(number: int) -> str:
    # hclog knows neither panic nor fatal: the host would show them at debug
    return next((name for least, name in _LEVELS if number >= least), "trace")


def _message(record: logging.LogRecord) -> str:
    try:
        return str(record.getMessage())
    except Exception as error:  # noqa: BLE001 - a log call with bad arguments must neither fail nor be lost
        return f"{_repr(record.msg)} (its arguments do not fit: {type(error).__name__})"


def _timestamp(created: object) -> str:
    """The host's layout `2006-01-02T15:04:05.000000Z07:00`, in UTC."""
    try:
        seconds, micros = divmod(int(float(str(created)) * 1_000_000), 1_000_000)
        when = time.gmtime(seconds)
        if not 0 <= when.tm_year <= 9999:
            raise ValueError(created)
    except (ValueError, OverflowError, OSError):
        return _timestamp(time.time())
    date = f"{when.tm_year:04}-{when.tm_mon:02}-{when.tm_mday:02}"
    return f"{date}T{when.tm_hour:02}:{when.tm_min:02}:{min(when.tm_sec, 59):02}.{micros:06}Z"


def _fields(record: logging.LogRecord) -> list[tuple[str, object]]:
    fields = [(str(k), v) for k, v in record.__dict__.items() if k not in _OWN_KEYS]
    if record.exc_info and record.exc_info[0] is not None:
        text = "".join(traceback.format_exception(*record.exc_info))
        fields.append(("exception", text))
    if record.stack_info:
        fields.append(("stack", record.stack_info))
    return fields


def _plain(value: object) -> object:
    """The value as JSON can hold it, and not too long."""
    try:
        text = json.dumps(value, allow_nan=False)
    except Exception:  # noqa: BLE001 - cycles, foreign types, NaN, hostile dict subclasses: repr shows them all
        return _shortened(_repr(value), _MAX_FIELD_BYTES)
    if len(text) <= _MAX_FIELD_BYTES:
        return value
    return _shortened(value if isinstance(value, str) else text, _MAX_FIELD_BYTES)


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - somebody else's __repr__
        return f"<{type(value).__name__} whose repr fails>"


def _shortened(text: str, most: int) -> str:
    """The text, or as much of its start as takes `most` bytes in JSON, with a mark."""
    if len(text) * 6 <= most or len(json.dumps(text)) <= most:
        return text
    cut = text[:most]
    while (size := len(json.dumps(cut))) > most - len(_CUT):
        cut = cut[: len(cut) * (most - len(_CUT)) // size]
    return cut + _CUT


class HclogHandler(logging.Handler):
    """Writes log records to the process's original stderr, where go-plugin's host reads its log.

    That stays so while `serve` has put stream 2 in the place of `sys.stderr`. A host that has stopped reading holds a log
    call up for half a second once; after that lines are dropped, and counted in the next one that gets through.

    Args:
        level: Least level to write; `TRACE` (5) is the lowest hclog level.
        fd: File descriptor to write to; 2 is stderr.
    """

    def __init__(self, level: int = logging.NOTSET, fd: int = 2) -> None:
        super().__init__(level)
        self._fd = fd
        self._dropped = 0
        self._broken_line = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; never raises."""
        try:
            line = encode_record(record, self._dropped)
            # what was cut off in the middle must not swallow this line too
            if self._write(b"\n" + line if self._broken_line else line):
                self._dropped = 0
            else:
                self._dropped += 1
        except Exception:  # noqa: BLE001 - the host is gone, or a record defies description: logging must not fail
            self._dropped += 1

    def _write(self, line: bytes) -> bool:
        """Whether the line went out; waits once for a reader that was there before."""
        give_up_at = time.monotonic() + (0.0 if self._dropped else _WRITE_SECONDS)
        sent = 0
        while sent < len(line):
            # a pipe that is writable takes this many bytes without blocking (pipe(7))
            if not self._writable(give_up_at - time.monotonic()):
                self._broken_line = self._broken_line or sent > 0
                return False
            sent += os.write(self._fd, line[sent : sent + _ATOMIC_BYTES])
        self._broken_line = False
        return True

    def _writable(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return bool(poll.poll(max(0.0, seconds) * 1000))
