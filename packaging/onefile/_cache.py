"""A folder of finished builds, each named by the hash of what went into it."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ._steps import say

_KEPT = 3
_DIGITS = 20


def cache_folder() -> Path:
    """METRIC_AI_CACHE, or `metric-ai` in the user's cache; clones of the repository share it."""
    if named := os.environ.get("METRIC_AI_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metric-ai"


def cached(kind: str, inputs: Mapping[str, object], build: Callable[[Path], None]) -> Path:
    """The folder of that kind with those inputs; built when it is not there yet.

    Two builds of the same do not run at once: the second waits and takes the first one's. Of each kind
    the three used last are kept.

    Args:
        kind: what is built, the first part of the folder's name.
        inputs: everything that the outcome depends on, as JSON.
        build: fills an empty folder. The folder appears under its name only when this is done.
    """
    text = json.dumps(inputs, sort_keys=True)
    name = f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"
    entry = cache_folder() / name
    entry.parent.mkdir(parents=True, exist_ok=True)
    with _locked(entry.with_name(f"{name}.lock")):
        if not entry.is_dir():
            draft = entry.with_name(f"{name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            build(draft)
            (draft / "inputs.json").write_text(json.dumps(inputs, indent=2, sort_keys=True) + "\n")
            draft.rename(entry)
        os.utime(entry)
    _forget_old(kind, entry)
    return entry


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another build of the same ({path.stem})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(kind: str, used: Path) -> None:
    entries = [path for path in used.parent.glob(f"{kind}-*") if path.is_dir()]
    done = [path for path in entries if path.suffix != ".draft"]
    for path in sorted(done, key=lambda one: one.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
