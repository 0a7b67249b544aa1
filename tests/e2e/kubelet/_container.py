"""One container of a pod: a process that is started, and started again when it ends."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from processes import Watchdog, kill_group

from ._events import now
from ._log_file import LogWriter

__all__ = ["BackOff", "Container", "Instance", "Start"]

_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.25
_SHELL_SIGNAL = 128


@dataclass(frozen=True, slots=True)
class Start:
    """What to run."""

    argv: list[str]
    folder: Path
    environment: dict[str, str]
    memory: int | None = None


@dataclass(slots=True)
class Instance:
    """One life of a container; times as core/v1 writes them."""

    number: int
    log: Path
    started_at: str
    finished_at: str = ""
    exit_code: int = 0
    reason: str = ""
    message: str = ""


@dataclass(slots=True)
class BackOff:
    """How long to wait before the next start, in seconds.

    The kubelet's own are 10 and 300, forgotten after 600 s without an end.
    """

    first: float
    longest: float
    waits: float = field(default=0.0, init=False)

    def next(self) -> float:
        """0 after the first end; then `first`, and twice as long each time."""
        wait, self.waits = self.waits, min(self.longest, max(self.first, self.waits * 2))
        return wait


class Container:
    """A container's instances, one after the other.

    Attributes:
        name: the container's.
        instances: the last two; the kubelet keeps no more, nor do logs.
        waiting: reason and message while nothing runs and something shall; else None.
        ready: whether a running one is said to be ready.
        restarts: how often it was started again.
    """

    def __init__(self, name: str, folder: Path, watchdog: Watchdog) -> None:
        self.name = name
        self.instances: list[Instance] = []
        self.waiting: tuple[str, str] | None = ("ContainerCreating", "")
        self.ready = False
        self.restarts = 0
        self.probe_killed = ""
        self._folder = folder
        self._watchdog = watchdog
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._process is not None

    async def run(self, start: Start, started: Callable[[], Awaitable[None]]) -> Instance:
        """Runs one instance to its end.

        Args:
            started: called once the process runs.

        Raises:
            OSError: the program cannot be started.
        """
        instance = Instance(self.restarts, self._folder / f"{self.restarts}.log", now())
        log = LogWriter(instance.log)
        try:
            self._process = await self._start(start)
            self._watchdog.add(self._process.pid)
            self._keep(instance)
            self.waiting = None
            await started()
            await self._until_its_end(self._process, start, instance, log)
        finally:
            if self._process is not None:
                await self._reap(self._process)
            log.close()
        return instance

    async def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL to all that is left of it after `grace` seconds."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
        kill_group(process.pid, reaped=process.returncode is not None)

    async def _start(self, start: Start) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *start.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=start.folder,
            env=start.environment,
            start_new_session=True,
        )

    async def _until_its_end(
        self, process: asyncio.subprocess.Process, start: Start, instance: Instance, log: LogWriter
    ) -> None:
        guard = asyncio.create_task(_limit_memory(process.pid, start.memory, instance))
        reader = asyncio.create_task(_copy(process, log))
        try:
            code = await process.wait()
            # What it has left behind would hold the pipe open: a container ends with its first process.
            kill_group(process.pid, reaped=True)
            await reader
        finally:
            guard.cancel()
            reader.cancel()
        instance.exit_code = _SHELL_SIGNAL - code if code < 0 else code
        instance.finished_at = now()
        if not instance.reason:
            instance.reason = "Error" if instance.exit_code else "Completed"

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        kill_group(process.pid, reaped=process.returncode is not None)
        await process.wait()
        self._watchdog.discard(process.pid)
        self._process = None
        self.ready = False

    def _keep(self, instance: Instance) -> None:
        self.instances.append(instance)
        for old in self.instances[:-2]:
            old.log.unlink(missing_ok=True)
        del self.instances[:-2]


async def _copy(process: asyncio.subprocess.Process, log: LogWriter) -> None:
    assert process.stdout
    while data := await process.stdout.read(_CHUNK):
        log.write(data)


def _resident_pages(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


async def _limit_memory(pid: int, limit: int | None, instance: Instance) -> None:
    """Kills a process that has grown over its limit, as the kernel does by the pod's cgroup."""
    page = os.sysconf("SC_PAGE_SIZE")
    while limit is not None:
        try:
            resident = _resident_pages(pid) * page
        except (OSError, IndexError):
            return
        if resident > limit:
            instance.reason = "OOMKilled"
            kill_group(pid, reaped=False)
            return
        await asyncio.sleep(_LOOK_SECONDS)
