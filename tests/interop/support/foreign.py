"""The agents of other people that the plugin is tried with, and what each is known to do.

Each runs in an environment of its own, `build/interop/<environment>`, made by scripts/interop. What it
is known to do was found by these tests; an agent that comes to do better fails them, too, so that the
table in docs/interop.md stays true.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENTS = ROOT / "build" / "interop"
SERVERS = ROOT / "tests" / "interop" / "servers"


@dataclass(frozen=True)
class ForeignAgent:
    """One agent.

    Attributes:
        package: whose name and version the table shows.
        environment: its folder in build/interop, and its lock.
        program: the server's file and arguments, to be run by the environment's own interpreter.
        speaks: protocol version and transport.
        variant: how it differs from others of the package; may be empty.
        task_at_once: whether it honours returnImmediately; otherwise it answers when all is done.
        lists: whether a task whose id was lost can be found again.
        cancels: whether CancelTask ends a task.
        chooses: whether our code there decides what a part is; else the framework does.
        shortfalls: tests that the plugin fails with this agent, and why.
    """

    package: str
    environment: str
    program: tuple[str, ...]
    speaks: tuple[str, str]
    variant: str = ""
    task_at_once: bool = True
    lists: bool = False
    cancels: bool = True
    chooses: bool = False
    shortfalls: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"{self.package}, {self.variant}" if self.variant else self.package

    @property
    def key(self) -> str:
        """A name for test ids, of its own for each agent."""
        words = (self.environment, *self.variant.split(), *self.speaks)
        return re.sub(r"[^a-z0-9.]+", "-", "-".join(words).lower())

    def missing(self) -> str:
        """Why it cannot be tried here; empty where it can."""
        folder = ENVIRONMENTS / self.environment
        if (folder / ".ready").exists():
            return ""
        reason = folder.with_name(f"{self.environment}.left-out")
        return (
            reason.read_text().strip() if reason.exists() else "not installed: run scripts/interop"
        )

    def command(self) -> list[str]:
        """How to start it."""
        folder = ENVIRONMENTS / self.environment
        file, *arguments = self.program
        if file.endswith(".mjs"):
            return ["node", str(folder / file), *arguments]
        if file.endswith(".py"):
            return [str(folder / "bin" / "python"), str(SERVERS / "python" / file), *arguments]
        return [str(folder / file), *arguments]

    def version(self) -> str:
        """The package's version, as installed."""
        folder = ENVIRONMENTS / self.environment
        if self.package.startswith("@"):
            manifest = folder / "node_modules" / self.package / "package.json"
            return str(json.loads(manifest.read_text())["version"])
        if "/" in self.package:
            text = (SERVERS / "go" / "go.mod").read_text()
            return str(re.findall(rf"{re.escape(self.package)} v(\S+)", text)[0])
        stem = self.package.replace("-", "_")
        found = next(folder.glob(f"lib/python*/site-packages/{stem}-*.dist-info"))
        return found.name.removeprefix(f"{stem}-").removesuffix(".dist-info")


_RPC, _REST = "JSONRPC", "HTTP+JSON"

_PYTHON = ForeignAgent(
    "a2a-sdk", "a2a-sdk-1", ("a2a_sdk_1.py", _RPC, "1.0"), ("1.0", _RPC), lists=True, chooses=True
)
_PYTHON_03 = ForeignAgent(
    "a2a-sdk", "a2a-sdk-03", ("a2a_sdk_03.py", _RPC), ("0.3", _RPC), chooses=True
)
_JAVASCRIPT = ForeignAgent(
    "@a2a-js/sdk", "a2a-js", ("server.mjs", _RPC, "1.0"), ("1.0", _RPC), lists=True, chooses=True
)
_GO = ForeignAgent(
    "github.com/a2aproject/a2a-go", "a2a-go", ("server",), ("0.3", _RPC), chooses=True
)
_STRANDS = ForeignAgent("strands-agents", "strands", ("strands_agent.py",), ("0.3", _RPC))
_FASTA2A = ForeignAgent(
    "fasta2a", "fasta2a", ("fasta2a_agent.py",), ("1.0", _RPC), "pydantic-ai", cancels=False
)


def _speaking(agent: ForeignAgent, version: str, transport: str) -> ForeignAgent:
    """The same server in another version and over another transport; 0.3 has no ListTasks."""
    file = agent.program[0]
    return replace(
        agent,
        program=(file, transport, version),
        speaks=(version, transport),
        lists=agent.lists and version == "1.0",
    )


def _messages(agent: ForeignAgent) -> ForeignAgent:
    """The same server, whose agent answers with a message and never makes a task."""
    return replace(
        agent,
        program=(*agent.program, "MESSAGE"),
        variant="bare messages",
        task_at_once=False,
        lists=False,
        chooses=False,
    )


AGENTS = (
    ForeignAgent("google-adk", "google-adk", ("google_adk.py",), ("1.0", _RPC), lists=True),
    ForeignAgent("kagent-adk", "kagent", ("kagent_adk.py",), ("0.3", _RPC), cancels=False),
    _FASTA2A,
    replace(
        _FASTA2A,
        program=("fasta2a_agent.py", "structured"),
        variant="pydantic-ai, structured output",
    ),
    _STRANDS,
    replace(
        _STRANDS,
        program=("strands_agent.py", "compliant"),
        variant="compliant streaming",
    ),
    ForeignAgent(
        "langgraph-api",
        "langgraph",
        ("langgraph_server.py",),
        ("1.0", _RPC),
        task_at_once=False,
        lists=True,
    ),
    _PYTHON,
    _speaking(_PYTHON, "1.0", _REST),
    _speaking(_PYTHON, "0.3", _RPC),
    _speaking(_PYTHON, "0.3", _REST),
    _messages(_PYTHON),
    _PYTHON_03,
    replace(_PYTHON_03, program=("a2a_sdk_03.py", _REST), speaks=("0.3", _REST)),
    _messages(_PYTHON_03),
    _JAVASCRIPT,
    _speaking(_JAVASCRIPT, "1.0", _REST),
    _speaking(_JAVASCRIPT, "0.3", _RPC),
    _speaking(_JAVASCRIPT, "0.3", _REST),
    _messages(_JAVASCRIPT),
    _GO,
    _messages(_GO),
)
