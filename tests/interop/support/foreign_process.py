"""A foreign agent as a process on a loopback port."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from foreign import ForeignAgent

START_SECONDS = 240.0
"""The largest imports for half a minute on a machine at rest, the first time."""

# No telemetry, no tracing, no look at registries: the frameworks run as without a network.
_OFFLINE = {
    "OTEL_SDK_DISABLED": "true",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "NO_PROXY": "*",
}


def _environment(desk: Path, home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "INTEROP_DESK": str(desk),
        "PYTHONUNBUFFERED": "1",
        **_OFFLINE,
    }


@contextmanager
def running(agent: ForeignAgent, desk: Path, work: Path) -> Iterator[str]:
    """The address of the agent, which is ended at the end."""
    log = work / "server.log"
    with log.open("wb") as output:
        # It ends when its standard input is closed, should this process be killed.
        process = subprocess.Popen(
            agent.command(),
            cwd=work,
            env=_environment(desk, work),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield _address(process, log)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        said = log.read_text(errors="replace")
        found = re.search(r"^listening (\S+)$", said, re.MULTILINE)
        if found:
            return found[1]
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the agent did not start (exit code {process.poll()}):\n{said[-4000:]}")
        time.sleep(0.05)
