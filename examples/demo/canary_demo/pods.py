"""A shop in a pod of its own: started, and started again when it dies, as a kubelet would."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import DemoError
from .processes import ChildProcess

__all__ = ["CONTAINER", "SHOP_FOLDER", "Instance", "Pod"]

CONTAINER = "shop"
SHOP_FOLDER = Path(__file__).resolve().parents[2] / "shop"

_START_SECONDS = 20.0
_LISTENING = r"listening on (http://\S+)"
# kubelet: the first restart is at once, the next after 10 s, doubled each time up to 5 minutes.
_FIRST_BACK_OFF = 10.0
_LONGEST_BACK_OFF = 300.0


@dataclass(slots=True)
class Instance:
    """One life of the container; times are seconds since the epoch, UTC."""

    process: ChildProcess
    listening_at: float | None = None
    finished_at: float | None = None
    exit_code: int | None = None

    @property
    def log(self) -> Path:
        """The file with what this instance wrote."""
        return self.process.log

    @property
    def started_at(self) -> float:
        """When it was started."""
        return self.process.started_at


class Pod:
    """One pod with one container, the shop in one version.

    Args:
        version: of the shop.
        name: the pod's name.
        folder: for the logs of its instances.
        seed: of the shop.
    """

    def __init__(self, version: str, name: str, folder: Path, seed: int) -> None:
        self.version = version
        self.name = name
        self._folder = folder
        self._seed = seed
        self._port = 0
        self._restart_at = 0.0
        self._stopping = False
        self.created_at = time.time()
        self.instances: list[Instance] = []
        folder.mkdir(parents=True)
        self._start()

    @property
    def running(self) -> bool:
        """Whether the last instance has not ended, as far as `look` has seen."""
        return self.instances[-1].finished_at is None

    @property
    def restarts(self) -> int:
        """How often the container was started again."""
        return len(self.instances) - 1

    @property
    def back_off(self) -> float:
        """Seconds to wait before the next start, after the restarts so far; 0 for the first."""
        if self.restarts == 0:
            return 0.0
        return min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * 2.0 ** (self.restarts - 1))

    def wait_until_listening(self) -> str:
        """The address of the first instance; its port stays that of all later ones.

        Raises:
            DemoError: it did not come up.
        """
        url = self.instances[0].process.wait_for_line(_LISTENING, _START_SECONDS)[1]
        self._port = urlsplit(url).port or 0
        return url

    def look(self) -> None:
        """Notices an end, and starts the container again when its time has come."""
        last = self.instances[-1]
        if last.listening_at is None and last.process.has_said(_LISTENING):
            last.listening_at = time.time()
        if last.finished_at is None and (code := last.process.exit_code) is not None:
            last.finished_at, last.exit_code = time.time(), code
            self._restart_at = last.finished_at + self.back_off
        if last.finished_at is not None and not self._stopping and time.time() >= self._restart_at:
            self._start()

    def ask_to_end(self) -> None:
        """SIGTERM to a running container, without waiting; it is not started again."""
        self._stopping = True
        self.instances[-1].process.ask_to_end()

    def stop(self) -> None:
        """Ends the container for good."""
        self._stopping = True
        self.instances[-1].process.stop()

    def _start(self) -> None:
        if self.instances and not self._port:
            raise DemoError(f"pod {self.name} crashed before it ever listened")
        log = self._folder / f"{CONTAINER}-{len(self.instances)}.log"
        arguments = ["--version", self.version, "--port", str(self._port)]
        process = ChildProcess(
            f"shop {self.version}",
            [sys.executable, "-m", "shop", *arguments, "--seed", str(self._seed)],
            log,
            folder=SHOP_FOLDER,
            without="SHOP_",
        )
        self.instances.append(Instance(process))
