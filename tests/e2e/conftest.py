"""One control plane for all tests of a run, a namespace and an agent for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from control_plane import (
    Agent,
    ControlPlane,
    Programs,
    ProgramsMissingError,
    built_programs,
    running_control_plane,
    running_kind,
    shop_images,
)
from kube import Namespace
from running import plugin_file

# The first test of a run waits for the control plane too.
_SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "plane" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.e2e)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(_SECONDS))


@pytest.fixture(scope="session")
def plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """The control plane; its folder is kept, and named, where a test failed."""
    try:
        programs = built_programs()
    except ProgramsMissingError as error:
        pytest.fail(str(error))
    # Not pytest's own folder: sockets lie in this one, and their paths have 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="metric-ai-e2e-"))
    with _provider(folder, programs) as running:
        yield running
    if request.session.testsfailed:
        print(f"\nlogs of the control plane: {folder}")
    else:
        shutil.rmtree(folder)


def _provider(folder: Path, programs: Programs) -> AbstractContextManager[ControlPlane]:
    match os.environ.get("E2E_PROVIDER", "process"):
        case "process":
            return running_control_plane(folder, programs, plugin_file(), shop_images())
        case "kind":
            return running_kind(folder, programs, plugin_file())
        case other:
            pytest.fail(f"E2E_PROVIDER is {other!r}; expected process or kind")


@pytest.fixture
def namespace(plane: ControlPlane) -> Iterator[Namespace]:
    """A namespace that the agent may read."""
    with plane.namespace("test") as one:
        yield one


@pytest.fixture
def agent(plane: ControlPlane, namespace: Namespace) -> Iterator[Agent]:
    """A running agent that reads the cluster."""
    with plane.agent(f"agent-{namespace.name}") as one:
        yield one
