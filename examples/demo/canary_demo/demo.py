"""The demo from start to end."""

import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .agent import start_agent, wait_until_ready
from .cluster import Cluster
from .console import Console, neutral
from .controller import Analysis, Plugin, analysis_run, measure_all
from .errors import DemoError
from .plugin import check_type, started_plugin
from .report import DEAD_AGENT, Row, evidence_lines, exit_code, table

__all__ = ["CANARIES", "Options", "run_demo"]

CANARIES = ("healthy", "error-burst", "crash-loop", "slow", "quiet-errors", "injection")
"""The versions that are brought out beside stable."""

_ANALYSIS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """What to run, and for how long.

    Attributes:
        plugin: the file that the controller would start.
        agent: the `canary-agent` program.
        canaries: which of `CANARIES` to bring out.
        seconds: how long customers come.
        rate: requests a second to all shops together.
        seed: decides what customers do and which requests fail.
        keep: an empty or missing folder for all logs, which then stays; None takes one that goes.
        dead_agent: whether to ask an agent that is not there, too.
    """

    plugin: Path
    agent: Path
    canaries: Sequence[str] = CANARIES
    seconds: float = 6.0
    rate: float = 200.0
    canary_weight: float = 20.0
    seed: int = 1
    keep: Path | None = None
    dead_agent: bool = True


def run_demo(options: Options, console: Console) -> int:
    """Runs everything and prints the table.

    Returns:
        0 when every verdict is the expected one, 1 otherwise.

    Raises:
        DemoError: a part did not come up or did not do its work.
    """
    for name, program in (("plugin", options.plugin), ("agent", options.agent)):
        if not program.is_file():
            raise DemoError(f"the {name}'s program {program} is not there; `make {name}` makes it")
    with _folder(options.keep) as work, ExitStack() as stack:
        stack.callback(console.status, "")
        rows = _judge(options, work, console, stack)
        return exit_code(rows)


def _judge(options: Options, work: Path, console: Console, stack: ExitStack) -> list[Row]:
    logs = work / "logs"
    logs.mkdir()
    console.step(f"starting a stable shop and {len(options.canaries)} canaries beside it")
    cluster = Cluster(options.canaries, work / "processes", options.seed, stack)
    agent = stack.enter_context(start_agent(options.agent, logs, work))
    cluster.wait_until_listening()
    _send_traffic(cluster, options, console)
    cluster.write(logs)
    cluster.stop()
    console.status("waiting for the agent")
    agent_url = wait_until_ready(agent)
    console.step(f"the agent answers at {agent_url}")
    console.status("waiting for the plugin")
    plugin = stack.enter_context(started_plugin(options.plugin))
    analyses = _analyses(options, agent_url)
    kind = check_type(plugin, analysis_run(analyses[0], datetime.now(UTC)).spec.metrics[0])
    console.step(f"the plugin answers as {kind}, pid {plugin.host.pid}")
    rows = _ask(analyses, plugin, console)
    agent.ask_to_end()
    _report(rows, options, work, console)
    return rows


def _send_traffic(cluster: Cluster, options: Options, console: Console) -> None:
    console.step(
        f"customers for {options.seconds:g} s, {options.rate:g} requests a second;"
        f" canary to stable {options.canary_weight:g} to {100 - options.canary_weight:g}"
    )

    def progress(seconds: float) -> None:
        console.status(f"customers: {min(seconds, options.seconds):.0f} of {options.seconds:g} s")

    tallies = cluster.send_traffic(options.rate, options.seconds, options.canary_weight, progress)
    names = ["stable", *options.canaries]
    for name, tally in zip(names, tallies.splitlines(), strict=True):
        console.line(f"           {name:<13} {neutral(tally.partition(' ')[2])}")


def _analyses(options: Options, agent_url: str) -> list[Analysis]:
    analyses = [Analysis(canary, canary, agent_url) for canary in options.canaries]
    if options.dead_agent:
        analyses.append(Analysis(DEAD_AGENT, "healthy", f"http://127.0.0.1:{_closed_port()}"))
    return analyses


def _ask(analyses: Sequence[Analysis], plugin: Plugin, console: Console) -> list[Row]:
    console.step(f"{len(analyses)} AnalysisRuns at once, as the controller would")
    stop = threading.Event()
    rows = measure_all(plugin, analyses, stop, _ANALYSIS_SECONDS)
    try:
        _follow(rows, console)
    finally:
        stop.set()
    return [rows[analysis.row].result() for analysis in analyses]


def _follow(rows: dict[str, Future[Row]], console: Console) -> None:
    """Says what ends, as it ends; the analyses themselves have a deadline."""
    open_rows = dict(rows)
    while open_rows:
        console.status(f"{len(open_rows)} to come: {', '.join(open_rows)}")
        done, _ = wait(open_rows.values(), timeout=0.2, return_when=FIRST_COMPLETED)
        for name in [name for name, future in open_rows.items() if future in done]:
            row = open_rows.pop(name).result()
            if not console.live:
                console.step(f"{name}: {row.phase}")
    console.status("")


def _report(rows: Sequence[Row], options: Options, work: Path, console: Console) -> None:
    console.line()
    for line in table(rows, console):
        console.line(line)
    console.line()
    for row in rows:
        if not row.as_expected:
            console.line(f"{row.canary}: {neutral(row.root_cause or row.phase)}")
    shown = next((row for row in rows if row.evidence and row.phase == "Failed"), None)
    if shown:
        console.line(f"Why {shown.canary} was rolled back, by its strongest evidence:")
        for line in evidence_lines(shown, console):
            console.line(line)
        console.line()
    if options.keep:
        console.line(f"The logs of all pods, as the agent read them: {work}/logs")
        console.line(f"The agent's own log: {work}/agent.log")
    else:
        console.line("All logs are gone again; `make demo DEMO_KEEP=FOLDER` leaves them in FOLDER.")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="metric-ai-demo-") as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise DemoError(f"--keep {keep} is not empty; name a folder that is empty or new")
    yield keep.resolve()


def _closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
