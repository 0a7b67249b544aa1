"""The folder that a plugin makes for its socket, and what became of those of dead plugins.

A plugin that is killed cannot take its folder away; the next one does. Whoever serves holds a lock on its
folder (flock(2)), which the kernel lets go of with the process, however that ends.
"""

# ruff: noqa: PTH102, PTH106, PTH108, PTH118 - pathlib takes 7 ms to import, and the handshake line waits for this
from __future__ import annotations

import fcntl
import os
from contextlib import suppress

SOCKET = "socket"
_PREFIX = "plugin"
_RANDOM_BYTES = 8
_TRIES = 3
_MAX_LOOKED_AT = 10_000
_MAX_SWEPT = 100


class PrivateFolder:
    """A new folder of mode 0700 that is known to be in use for as long as this process lives.

    Args:
        parent: Where to make it.

    Attributes:
        path: Its path.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, parent: str) -> None:
        for _ in range(_TRIES):
            self.path = os.path.join(parent, f"{_PREFIX}{os.urandom(_RANDOM_BYTES).hex()}")
            os.mkdir(self.path, 0o700)
            try:
                self._descriptor = _lock(self.path)
            except (BlockingIOError, FileNotFoundError):
                continue  # another plugin, which starts too, took it for a dead one's
            except OSError:
                self._descriptor = -1  # no locks on this file system, so nobody sweeps here either
            return
        raise OSError(f"other plugins keep sweeping new folders away from {parent}")

    def close(self) -> None:
        """Remove the folder with its socket. Done twice, or after somebody else did, it is silent."""
        _remove(self.path)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def sweep(parent: str) -> int:
    """Remove the folders of this user's plugins that died without doing so.

    It looks at no more than ten thousand entries and removes a hundred at most; whatever cannot be read or removed stays.

    Returns:
        How many were removed.
    """
    swept = 0
    with suppress(OSError), os.scandir(parent) as entries:
        for _, entry in zip(range(_MAX_LOOKED_AT), entries, strict=False):
            if _looks_like_ours(entry) and _remove_dead(entry.path):
                swept += 1
            if swept == _MAX_SWEPT:
                break
    return swept


def _looks_like_ours(entry: os.DirEntry[str]) -> bool:
    digits = entry.name.removeprefix(_PREFIX)
    if digits == entry.name or len(digits) != 2 * _RANDOM_BYTES or digits.strip("0123456789abcdef"):
        return False
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return entry.is_dir(follow_symlinks=False) and found.st_uid == os.geteuid()


def _remove_dead(path: str) -> bool:
    try:
        descriptor = _lock(path)
    except OSError:
        return False
    _remove(path)
    os.close(descriptor)
    return True


def _lock(path: str) -> int:
    """A descriptor that holds the folder's lock.

    Raises:
        BlockingIOError: A living process holds it.
        FileNotFoundError: The folder is gone.
        OSError: It cannot be opened, or there are no locks on this file system.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.stat(path)  # noqa: PTH116 - between opening and locking another process may have swept it
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(os.path.join(path, SOCKET))
    with suppress(OSError):
        os.rmdir(path)
