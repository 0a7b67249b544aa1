"""Recordings as they lie in the repository: one compressed archive a round.

Paths of the machine that recorded are replaced by what a container would have.
"""

import io
import json
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TIME = 0  # archives of the same content are the same bytes


def pack(
    path: Path, facts: Mapping[str, Any], logs: Mapping[str, bytes], work: Path, tools: Path
) -> int:
    """Writes one round and returns its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clean = _cleaner(work, tools)
    with tarfile.open(path, "w:xz", preset=9) as archive:
        text = json.dumps(facts, indent=1).encode()
        for name, data in (("round.json", text), *sorted(logs.items())):
            content = data if name == "round.json" else clean(data)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), _TIME
            archive.addfile(entry, io.BytesIO(content))
    return path.stat().st_size


class _cleaner:  # noqa: N801  # used as a function
    """Replaces what belongs to the recording machine."""

    def __init__(self, work: Path, tools: Path) -> None:
        self._rules = [
            (re.compile(re.escape(str(work)).encode() + rb"/[^/\s\"':]+"), b"/data"),
            (re.compile(re.escape(str(work.parent)).encode() + rb"/full/*"), b"/data/"),
            (re.compile(re.escape(str(tools)).encode()), b"/app"),
            (re.compile(re.escape(str(Path(__file__).resolve().parents[3])).encode()), b"/app"),
            (re.compile(rb"/root/\.pyenv/versions/[^/]+"), b"/usr/local"),
            (re.compile(rb"/root/(?=\.cargo|go/|\.npm)"), b"/build/"),
        ]

    def __call__(self, data: bytes) -> bytes:
        for pattern, replacement in self._rules:
            data = pattern.sub(replacement, data)
        return data
