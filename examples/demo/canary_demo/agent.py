"""The real agent, in a process of its own, on a port of its own."""

import time
import urllib.error
import urllib.request
from pathlib import Path

from .errors import DemoError, tail_of
from .processes import ChildProcess

__all__ = ["start_agent", "wait_until_ready"]

_START_SECONDS = 45.0
_REQUEST_SECONDS = 5.0
# Loopback is never asked through a proxy that the environment names.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ADDRESS = r"(http://127\.0\.0\.1:[1-9]\d*)"


def start_agent(program: Path, logs: Path, work: Path) -> ChildProcess:
    """Starts `canary-agent serve` on the folder `logs`, with its state in `work`."""
    state = work / "agent.sqlite"
    return ChildProcess(
        "canary-agent",
        [program, "serve", "--logs", logs, "--port", "0", "--state", state, "--grace", "0"],
        work / "agent.log",
        without="CANARY_AGENT_",
    )


def wait_until_ready(agent: ChildProcess) -> str:
    """The agent's address, once `/readyz` answers 200.

    Raises:
        DemoError: it does not within 45 s.
    """
    deadline = time.monotonic() + _START_SECONDS
    url = agent.wait_for_line(_ADDRESS, _START_SECONDS)[1]
    while (found := _status(f"{url}/readyz")) != "200":
        if agent.exit_code is not None or time.monotonic() > deadline:
            raise DemoError(
                f"canary-agent (pid {agent.pid}) is not ready within {_START_SECONDS:g} s:"
                f" {url}/readyz says {found}\n{tail_of(agent.log)}"
            )
        time.sleep(0.05)
    return url


def _status(url: str) -> str:
    try:
        with _DIRECT.open(url, timeout=_REQUEST_SECONDS) as response:
            return str(response.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return str(error)
