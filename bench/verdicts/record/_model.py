"""What a recording is made of: programs, scenarios, levels of traffic, and how one instance is started."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

STABLE = "stable"
"""The scenario that stable's pods play."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one version does.

    Attributes:
        name: unique within its program, such as `dependency-down`.
        fault: the kind of fault injected, from `bench.verdicts._faults`; empty for a healthy version.
        sign: a regular expression that finds the fault's own lines in the log; empty for a fault that
            writes none (something is slower, or no longer happens).
        restarted_by_node: the node ends the instance half-way, and it starts again.
    """

    name: str
    fault: str = ""
    sign: str = ""
    restarted_by_node: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """How much traffic a canary gets: `pods` instances, each with `rate` requests a second."""

    name: str
    pods: int
    rate: float


# Beside stable's four pods of 50 a second: 20 % (50 % beside one of them), 20 %, 5 % and 1 %.
STABLE_LEVEL = Level("stable", 4, 50.0)
LEVELS = (
    Level("full", 1, 50.0),
    Level("twins", 2, 25.0),
    Level("fifth", 1, 10.0),
    Level("trickle", 1, 2.0),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one instance lives: a folder of its own, ports of its own, and the shared dependency."""

    folder: Path
    port: int
    other_port: int
    backend: str
    """Address of the dependency's stand-in, without a mode; see `_backend`."""
    tls_backend: str
    """The same over TLS, with a certificate that has expired."""
    ca_file: Path
    full_disk: Path
    """A small disk without a free byte."""
    tools: Path


@dataclass(frozen=True, slots=True)
class Launch:
    """How an instance is started and watched.

    Attributes:
        argv: the command; its stdout and stderr are the log.
        env: added to a small environment of PATH and HOME.
        user: the uid that runs it; 0 is the recorder's own.
        memory_limit: bytes of resident memory above which it is killed, as a container is; 0 for none.
        open_files: the limit of open files; 0 for the usual one.
        kill_at: seconds after the start at which it is killed from outside; 0 for never.
        live_path: an HTTP path that must answer in time, or the instance is started anew.
        ready: whether it can be given traffic; tried until it is.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    user: int = 0
    memory_limit: int = 0
    open_files: int = 0
    kill_at: float = 0.0
    live_path: str = ""
    ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class Tally:
    """What traffic came to."""

    sent: int = 0
    failed: int = 0


class Program(Protocol):
    """One program that is recorded: a module of `programs` makes one."""

    @property
    def name(self) -> str:
        """Its name, and that of its folder of recordings."""

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """Stable's and all others."""

    @property
    def rest(self) -> float:
        """Seconds between the start of the instances and the first request."""

    def prepare(self, tools: Path) -> None:
        """Builds or installs what it needs into `tools`, once."""

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """Writes the instance's files into its folder and says how to start it."""

    def drive(self, place: Place, scenario: Scenario, traffic: "Traffic") -> Tally:
        """Sends traffic until `traffic` ends."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How often, how long and by which chance."""

    rate: float
    seconds: float
    chance: random.Random
