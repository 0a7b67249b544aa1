"""Each scenario of `scenarios` as a test; they are played at the same time, see `Running`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from control_plane import ControlPlane
from scenarios import SCENARIOS, AgentLoop, Report, Running, Stage

_TABLE = Path(__file__).resolve().parents[2] / "build" / "e2e" / "scenarios.md"
# The first test waits for the control plane, and for its scenario among all the others.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def running(plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[Running]:
    """All scenarios that were chosen, under way."""
    names = [
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "running" in item.fixturenames
    ]
    loop = AgentLoop()
    try:
        with plane.agent("judge") as judge:
            running = Running(Stage(plane, judge, loop), [SCENARIOS[str(name)] for name in names])
            request.config.pluginmanager.register(Report(running, _TABLE))
            try:
                yield running
            finally:
                running.close()
    finally:
        loop.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(running: Running, name: str) -> None:
    running.outcome(name).check()
