"""What every bench is given: what is measured, how long, and where to say how far it is."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


COOKIE = {"ARGO_ROLLOUTS_RPC_PLUGIN": "metricprovider"}
"""What tells a program that it is a metric provider's plugin."""


@dataclass(frozen=True)
class Subject:
    """A plugin to be measured: how tables call it, and its command line."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """One run of the benches.

    Attributes:
        subject: our plugin.
        go_folder: where the Go programs of tests/conformance are built; None where there is no Go.
        long: the long form, which takes several times as long.
    """

    subject: Subject
    go_folder: Path | None
    long: bool

    @property
    def twin(self) -> Subject | None:
        """The plugin of the same work in Go, served by hashicorp's go-plugin; None where there is no Go."""
        if self.go_folder is None:
            return None
        return Subject("Go twin", (str(self.go_folder / "gotwin"),))

    def rounds(self, usual: int) -> int:
        """How many rounds: `usual`, and twice as many in the long form."""
        return 2 * usual if self.long else usual

    def progress(self, text: str) -> None:
        """Says on stderr what is going on."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def our_plugin(program: Path) -> Subject:
    """The plugin's executable, `bin/metric-ai` by default.

    Raises:
        SystemExit: it is not there.
    """
    if not program.is_file():
        sys.exit(f"found no {program}, expected the plugin: run make plugin, or make bench")
    return Subject("metric-ai", (str(program.resolve()),))
