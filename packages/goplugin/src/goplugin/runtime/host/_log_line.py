"""A plugin's log, read from its stderr (client.go: logStderr; log_entry.go: parseJSON)."""

import json
from dataclasses import dataclass, field

_LEVELS = ("trace", "debug", "info", "warn", "error")
_PREFIXES = {f"[{level.upper()}]": level for level in _LEVELS}
_ERROR_PREFIXES = ("panic: ", "fatal error: ")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a plugin's stderr.

    Attributes:
        level: trace, debug, info, warn or error; debug for a line that says nothing of its level.
        message: Its text: `@message` of an hclog line, else the whole line.
        timestamp: `@timestamp` as it came (`2006-01-02T15:04:05.000000Z07:00`); empty where there is none.
        fields: What else an hclog line holds.
    """

    level: str
    message: str
    timestamp: str = ""
    fields: dict[str, object] = field(default_factory=dict)


def parse_log_line(text: str) -> LogLine:
    """Reads one line, without its line end. Where Go's host panics (an `@` field that is no string), it is taken as text."""
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return LogLine(_level_of_text(text), text)
    if not isinstance(entry, dict) or entry.get("@level") not in _LEVELS:
        return LogLine("debug", text)
    message, timestamp = entry.get("@message", ""), entry.get("@timestamp", "")
    if not isinstance(message, str) or not isinstance(timestamp, str):
        return LogLine("debug", text)
    known = ("@level", "@message", "@timestamp")
    return LogLine(
        entry["@level"], message, timestamp, {k: v for k, v in entry.items() if k not in known}
    )


def _level_of_text(text: str) -> str:
    if text.startswith(_ERROR_PREFIXES):
        return "error"
    return next((level for prefix, level in _PREFIXES.items() if text.startswith(prefix)), "debug")
