"""What processes use, as the kernel counts it."""

import os
from dataclasses import dataclass
from pathlib import Path

from processes import members_of

__all__ = ["Usage", "group_of", "usage"]

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one process.

    Attributes:
        resident: MB in memory now.
        most: the most there ever were.
        processor: seconds, with those of children that have ended.
    """

    resident: float
    most: float
    processor: float


def usage(pid: int) -> Usage:
    """What a process has used so far.

    Raises:
        OSError: it has ended.
    """
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    # The command's name is in parentheses and may hold anything; times are fields 14 to 17.
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return Usage(
        resident=_kib(fields["VmRSS"]) / 1024,
        most=_kib(fields["VmHWM"]) / 1024,
        processor=sum(map(int, times)) / _TICKS,
    )


def group_of(argument: str) -> list[int]:
    """Processes of the group that a program with this argument leads; none where there is none."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = (folder / "cmdline").read_text(errors="replace").split("\0")
        except OSError:
            continue  # it has ended meanwhile
        pid = int(folder.name)
        if argument in argv and os.getpgid(pid) == pid:
            return members_of(pid)
    return []


def _kib(text: str) -> int:
    return int(text.split(maxsplit=1)[0])
