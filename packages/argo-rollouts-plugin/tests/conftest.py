"""Plugins as real processes, services without one, and the oracle of conditions."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from go_programs import go_program

from argo_rollouts_plugin import MetricProvider
from argo_rollouts_plugin._host import ProviderHost
from argo_rollouts_plugin._service import metric_provider_service
from argo_rollouts_plugin.client import MetricProviderClient

HERE = Path(__file__).parent
SECONDS = 100


@pytest.fixture
def program() -> Callable[[str], Path]:
    """The path of a plugin in `programs`."""
    return lambda name: HERE / "programs" / f"{name}.py"


@pytest.fixture
def plugin(program: Callable[[str], Path]) -> Iterator[Callable[..., MetricProviderClient]]:
    """Starts plugins of `programs` and ends them with the test."""
    with ExitStack() as running:

        def start(name: str, *arguments: str, **options: Any) -> MetricProviderClient:
            argv = [sys.executable, str(program(name)), *arguments]
            return running.enter_context(MetricProviderClient(argv, **options))

        yield start


Call = Callable[[str, object], Awaitable[Any]]


@pytest.fixture
def serving() -> Callable[..., Call]:
    """A provider behind the seven calls, as the running loop answers them."""

    def serve(provider: MetricProvider | Callable[[], MetricProvider], threads: int = 8) -> Call:
        service = metric_provider_service(ProviderHost(provider, threads))
        return lambda name, args: service.methods[name].handler(args)

    return serve


@pytest.fixture
def recorded_conditions() -> list[dict[str, Any]]:
    lines = (HERE / "recorded" / "conditions.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def recorded_streams() -> dict[str, bytes]:
    """What Go's net/rpc and gob write for the seven calls: requests, and replies."""
    streams = json.loads((HERE / "recorded" / "argo_streams.json").read_text())
    return {name: bytes.fromhex("".join(rows)) for name, rows in streams.items()}


@pytest.fixture
def from_oracle_json() -> Callable[[Any], Any]:
    """Undoes what stands for floats that JSON cannot say."""

    def decode(value: Any) -> Any:
        if isinstance(value, dict):
            if "$float" in value:
                return float(value["$float"])
            return {key: decode(item) for key, item in value.items()}
        return [decode(item) for item in value] if isinstance(value, list) else value

    return decode


@pytest.fixture(scope="session")
def ask_oracle() -> Callable[[list[dict[str, Any]]], list[dict[str, str]]]:
    """What Argo makes of conditions: `{"phase": ...}` or `{"error": ...}` for each."""

    def ask(questions: list[dict[str, Any]]) -> list[dict[str, str]]:
        done = subprocess.run(
            [go_program("conditions")],
            input="".join(json.dumps(question) + "\n" for question in questions),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


@pytest.fixture
def argo() -> Callable[[dict[str, Any]], tuple[list[dict[str, Any]], str]]:
    """Runs a scenario under Argo's own client; gives the outcome of each step, and the log."""

    def drive(scenario: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
        done = subprocess.run(
            [go_program("argoclient")],
            input=json.dumps(scenario),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(outcomes) == len(scenario["steps"]), done.stderr
        return outcomes, done.stderr

    return drive


@pytest.fixture
def soon() -> Callable[[Awaitable[Any]], Awaitable[Any]]:
    """Waits for something with a deadline."""
    return lambda awaitable: asyncio.wait_for(awaitable, SECONDS)
