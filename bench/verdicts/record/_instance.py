"""One running instance, looked after as a kubelet would: restarted, probed, held to its memory.

What it notes is what really happened; `bench.verdicts` puts it into Kubernetes' form.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ._model import Launch

_STEP = 0.1
_BACK_OFF = (1.0, 2.0, 4.0, 8.0)  # a tenth of the kubelet's, as is the time recorded
_PROBE_SECONDS = 1.0
_PROBES_TO_FAIL = 3
_PROBE_TIMEOUT = 2.5  # generous: the machine that records may be busy with other things
_NODE_REASON = "Unknown"  # what the kubelet says of a container that a node took with it
_OOM = "OOMKilled"
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Instance:
    """Runs a `Launch` until `stop`; `facts` says what became of it."""

    def __init__(self, launch: Launch, folder: Path) -> None:
        self._launch = launch
        self._folder = folder
        self._node_lost = threading.Event()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._ends: list[dict[str, Any]] = []
        self._probe_failures = 0
        self._ready = False
        self._started = time.time()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Starts it and returns at once."""
        self._started = time.time()
        self._thread.start()

    def facts(self) -> dict[str, Any]:
        """The state of now, times in seconds since the epoch."""
        process = self._process
        running = process is not None and process.poll() is None
        return {
            "startedAt": self._started,
            "running": running,
            "ready": running and self._ready,
            "ends": list(self._ends),
            "probeFailures": self._probe_failures,
        }

    def logs(self) -> tuple[bytes, bytes]:
        """The log of the current instance and that of the one before it."""
        number = len(self._ends)
        running = self._process is not None and self._process.poll() is None
        current = number if running else number - 1
        return self._log_of(max(0, current)), self._log_of(current - 1)

    def lose_node(self) -> None:
        """Has its node take it down; it is started again elsewhere, as if nothing had been wrong with it."""
        self._node_lost.set()

    def stop(self) -> None:
        """Ends it and all that it started."""
        self._stopping.set()
        self._end(signal.SIGKILL)
        self._thread.join(10)

    def _log_of(self, number: int) -> bytes:
        path = self._folder / f"instance-{number}.log"
        return path.read_bytes() if number >= 0 and path.exists() else b""

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with (self._folder / f"instance-{len(self._ends)}.log").open("ab") as log:
                reason = self._run_once(log.fileno())
            self._end(signal.SIGKILL)  # all of it: its children, too
            if self._process is None or self._stopping.is_set():
                return
            code = self._process.wait()
            self._ends.append(_end_of(code, reason))
            self._ready = False
            back_off = 0.2 if reason == _NODE_REASON else _BACK_OFF[min(len(self._ends), 4) - 1]
            self._stopping.wait(back_off)

    def _run_once(self, log: int) -> str:
        """Runs it to its end; returns the reason that the kubelet would give where it was not its own."""
        launch = self._launch
        limits = ["prlimit", f"--nofile={launch.open_files}"] if launch.open_files else []
        self._process = process = subprocess.Popen(
            [*limits, *launch.argv],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **launch.env},
            start_new_session=True,
            user=launch.user or None,
            group=launch.user or None,
            extra_groups=[] if launch.user else None,
        )
        began, probed, failures, was_ready = time.monotonic(), 0.0, 0, False
        while process.poll() is None and not self._stopping.wait(_STEP):
            age = time.monotonic() - began
            if reason := self._due_end(age):
                return reason
            if age - probed >= _PROBE_SECONDS:
                probed = age
                was_ready, self._ready = was_ready or self._ready, self._probe()
                failures = 0 if self._ready else failures + 1
                if failures and launch.live_path and was_ready:
                    self._probe_failures += 1
                    if failures >= _PROBES_TO_FAIL:
                        return "Error"
        return ""

    def _due_end(self, age: float) -> str:
        """The reason why somebody else ends it now; empty while nobody does."""
        launch = self._launch
        if self._node_lost.is_set():
            self._node_lost.clear()
            return _NODE_REASON
        if launch.kill_at and age >= launch.kill_at:
            return "Error"
        process = self._process
        if launch.memory_limit and process and _resident(process.pid) > launch.memory_limit:
            return _OOM
        return ""

    def _probe(self) -> bool:
        launch = self._launch
        if launch.live_path:
            port, _, path = launch.live_path.partition("/")
            return _answers(int(port), "/" + path)
        return launch.ready() if launch.ready else True

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)


def _end_of(code: int, reason: str) -> dict[str, Any]:
    exit_code = 128 - code if code < 0 else code
    usual = "Completed" if exit_code == 0 else "Error"
    return {
        "at": time.time(),
        "exitCode": 255 if reason == _NODE_REASON else exit_code,
        "reason": reason or usual,
    }


def _resident(session: int) -> int:
    """Bytes of resident memory of all processes of a session."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int(fields[21]) * _PAGE
    return total


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PROBE_TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
