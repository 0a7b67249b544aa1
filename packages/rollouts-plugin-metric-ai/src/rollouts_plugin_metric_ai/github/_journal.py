"""Issues that are still to be opened, on a disk, so that a plugin started anew goes on with them.

One file for each, replaced in one step, for this user's eyes alone. The folder may lie in /tmp, where
others write too: it is used only if it is a folder of ours that nobody else may write to.
"""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from canary_verdict.repositories import AllowedOwners

from ._draft import Draft

_MAX_ENTRIES = 50
_MAX_BYTES = 512 * 1024
_LOCK = "lock"


class JournalError(Exception):
    """The journal cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One issue that is to be opened.

    Attributes:
        begun: when it was first tried, in seconds since 1970.
        tries: how often it was tried.
        due: when to try again, in seconds since 1970.
    """

    draft: Draft
    begun: float
    tries: int = 0
    due: float = 0.0


class Journal:
    """The folder. Its methods read and write files: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        """Opens nothing."""
        self._folder = folder
        self._lock = -1

    def write(self, entry: Entry) -> None:
        """Keeps the entry, in place of an older one with the same key.

        Raises:
            JournalError: it cannot be written, or there are too many.
        """
        data = json.dumps(
            {
                "version": 1,
                "draft": entry.draft.to_json(),
                "begun": entry.begun,
                "tries": entry.tries,
                "due": entry.due,
            }
        ).encode()
        try:
            self._make()
            path = self._path(entry.draft.key)
            if not path.exists() and len(self._files()) >= _MAX_ENTRIES:
                raise JournalError(f"found {_MAX_ENTRIES} entries, expected fewer")
            scratch = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(
                scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600
            )
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def remove(self, key: str) -> None:
        """Forgets the entry, where there is one."""
        with suppress(OSError):
            self._path(key).unlink()

    def take_over(self) -> bool:
        """Whether what an ended process has left is this one's to do; once it is, it stays so.

        False while another process is at it.
        """
        if self._lock >= 0:
            return True
        try:
            self._make()
            descriptor = os.open(
                self._folder / _LOCK, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600
            )
        except (OSError, JournalError):
            return False
        try:
            os.lockf(descriptor, os.F_TLOCK, 0)
        except OSError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def release(self) -> None:
        """Leaves the rest to another process."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def entries(self, allowed: AllowedOwners) -> list[Entry]:
        """All entries that can be read, the oldest first; what cannot be read is taken away.

        Raises:
            JournalError: the folder is not one to be trusted.
        """
        try:
            self._check()
            found = [entry for path in self._files() for entry in _read(path, allowed)]
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return sorted(found, key=lambda entry: entry.begun)

    def _make(self) -> None:
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)
        self._check()

    def _check(self) -> None:
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise JournalError(
                f"{self._folder}: found what is no folder of ours alone, expected one that nobody else "
                "may write to; set METRIC_AI_JOURNAL"
            )

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))[: 2 * _MAX_ENTRIES]

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _read(path: Path, allowed: AllowedOwners) -> Iterator[Entry]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            yield _entry(json.loads(file.read(_MAX_BYTES)), path.stem, allowed)
    except (OSError, ValueError, RecursionError):
        # Half written by nobody (files are replaced in one step): of another version, or not allowed any more.
        with suppress(OSError):
            path.unlink()


def _entry(document: object, key: str, allowed: AllowedOwners) -> Entry:
    if not isinstance(document, Mapping) or document.get("version") != 1:
        raise ValueError("found no entry of version 1")
    draft = document.get("draft")
    if not isinstance(draft, Mapping) or draft.get("key") != key:
        raise ValueError("found no draft of that key")
    return Entry(
        Draft.from_json(draft, allowed),
        float(document.get("begun", 0)),
        int(document.get("tries", 0)),
        float(document.get("due", 0)),
    )


def _unusable(folder: Path, error: OSError) -> JournalError:
    return JournalError(
        f"{folder}: {error.strerror or type(error).__name__}; set METRIC_AI_JOURNAL"
    )
