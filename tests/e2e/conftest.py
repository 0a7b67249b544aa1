"""One control plane for all tests of a run, a namespace and an agent for each test; `make cluster` as users start it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
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
_PLAYGROUND_SECONDS = 240.0


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


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own: sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="metric-ai-", ignore_cleanup_errors=True) as one:
        yield Path(one)


@pytest.fixture
def playground(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make cluster` without make, once it says what to try."""
    argv = [sys.executable, "-m", "playground", "--plugin", str(plugin_file())]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent), "TMPDIR": str(folder)}
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            argv, stdout=file, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
    try:
        deadline = time.monotonic() + _PLAYGROUND_SECONDS
        while "Ctrl-C ends everything" not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait(10)
