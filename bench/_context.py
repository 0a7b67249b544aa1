"""What every bench is given: what is measured, how long, and where to say how far it is."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Subject:
    """A plugin to be measured.

    Attributes:
        name: as it stands in tables.
        argv: its command line.
        cookie: environment variable and value that tell it that it is a plugin.
        metric_provider: whether it can be asked for analyses; others are only started and pinged.
    """

    name: str
    argv: tuple[str, ...]
    cookie: tuple[str, str]
    metric_provider: bool = True


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
    def go_plugin(self) -> Subject | None:
        """The example plugin that hashicorp's own go-plugin serves; None where there is no Go."""
        if self.go_folder is None:
            return None
        program = str(self.go_folder / "hostplugin")
        return Subject("Go plugin", (program,), ("GOPLUGIN_TEST", "echo"), metric_provider=False)

    def rounds(self, usual: int) -> int:
        """How many rounds: `usual`, and twice as many in the long form."""
        return 2 * usual if self.long else usual

    def progress(self, text: str) -> None:
        """Says on stderr what is going on."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def our_plugin() -> Subject:
    """`bin/metric-ai`.

    Raises:
        SystemExit: it is not built.
    """
    program = ROOT / "bin" / "metric-ai"
    if not program.is_file():
        sys.exit(f"found no {program}, expected the plugin: run make plugin, or make bench")
    cookie = ("ARGO_ROLLOUTS_RPC_PLUGIN", "metricprovider")
    return Subject("metric-ai", (str(program),), cookie)
