"""Agents to ask: one in this process, and real ones that can be killed."""

import asyncio
import contextlib
import functools
import importlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from canary_agent.server import AppSettings, Waiting, build_app
from canary_agent.store import AnalysisEngine, EngineSettings

DOUBLES = Path(__file__).parent / "doubles"
DEADLINE = 30.0
TOKEN = "correct-horse-battery-staple"
V1 = {"A2A-Version": "1.0"}

_numbers = itertools.count()


def question(words: str = "", **fields: object) -> dict[str, Any]:
    """A canary request; `words` say what the analysis does."""
    return {
        "schemaVersion": "1",
        "run": {
            "uid": f"run-{os.getpid()}-{next(_numbers)}",
            "name": "shop-1",
            "namespace": "shop",
            "metric": "ai",
        },
        "rollout": {"name": "shop"},
        "stable": {"selector": "role=stable"},
        "canary": {"selector": "role=canary", "podTemplateHash": "abc"},
        "deadline": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
        "leaseSeconds": 180,
        "extraPrompt": words,
        **fields,
    }


@dataclass
class Gates:
    """The folder by which analyses are watched and let go."""

    folder: Path

    def open(self, asked: dict[str, Any]) -> None:
        (self.folder / f"{asked['run']['uid']}.open").touch()

    def starts(self, asked: dict[str, Any]) -> list[int]:
        path = self.folder / f"{asked['run']['uid']}.starts"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


@dataclass
class Talk:
    """A JSON-RPC conversation in A2A 1.0, by hand."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The whole JSON-RPC answer."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = await self.http.post("/", json=body, headers={**V1, **self.headers})
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def ask(self, asked: dict[str, Any], **message: object) -> dict[str, Any]:
        """Sends a request without waiting for its end; returns the task."""
        fields = {
            "messageId": str(uuid.uuid4()),
            "role": "ROLE_USER",
            "parts": [{"text": f"Judge this.\n```json\n{json.dumps(asked)}\n```\n"}],
            **message,
        }
        params = {"message": fields, "configuration": {"returnImmediately": True}}
        answer = await self.call("SendMessage", params)
        task: dict[str, Any] = answer["result"]["task"]
        return task

    async def get(self, task_id: str) -> dict[str, Any]:
        answer = await self.call("GetTask", {"id": task_id})
        task: dict[str, Any] = answer["result"]
        return task

    async def reach(self, task_id: str, *states: str) -> dict[str, Any]:
        """The task, once it is in one of the states; without states: once it is final."""
        wanted = [f"TASK_STATE_{state}" for state in states or ("COMPLETED", "FAILED", "CANCELED")]
        give_up = time.monotonic() + DEADLINE
        while (task := await self.get(task_id))["status"]["state"] not in wanted:
            assert time.monotonic() < give_up, f"{task} is not {wanted}"
            await asyncio.sleep(0.02)
        return task


async def until(holds: Callable[[], object], what: str = "") -> None:
    """Waits for something to become true."""
    give_up = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < give_up, f"not within {DEADLINE} s: {what}"
        await asyncio.sleep(0.01)


@pytest.fixture(name="question")
def question_fixture() -> Callable[..., dict[str, Any]]:
    return question


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Any]:
    return until


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Gates:
    return Gates(tmp_path_factory.mktemp("gates"))


# An agent in this process.


@pytest.fixture(scope="module")
def engine(gates: Gates) -> Iterator[AnalysisEngine]:
    sys.path.insert(0, str(DOUBLES))
    analyse = importlib.import_module("gated_analysis").analyse
    settings = EngineSettings(state=str(gates.folder / "state.sqlite"), preload=("gated_analysis",))
    engine = AnalysisEngine(settings, functools.partial(analyse, gates.folder)).launch()
    yield engine
    engine.drain(0)
    engine.close()
    sys.path.remove(str(DOUBLES))


@pytest.fixture
def waiting(engine: AnalysisEngine) -> Waiting:
    return Waiting(engine)


@pytest.fixture
def app(engine: AnalysisEngine, waiting: Waiting) -> ASGIApp:
    return build_app(engine, waiting, AppSettings(longest_wait=0.3))


@pytest.fixture
async def http(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://agent.test:8080") as client:
        yield client


@pytest.fixture
def talk(http: httpx.AsyncClient) -> Talk:
    return Talk(http)


# Agents in processes of their own.


@dataclass
class Agent:
    """A real agent; it can be killed and started again over the same state."""

    folder: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    url: str = ""

    @property
    def gates(self) -> Gates:
        return Gates(self.folder)

    def start(self) -> None:
        (self.folder / "logs").mkdir(exist_ok=True)
        command = [
            *(sys.executable, DOUBLES / "agent_under_test.py", self.folder),
            *("serve", "--logs", self.folder / "logs", "--state", self.folder / "state.sqlite"),
            *("--port", "0", "--log-format", "text", *self.arguments),
        ]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                list(map(str, command)),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self.environment},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"canary-agent listening on (http://\S+)\n", line)
        assert found, f"{line!r}; {self.log()}"
        self.url = found[1]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._wait()

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        code = self.process.wait(DEADLINE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    @contextlib.asynccontextmanager
    async def talk(self) -> AsyncIterator[Talk]:
        async with httpx.AsyncClient(base_url=self.url, timeout=DEADLINE) as client:
            yield Talk(client)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """An agent of the test's own; not started yet."""
    agent = Agent(tmp_path)
    yield agent
    if agent.process is not None and agent.process.poll() is None:
        agent.kill()


@pytest.fixture(scope="module")
def shared_agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One agent with a token for all tests of a module."""
    agent = Agent(
        tmp_path_factory.mktemp("agent"),
        ("--max-request", "1"),
        {"CANARY_AGENT_TOKEN": TOKEN},
    )
    agent.start()
    yield agent
    agent.kill()


@pytest.fixture
def bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}
