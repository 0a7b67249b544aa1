"""From bytes to lines of text: split, bounded, decoded, and freed of what the runtime put before them."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from ._bounds import MAX_LINE_BYTES
from ._columns import without

T = TypeVar("T")

BATCH_BYTES = 2 << 20
"""Bytes that are read at one time; where they are cut does not depend on how a source cuts its chunks."""

# One partial line of a container runtime is at most 16 KiB; several make up one line.
_MAX_PARTIAL = 64 << 10

# Kubernetes' own form of CRI logs: pkg/kubelet/kuberuntime/logs, parseCRILog.
_CRI = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]{8,24}(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP])[^ ]{0,20} ?"
)
# `kubectl logs --timestamps`; an application's own time in this form is no loss, since it is masked. Rust's tracing
# pads the level that follows its time: an indented line would go on with the one before it.
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z (?: {1,8}(?=(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b))?"
)
# `kubectl logs --prefix`.
_PREFIX = re.compile(r"\[pod/[^\]\s]{1,600}\] ")
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[@-Z\\^_])"
)
_STAMPS = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[0-9:.]{8,24}(?:Z|[+-][0-9]{2}:[0-9]{2}) std(?:out|err) F[^ ]{0,20} ?"
    r"|[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,9}Z(?: {2,9}((?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL) )| ))"
)
_RARE = ("\x1b", "[pod/", '{"log":"', " stdout P", " stderr P")


def batches(chunks: Iterable[bytes]) -> Iterator[list[str]]:
    """Lines of a byte stream, without newline, at most `MAX_LINE_BYTES` bytes each.

    Bytes that are no UTF-8 become U+FFFD: a log is evidence whatever its encoding. Empty lines are left out.
    """
    frames = Frames()
    for content in _blocks(chunks):
        lines = frames.strip(_decode(content))
        if lines:
            yield lines
    rest = frames.rest()
    if rest:
        yield rest


class Frames:
    """Takes away what is around a line; knows the unfinished lines of a CRI log."""

    def __init__(self) -> None:
        self._partial: dict[str, str] = {}

    def strip(self, text: str) -> list[str]:
        """What the application wrote: without ANSI colours, CRI or Docker frames and kubectl prefixes."""
        lines = text.split("\n")
        if "\r" in text:
            lines = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
        if self._partial or any(frame in text for frame in _RARE):
            lines = list(self._unframed(lines))
        else:
            lines = without(_STAMPS, lines)
        return [line for line in lines if line and not line.isspace()]

    def rest(self) -> list[str]:
        """Lines of which the end never came."""
        return [line for line in self._partial.values() if line and not line.isspace()]

    def _unframed(self, lines: Iterable[str]) -> Iterator[str]:
        for raw in lines:
            line = _ANSI.sub("", raw) if "\x1b" in raw else raw
            if line.startswith("[pod/"):
                line = _PREFIX.sub("", line, count=1)
            if line[10:11] == "T" and line[:1].isdigit():
                yield from self._stamped(line)
            elif line.startswith('{"log":"'):
                yield _docker(line)
            else:
                yield line

    def _stamped(self, line: str) -> Iterator[str]:
        frame = _CRI.match(line)
        if frame is None:
            stamp = _TIMESTAMP.match(line)
            yield line[stamp.end() :] if stamp else line
            return
        stream = frame[1]
        content = line[frame.end() :]
        if stream in self._partial:
            content = self._partial.pop(stream) + content
        if frame[2] == "P" and len(content) < _MAX_PARTIAL:
            self._partial[stream] = content
        else:
            yield content


def until_failure(stream: Iterable[T], failures: list[OSError]) -> Iterator[T]:
    """The stream up to where it fails; what has been read counts all the same."""
    try:
        yield from stream
    except OSError as error:
        failures.append(error)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The stream cut at newlines into blocks of about `BATCH_BYTES`, long lines cut short."""
    held = bytearray()
    skipping = False
    failures: list[OSError] = []
    for chunk in until_failure(chunks, failures):
        held += chunk
        while len(held) >= BATCH_BYTES:
            if skipping:
                skipping = _skip_line(held)
                continue
            end = held.rfind(b"\n", 0, BATCH_BYTES)
            skipping = end < 0
            yield bytes(held[: end if end >= 0 else MAX_LINE_BYTES])
            del held[: end + 1]
    if skipping:
        _skip_line(held)
    if failures:
        del held[held.rfind(b"\n") + 1 :]  # half a line says nothing
    if held:
        yield bytes(held)
    if failures:
        raise failures[0]


def _skip_line(held: bytearray) -> bool:
    """Drops what belongs to the current line; says whether it goes on."""
    end = held.find(b"\n")
    del held[: end + 1 if end >= 0 else len(held)]
    return end < 0


def _decode(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if len(content) <= MAX_LINE_BYTES:
        return text
    lines = text.split("\n")
    if max(map(len, lines)) <= MAX_LINE_BYTES:
        return text
    return "\n".join(line[:MAX_LINE_BYTES] for line in lines)


def _docker(line: str) -> str:
    # Docker's json-file driver; anything else that begins so is the application's own JSON.
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if isinstance(document, dict) and document.keys() <= {"log", "stream", "time", "attrs"}:
        content = document.get("log")
        if isinstance(content, str):
            # Half of a surrogate pair has no UTF-8.
            whole = content.encode("utf-8", "replace").decode()
            return _ANSI.sub("", whole.rstrip("\r\n"))
    return line
