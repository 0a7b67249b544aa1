"""A server with a real model, started once."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = Path(__file__).parent / "server" / "serve.py"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    python = os.environ.get("SMALLMODEL_PYTHON", "")
    if not Path(python).is_file():
        pytest.skip("no small model: scripts/smallmodel VENV installs one and runs this")
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [python, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        late = threading.Timer(100, process.kill)
        late.start()
        assert process.stdout is not None
        line = process.stdout.readline().decode().strip()
        late.cancel()
        try:
            assert line.startswith("http://127.0.0.1:"), log.read_text("utf-8", "replace")[-2000:]
            yield line
        finally:
            process.kill()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Iterator[list[str]]:
    """What became of each case; told in the end."""
    errors: list[str] = []
    yield errors
    if errors:
        valid = errors.count("")
        reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            named = ", ".join(sorted({error for error in errors if error}))
            reporter.write_line(
                f"\nsmall model: {valid} of {len(errors)} answers valid; others: {named or 'none'}"
            )
