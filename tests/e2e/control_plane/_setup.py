"""What every part of one control plane is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import Child, Watchdog

from ._programs import Programs

__all__ = ["Setup"]


@dataclass(frozen=True, slots=True)
class Setup:
    """One control plane's programs, folder and watchdog.

    Attributes:
        host: the address of this machine that the plugin can reach, for agents.
    """

    programs: Programs
    folder: Path
    watchdog: Watchdog
    host: str = "127.0.0.1"

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """Starts a program that logs to `<name>.log`; see `Child`."""
        log = self.folder / f"{name}.log"
        return Child(name, argv, log, self.watchdog, folder=folder, environment=environment)

    def write_secret(self, name: str, text: str) -> Path:
        """Writes a file that its owner alone can read."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        return path
