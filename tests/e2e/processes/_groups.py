"""Process groups by number: a group's number is the id of the process that began it."""

import os
import signal
from contextlib import suppress
from pathlib import Path

__all__ = ["kill_group", "members_of"]


def kill_group(group: int, *, reaped: bool) -> None:
    """SIGKILL to all of a group; nothing where it is empty.

    Args:
        reaped: whether we have collected the exit code of the process that began the group. Its id
            stays taken while the group has members, and may be anybody's once it has none: a
            process of that id that is not ours any more means that the group is somebody else's.
    """
    if reaped and Path(f"/proc/{group}").exists():
        return
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def members_of(group: int) -> list[int]:
    """Ids of the group's processes that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name) state ppid pgrp: the name may hold blanks and brackets.
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found
