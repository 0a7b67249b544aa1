"""Each scenario of `scenarios` as a test; they are played at the same time, see `Running`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from control_plane import ControlPlane
from scenarios import IN_ORDER, AgentLoop, Report, Running, Scenario, Stage

_TABLE = Path(__file__).resolve().parents[2] / "build" / "e2e" / "scenarios.md"
# The first test waits for the control plane, and for its scenario among all the others.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def running(plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[Running]:
    """All scenarios that were chosen, under way."""
    names = {
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "running" in item.fixturenames
    }
    chosen = [one for one in IN_ORDER if one.name in names and not _left_out(one)]
    loop = AgentLoop()
    try:
        with plane.agent("judge", "--concurrency=4") as judge:
            running = Running(Stage(plane, judge, loop), chosen)
            request.config.pluginmanager.register(Report(running, _TABLE))
            try:
                yield running
            finally:
                running.close()
    finally:
        loop.close()


@pytest.mark.parametrize("name", [one.name for one in IN_ORDER])
def test_scenario(running: Running, name: str) -> None:
    if any(one.name == name and _left_out(one) for one in IN_ORDER):
        pytest.skip("needs a control plane of this machine's processes")
    running.outcome(name).check()


def _left_out(one: Scenario) -> bool:
    return one.here and os.environ.get("E2E_PROVIDER", "process") != "process"
