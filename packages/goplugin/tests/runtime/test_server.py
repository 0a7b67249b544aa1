"""The plugin's loop in this process: deadlines that no test could wait for otherwise."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goplugin import DEFAULT_LIMITS
from goplugin.runtime import _server
from goplugin.runtime._environment import Environment
from goplugin.runtime._listener import Listener
from goplugin.runtime._server import PluginServer


class Running:
    """A server in a thread."""

    def __init__(self, folder: Path, parent: int) -> None:
        environment = Environment.read({"TMPDIR": str(folder)})
        self.listener = Listener(environment)
        logger = logging.getLogger("goplugin.test")
        self.server = PluginServer(self.listener, {}, DEFAULT_LIMITS, logger, parent)
        self.code: int | None = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        self.code = self.server.run()

    def end(self) -> int | None:
        self.thread.join(30)
        return self.code


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(parent: int | None = None) -> Running:
        started.append(Running(tmp_path, os.getppid() if parent is None else parent))
        return started[-1]

    yield start
    for one in started:
        one.server.stop("the test is over")
        one.end()


def test_without_a_host_it_ends_and_says_so(
    run: Callable[..., Running],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(_server, "HOST_SECONDS", 0.05)
    assert run().end() == 1
    assert "no host connected within 0.05 s" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_peer_that_opens_no_streams_is_closed(
    run: Callable[..., Running],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(_server, "_HELLO_SECONDS", 0.05)
    running = run()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(running.listener.path)
        assert sock.recv(1) == b""
    running.server.stop("enough")
    assert running.end() == 0
    assert "opened no streams" in caplog.text


def test_another_parent_means_that_the_host_has_died(run: Callable[..., Running]) -> None:
    assert run(parent=os.getppid() + 1).end() == 0


def test_the_end_is_not_waited_for_where_nobody_keeps_the_process(
    run: Callable[..., Running],
) -> None:
    running = run()
    running.server.stop("one reason")
    running.server.stop("another")
    assert running.end() == 0


def test_a_connection_that_is_gone_before_it_is_accepted_is_nothing(tmp_path: Path) -> None:
    listener = Listener(Environment.read({"TMPDIR": str(tmp_path)}))
    assert listener.accept() is None
    listener.close()
    listener.close()
