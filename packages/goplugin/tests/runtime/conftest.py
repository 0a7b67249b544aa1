"""Plugins and hosts as real processes, and two ends of a connection in one."""

import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

from goplugin import DEFAULT_LIMITS, Client, HandshakeConfig, Limits
from goplugin.runtime._channel import Channel
from goplugin.runtime._connection import Connection
from goplugin.runtime._reactor import Reactor
from goplugin.runtime._work import WorkLoop
from goplugin.wire.gob import BOOL, STRING
from goplugin.wire.netrpc import ClientConnection
from goplugin.wire.yamux import CLIENT, DataReceived, Role, Session

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 30.0
T = TypeVar("T")


@pytest.fixture
def handshake() -> HandshakeConfig:
    return HandshakeConfig(1, "GOPLUGIN_TEST", "echo")


@pytest.fixture
def echo_argv() -> list[str]:
    return [sys.executable, str(PROGRAMS / "echo_plugin.py")]


@pytest.fixture
def programs() -> Path:
    return PROGRAMS


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits for a condition, up to a deadline."""

    def wait(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        give_up_at = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < give_up_at, f"not so within {seconds} s: {condition}"
            time.sleep(0.01)

    return wait


@pytest.fixture
def make_client(
    echo_argv: list[str], handshake: HandshakeConfig
) -> Iterator[Callable[..., Client]]:
    """Makes clients of the echo plugin, not started, and kills them at the end."""
    with ExitStack() as stack:

        def make(argv: list[str] | None = None, **settings: Any) -> Client:
            client = Client(argv or echo_argv, handshake, **settings)
            stack.callback(client.kill)
            return client

        yield make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """A started echo plugin."""
    one = make_client()
    one.start()
    return one


class Spawned:
    """A plugin started by hand with the cookie set; its handshake line is read."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            argv,
            env={**os.environ, "GOPLUGIN_TEST": "echo", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.address = Path(self.line.split("|")[3]) if self.line else Path()

    def connect(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE)
        sock.connect(str(self.address))
        return sock

    def end(self) -> tuple[int, str]:
        """Waits for the exit: its code, and what is on stderr."""
        _out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@pytest.fixture
def spawn(echo_argv: list[str]) -> Iterator[Callable[..., Spawned]]:
    """Starts the echo plugin as any host would, with these variables in its environment."""
    with ExitStack() as stack:
        # one that is killed leaves its socket; and pytest's own folders are too long for sockets
        folder = stack.enter_context(TemporaryDirectory(prefix="goplugin-"))

        def start(**env: str) -> Spawned:
            one = Spawned(echo_argv, {"TMPDIR": folder, **env})
            stack.callback(one.process.communicate, timeout=PATIENCE)
            stack.callback(one.process.kill)
            return one

        yield start


@pytest.fixture
def without_cryptography(tmp_path: Path) -> dict[str, str]:
    """Variables for a process that has not got the extra."""
    package = tmp_path / "cryptography"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('not here')\n")
    return {"PYTHONPATH": str(tmp_path)}


class RawHost:
    """A host made of the wire alone, which does what no real one does."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.session = Session(CLIENT)
        self.control, self.stdout, self.stderr = (self.session.open_stream() for _ in range(3))
        self.rpc = ClientConnection()
        self.flush()

    def flush(self) -> None:
        self.sock.sendall(self.session.data_to_send())

    def send(self, stream: int, data: bytes) -> None:
        self.session.send_data(stream, data)
        self.flush()

    def ask(self, method: str, type_: Any, value: object) -> Any:
        """Calls on the control stream and returns the reply."""
        _seq, data = self.rpc.call(method, type_, value)
        self.send(self.control, data)
        while True:
            for event in self.session.receive_data(self.sock.recv(65536)):
                if isinstance(event, DataReceived) and event.stream_id == self.control:
                    (response,) = self.rpc.receive_data(event.data)
                    return response.value
            self.flush()

    def ping(self) -> None:
        assert self.ask("Control.Ping", BOOL, value=True) == {}

    def dispense(self) -> int:
        number = self.ask("Dispenser.Dispense", STRING, "Echo")
        stream = self.session.open_stream()
        self.send(stream, struct.pack("<I", number))
        return stream

    def is_closed(self) -> bool:
        """Reads until the plugin closes the connection."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        self.sock.close()
        return True


@pytest.fixture
def connect() -> Iterator[Callable[..., RawHost]]:
    """Connects a host to a plugin, or makes one on a connection."""
    with ExitStack() as stack:

        def make(plugin: Any = None, sock: socket.socket | None = None) -> RawHost:
            host = RawHost(sock or plugin.connect())
            stack.callback(host.sock.close)
            return host

        yield make


class Peer:
    """One end of a connection in this process; notes what it is told."""

    def __init__(self) -> None:
        self.channels: list[Channel] = []
        self.ends: list[Exception | None] = []
        self.take: Callable[[Channel], None] = self.channels.append
        self.connection: Connection

    def opened(self, _connection: Connection, channel: Channel) -> None:
        self.take(channel)

    def closed(self, _connection: Connection, error: Exception | None) -> None:
        self.ends.append(error)


class Pair:
    """A client's and a server's end, served by one reactor in a thread."""

    def __init__(self, limits: Limits) -> None:
        self.reactor = Reactor()
        self.client, self.server = Peer(), Peer()
        ours, theirs = socket.socketpair()
        self.client.connection = Connection(self.reactor, ours, Role.CLIENT, limits, self.client)
        self.server.connection = Connection(self.reactor, theirs, Role.SERVER, limits, self.server)
        self._thread = threading.Thread(target=self.reactor.run)
        self._thread.start()

    def run(self, function: Callable[[], T]) -> T:
        """Runs it in the reactor's thread and returns what it returns."""
        future: Future[T] = Future()

        def call() -> None:
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001 - it is the caller's
                future.set_exception(error)

        self.reactor.post(call)
        return future.result(PATIENCE)

    def close(self) -> None:
        def end() -> None:
            self.client.connection.close()
            self.server.connection.close()
            self.reactor.stop()

        self.reactor.post(end)
        self._thread.join(PATIENCE)
        self.reactor.close()


@pytest.fixture
def make_pair() -> Iterator[Callable[..., Pair]]:
    with ExitStack() as stack:

        def make(limits: Limits = DEFAULT_LIMITS) -> Pair:
            one = Pair(limits)
            stack.callback(one.close)
            return one

        yield make


@pytest.fixture
def pair(make_pair: Callable[..., Pair]) -> Pair:
    """Two connected ends."""
    return make_pair()


@pytest.fixture
def work() -> Iterator[WorkLoop]:
    loop = WorkLoop(logging.getLogger("goplugin"))
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)
