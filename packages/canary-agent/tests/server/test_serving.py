"""The whole server in this process, on a real socket, ended by a signal."""

import functools
import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from canary_agent.process import Analyser
from canary_agent.server import AppSettings, ServeSettings, serve
from canary_agent.server.http import BoundedProtocol
from canary_agent.store import EngineSettings

DOUBLES = Path(__file__).parent / "doubles"


@pytest.fixture
def analyser(tmp_path: Path) -> Iterator[Analyser]:
    sys.path.insert(0, str(DOUBLES))
    yield functools.partial(importlib.import_module("gated_analysis").analyse, tmp_path)
    sys.path.remove(str(DOUBLES))


def _serve_while(
    client: Callable[[str], None], analyser: Analyser, state: Path, **settings: Any
) -> int:
    """Serves until the client is done; gives its failure on."""
    failures: list[BaseException] = []
    threads: list[threading.Thread] = []

    def work(url: str) -> None:
        try:
            client(url)
        except BaseException as error:  # noqa: BLE001  # the test's thread raises it
            failures.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def announce(line: str) -> None:
        threads.append(threading.Thread(target=work, args=(line.rsplit(" ", 1)[1],)))
        threads[0].start()

    plan = ServeSettings(
        engine=EngineSettings(state=str(state), preload=("gated_analysis",)),
        app=AppSettings(),
        port=0,
        **settings,
    )
    code = serve(plan, analyser, announce)
    threads[0].join()
    if failures:
        raise failures[0]
    return code


def test_it_serves_until_a_signal_and_ends_with_zero(analyser: Analyser, tmp_path: Path) -> None:
    def client(url: str) -> None:
        assert httpx.get(f"{url}/readyz").status_code == 200

    assert _serve_while(client, analyser, tmp_path / "state.sqlite") == 0
    assert _serve_while(client, analyser, tmp_path / "state.sqlite") == 0


def test_a_second_signal_ends_the_grace(
    analyser: Analyser, tmp_path: Path, question: Callable[..., dict[str, Any]]
) -> None:
    asked = question("wait")

    def client(url: str) -> None:
        message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"data": asked}]}
        body = {"message": message, "configuration": {"returnImmediately": True}}
        sent = httpx.post(f"{url}/message:send", json=body, headers={"A2A-Version": "1.0"})
        assert sent.status_code == 200
        while not (tmp_path / f"{asked['run']['uid']}.starts").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        while httpx.get(f"{url}/readyz").status_code != 503:
            time.sleep(0.01)

    assert _serve_while(client, analyser, tmp_path / "state.sqlite", grace=600) == 0


def test_a_connection_that_says_nothing_is_closed(
    analyser: Analyser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canary_agent.server.http.HEAD_SECONDS", 0.2)

    def client(url: str) -> None:
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), 20) as silent:
            assert silent.recv(1) == b""
        with socket.create_connection((address.hostname, address.port), 20) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert slow.recv(4096).startswith(b"HTTP/1.1 200")
            slow.sendall(b"GET /healthz HT")  # and never goes on
            slow.settimeout(20)
            while slow.recv(4096):
                pass
        with socket.create_connection((address.hostname, address.port), 20) as endless:
            endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000)
            assert endless.recv(4096).startswith(b"HTTP/1.1 400")

    assert _serve_while(client, analyser, tmp_path / "state.sqlite") == 0
    assert BoundedProtocol._head_due is None


def test_an_address_in_use_is_an_error(analyser: Analyser, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        plan = ServeSettings(
            engine=EngineSettings(state=str(tmp_path / "state.sqlite")),
            app=AppSettings(),
            port=taken.getsockname()[1],
        )
        with pytest.raises(OSError, match="in use"):
            serve(plan, analyser)


def test_it_listens_on_ipv6(analyser: Analyser, tmp_path: Path) -> None:
    def client(url: str) -> None:
        assert url.startswith("http://[::1]:")
        assert httpx.get(f"{url}/healthz").status_code == 200

    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert _serve_while(client, analyser, tmp_path / "state.sqlite", host="::1") == 0
