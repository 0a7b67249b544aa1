"""Plugins as real processes, services without one, and Argo's own client."""

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
