"""hashicorp's own host drives our plugin (tests/conformance/cmd/gohost)."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from go_programs import go_program

pytestmark = pytest.mark.conformance


class GoHost:
    """A Go process that does what it is told, a line at a time."""

    def __init__(self, plugin: list[str], **env: str) -> None:
        self.process = subprocess.Popen(
            [go_program("gohost"), *plugin],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, op: str, **arguments: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"Op": op, **arguments}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def values(self, op: str, **arguments: object) -> list[Any]:
        answer = self.do(op, **arguments)
        assert answer["error"] == ""
        return list(answer.get("values", ()))

    def log(self) -> list[dict[str, Any]]:
        """What Go's host made of the plugin's stderr."""
        return [json.loads(line) for line in self.values("output")[3].splitlines()]

    def close(self) -> None:
        """Ends it as its stdin ends; it kills its plugin then."""
        self.process.communicate(timeout=30)


@pytest.fixture
def make_host(echo_argv: list[str]) -> Iterator[Callable[..., GoHost]]:
    with ExitStack() as stack:

        def make(**env: str) -> GoHost:
            host = GoHost(echo_argv, **env)
            stack.callback(host.close)
            return host

        yield make


@pytest.fixture(params=["plain", "AutoMTLS"])
def host(make_host: Callable[..., GoHost], request: pytest.FixtureRequest) -> GoHost:
    """A Go host that has started the plugin and dispensed its service."""
    one = make_host(GOHOST_AUTO_MTLS="1" if request.param == "AutoMTLS" else "")
    one.values("start")
    one.values("dispense", Name="Echo")
    return one


def test_it_pings_calls_and_gets_replies(host: GoHost) -> None:
    assert len(host.do("ping", Count=20)["millis"]) == 20
    assert sorted(host.values("call", Method="Echo", Text="x", Count=3)) == ["x0", "x1", "x2"]


def test_it_gets_200_replies_in_the_order_in_which_they_are_done(host: GoHost) -> None:
    replies = host.values("call", Method="Later", Kind="int", Number=10, Count=200)
    assert sorted(replies) == [10 * (i + 1) for i in range(200)]
    assert replies[0] < replies[-1]


def test_it_gets_large_replies(host: GoHost) -> None:
    replies = host.values("call", Method="Large", Kind="bytes", Number=4_000_000, Count=3)
    assert replies == [4_000_000] * 3


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("Fail", "LookupError: no such thing: x0"),
        ("Exit", "SystemExit: 3"),
        ("Missing", "rpc: can't find method Plugin.Missing"),
    ],
)
def test_it_gets_the_errors_of_handlers(host: GoHost, method: str, error: str) -> None:
    assert host.do("call", Method=method, Text="x", Count=1)["error"] == error
    assert host.values("call", Method="Echo", Text="x", Count=1) == ["x0"]


def test_it_gets_no_unknown_plugin(host: GoHost) -> None:
    assert host.do("dispense", Name="Unknown")["error"] == "unknown plugin type: Unknown"


def test_it_reads_the_streams_and_the_log(host: GoHost, until: Callable[..., None]) -> None:
    host.values("call", Method="Write", Text="w", Count=1)
    until(lambda: all(host.values("output")[:2]))
    out, err, _raw, _log = host.values("output")
    assert (out, err) == ("out w0\n", "err w0\n")
    until(lambda: any(entry["@message"] == "log w0" for entry in host.log()))
    (entry,) = [one for one in host.log() if one["@message"] == "log w0"]
    assert entry["@level"] == "warn"
    assert entry["answer"] == 42
    assert entry["timestamp"].endswith("Z")


def test_it_quits_the_plugin_without_force(host: GoHost) -> None:
    assert host.values("quit") == [True]
    messages = [entry["@message"] for entry in host.log()]
    assert "plugin exited" in messages or "plugin process exited" in messages
    assert "plugin failed to exit gracefully" not in messages
    assert "error closing client during Kill" not in messages


def test_it_is_refused_automtls_in_words_where_the_extra_is_missing(
    make_host: Callable[..., GoHost], without_cryptography: dict[str, str]
) -> None:
    host = make_host(GOHOST_AUTO_MTLS="1", **without_cryptography)
    assert "Unrecognized remote plugin message" in host.do("start")["error"]
    refusals = [entry for entry in host.log() if "install goplugin[mtls]" in entry["@message"]]
    assert [entry["@level"] for entry in refusals] == ["error"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_killed_it_takes_its_plugin_with_it(host: GoHost, until: Callable[..., None]) -> None:
    call = {"Method": "Pid", "Kind": "int", "Count": 1}
    (pid,) = host.values("call", **call)
    status = Path(f"/proc/{pid}/status")
    host.process.kill()
    until(lambda: not status.exists() or "State:\tZ" in status.read_text(), 2.0)
