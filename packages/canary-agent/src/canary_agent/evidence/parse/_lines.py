"""From bytes to lines of text: split, bounded, decoded, and freed of what the runtime put before them."""

import json
import re
from collections.abc import Iterable, Iterator

MAX_LINE_BYTES = 64 << 10
"""What is kept of one line; the rest of a longer one is dropped, up to its newline."""

# One partial line of a container runtime is at most 16 KiB; several make up one line.
_MAX_PARTIAL = 64 << 10

# Kubernetes' own form of CRI logs: pkg/kubelet/kuberuntime/logs, parseCRILog.
_CRI = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]{8,24}(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP])[^ ]{0,20} ?"
)
# `kubectl logs --timestamps`; an application's own time in this form is no loss, since it is masked.
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z ")
# `kubectl logs --prefix`.
_PREFIX = re.compile(r"\[pod/[^\]\s]{1,600}\] ")
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[@-Z\\^_])"
)


def split_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of a byte stream, without newline, at most `MAX_LINE_BYTES` each.

    Bytes that are no UTF-8 become U+FFFD: a log is evidence whatever its encoding.
    """
    pending = b""
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for part in whole:
            line = pending + part[:MAX_LINE_BYTES] if pending else part
            pending = b""
            yield _decode(line)
        if len(pending) < MAX_LINE_BYTES:
            pending += last[:MAX_LINE_BYTES]
    if pending:
        yield _decode(pending)


def unframed(lines: Iterable[str]) -> Iterator[str]:
    """What the application wrote: without ANSI colours, CRI or Docker frames and kubectl prefixes."""
    partial: dict[str, str] = {}
    for raw in lines:
        line = _ANSI.sub("", raw) if "\x1b" in raw else raw
        if line.startswith("[pod/"):
            line = _PREFIX.sub("", line, count=1)
        if line[10:11] == "T" and line[:1].isdigit():
            frame = _CRI.match(line)
            if frame is None:
                yield _TIMESTAMP.sub("", line, count=1)
                continue
            stream, content = frame[1], partial.pop(frame[1], "") + line[frame.end() :]
            if frame[2] == "P" and len(content) < _MAX_PARTIAL:
                partial[stream] = content
            else:
                yield content
        elif line.startswith('{"log":"'):
            yield _docker(line)
        else:
            yield line
    yield from partial.values()


def _decode(line: bytes) -> str:
    return line[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")


def _docker(line: str) -> str:
    # Docker's json-file driver; anything else that begins so is the application's own JSON.
    try:
        document = json.loads(line)
    except ValueError:
        return line
    if isinstance(document, dict) and document.keys() <= {"log", "stream", "time", "attrs"}:
        content = document.get("log")
        if isinstance(content, str):
            return _ANSI.sub("", content.rstrip("\r\n"))
    return line
