"""Sessions of ours against hashicorp/yamux v0.1.1 itself, over a unix socket (tests/conformance/cmd/yamuxpeer)."""

import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from goplugin.wire import Limits, LocalProtocolError
from goplugin.wire.yamux import (
    CLIENT,
    INITIAL_WINDOW,
    SERVER,
    DataReceived,
    Event,
    GoAwayCode,
    GoAwayReceived,
    PingAcknowledged,
    PingReceived,
    Role,
    Session,
    StreamAccepted,
    StreamEnded,
    StreamOpened,
    StreamReset,
)

pytestmark = pytest.mark.conformance

GO = shutil.which("go")
MODULE = Path(__file__).parents[4] / "tests" / "conformance"
DEADLINE = 60.0


@pytest.fixture(scope="session")
def yamuxpeer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program."""
    if GO is None:
        pytest.skip("needs Go (https://go.dev/dl): yamux was compared with recorded frames only")
    program = tmp_path_factory.mktemp("bin") / "yamuxpeer"
    subprocess.run(
        [GO, "build", "-o", program, "./cmd/yamuxpeer"], cwd=MODULE, check=True, timeout=600
    )
    return program


def pattern(size: int) -> bytes:
    """What the Go program sends (serve.go: pattern)."""
    return bytes((place % 251 + place // 251) % 256 for place in range(size))


def weighted_sum(data: bytes) -> int:
    """What the Go program answers for a sink (serve.go: drain)."""
    return sum(byte * (place % 251 + 1) for place, byte in enumerate(data))


class Link:
    """A session of ours on a socket, and the Go program on its other end."""

    def __init__(
        self, session: Session, connection: socket.socket, process: "subprocess.Popen[str]"
    ) -> None:
        self.session = session
        self.events: list[Event] = []
        self.data: dict[int, bytearray] = {}
        self._connection = connection
        self._process = process
        self._unsent = b""

    def run_until(self, done: Callable[[], object], *wakers: IO[str]) -> None:
        """Moves bytes both ways until something has happened; asks again as soon as a waker can be read, too."""
        deadline = time.monotonic() + DEADLINE
        while not done():
            left = deadline - time.monotonic()
            assert left > 0, f"nothing more came; the last events: {self.events[-5:]}"
            self._unsent = self._unsent or self.session.data_to_send(65_536)
            readers = [self._connection.fileno(), *(waker.fileno() for waker in wakers)]
            writers = [self._connection] if self._unsent else []
            readable, writable, _ = select.select(readers, writers, [], left)
            if writable:
                self._unsent = self._unsent[self._connection.send(self._unsent) :]
            if self._connection.fileno() in readable:
                self._receive()

    def _receive(self) -> None:
        received = self._connection.recv(65_536)
        assert received, (
            f"the Go program closed the connection; the last events: {self.events[-5:]}"
        )
        for event in self.session.receive_data(received):
            if isinstance(event, DataReceived):
                self.data.setdefault(event.stream_id, bytearray()).extend(event.data)
                self.session.data_consumed(event.stream_id, len(event.data))
            else:
                self.events.append(event)

    def saw(self, event: Event) -> Callable[[], bool]:
        return lambda: event in self.events

    def ask(self, stream: int, data: bytes) -> bytes:
        """Sends everything, ends, and returns all of the answer."""
        self.session.send_data(stream, data)
        self.session.end_stream(stream)
        self.run_until(self.saw(StreamEnded(stream)))
        return bytes(self.data.get(stream, b""))

    def command(self, line: str) -> None:
        """Tells the Go program to do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self, serve: Callable[[], None] = lambda: None) -> str:
        """Moves bytes until the Go program has answered a command, and returns that."""
        output = self._process.stdout
        assert output is not None

        def answered() -> bool:
            serve()
            return bool(select.select([output], [], [], 0)[0])

        self.run_until(answered, output)
        return output.readline().strip()


Connect = Callable[..., Link]


@pytest.fixture
def connect(yamuxpeer: Path, tmp_path: Path) -> Iterator[Connect]:
    """Starts the Go program and connects to it: `connect(CLIENT, limits, "-window", "1048576")`."""
    with ExitStack() as stack:

        def start(role: Role, limits: Limits | None = None, *flags: str) -> Link:
            path = tmp_path / "socket"
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.settimeout(DEADLINE)
            listener.bind(str(path))
            listener.listen(1)
            other_role = "client" if role is SERVER else "server"
            command = [str(yamuxpeer), "talk", "-socket", str(path), "-role", other_role, *flags]
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            connection = stack.enter_context(listener.accept()[0])
            return Link(Session(role, limits or Limits()), connection, process)

        yield start


@pytest.mark.parametrize("role", [CLIENT, SERVER])
@pytest.mark.parametrize("size", [0, 1, 5_000, INITIAL_WINDOW, INITIAL_WINDOW + 1, 3_000_000])
def test_go_echoes_what_we_send(connect: Connect, role: Role, size: int) -> None:
    link = connect(role)
    sent = pattern(size)
    assert link.ask(link.session.open_stream(), b"echo\n" + sent) == sent
    assert link.session.open_streams == 0


def test_go_echoes_many_streams_at_once(connect: Connect) -> None:
    link = connect(CLIENT)
    streams = [link.session.open_stream() for _ in range(100)]
    for stream in streams:
        link.session.send_data(stream, b"echo\n" + pattern(stream * 100))
        link.session.end_stream(stream)
    link.run_until(
        lambda: sum(isinstance(event, StreamEnded) for event in link.events) == len(streams)
    )
    assert {stream: bytes(link.data[stream]) for stream in streams} == {
        stream: pattern(stream * 100) for stream in streams
    }


@pytest.mark.parametrize("window", [INITIAL_WINDOW, 1_000_000])
def test_larger_windows_on_either_side(connect: Connect, window: int) -> None:
    link = connect(CLIENT, Limits(receive_window_bytes=window), "-window", "1048576")
    sent = pattern(2_500_000)
    assert link.ask(link.session.open_stream(), b"echo\n" + sent) == sent


def test_a_half_closed_stream_is_answered_by_go(connect: Connect) -> None:
    link = connect(CLIENT)
    sent = pattern(700_000)
    answer = link.ask(link.session.open_stream(), b"sink\n" + sent)
    assert answer == f"{len(sent)} {weighted_sum(sent)}\n".encode()


def test_go_sends_no_more_than_our_window_until_it_is_consumed(connect: Connect) -> None:
    link = connect(CLIENT)
    stream = link.session.open_stream()
    assert link.ask(stream, b"source 1000000\n") == pattern(1_000_000)


@pytest.mark.parametrize("role", [CLIENT, SERVER])
@pytest.mark.parametrize(("streams", "size"), [(1, 2_000_000), (100, 20_000)])
def test_we_echo_what_go_sends(connect: Connect, role: Role, streams: int, size: int) -> None:
    link = connect(role)
    echoed: dict[int, int] = {}

    def echo() -> None:
        for stream, data in link.data.items():
            link.session.send_data(stream, bytes(data[echoed.get(stream, 0) :]))
            echoed[stream] = len(data)
        for event in [event for event in link.events if isinstance(event, StreamEnded)]:
            link.session.end_stream(event.stream_id)
            link.data.pop(event.stream_id)
            link.events.remove(event)

    def ended() -> bool:
        echo()
        return not link.session.open_streams

    link.command(f"echo {streams} {size}")
    assert link.answer(echo) == "ok"
    link.run_until(ended)


def test_pings_go_both_ways(connect: Connect) -> None:
    link = connect(SERVER)
    ping = link.session.ping()
    link.run_until(link.saw(PingAcknowledged(ping)))
    link.command("ping")
    assert link.answer() == "ok"
    assert link.events[-1] == PingReceived(0)


def test_go_resets_streams_beyond_its_backlog(connect: Connect) -> None:
    link = connect(CLIENT, None, "-accept=false", "-backlog", "2")
    streams = [link.session.open_stream() for _ in range(3)]
    link.run_until(link.saw(StreamReset(streams[2])))
    assert link.session.open_streams == 2


def test_go_resets_a_stream_that_we_do_not_end_in_time(connect: Connect) -> None:
    link = connect(CLIENT, None, "-linger", "20ms")
    stream = link.session.open_stream()
    link.session.send_data(stream, b"linger\n")
    link.run_until(link.saw(StreamReset(stream)))
    assert link.session.open_streams == 0


def test_go_forgets_a_stream_that_we_reset(connect: Connect) -> None:
    link = connect(CLIENT)
    stream = link.session.open_stream()
    link.session.send_data(stream, b"source 5000000\n")
    link.run_until(lambda: len(link.data.get(stream, b"")) > INITIAL_WINDOW)
    link.session.reset_stream(stream)
    ping = link.session.ping()
    link.run_until(link.saw(PingAcknowledged(ping)))
    link.command("streams")
    assert link.answer() == "0"
    assert link.ask(link.session.open_stream(), b"echo\nstill alive") == b"still alive"


def test_go_is_told_that_its_stream_is_reset(connect: Connect) -> None:
    link = connect(SERVER)

    def refuse() -> None:
        for event in link.events:
            if isinstance(event, StreamOpened):
                link.session.reset_stream(event.stream_id)

    link.command("echo 1 10")
    assert link.answer(refuse) == "error: connection reset"


def test_gos_go_away_leaves_open_streams_alone(connect: Connect) -> None:
    link = connect(CLIENT)
    stream = link.session.open_stream()
    link.session.send_data(stream, b"echo\n")
    link.run_until(link.saw(StreamAccepted(stream)))
    link.command("goaway")
    assert link.answer() == "ok"
    link.run_until(link.saw(GoAwayReceived(GoAwayCode.NORMAL)))
    assert link.ask(stream, b"goes on") == b"goes on"
    with pytest.raises(LocalProtocolError, match="takes no new streams"):
        link.session.open_stream()


def test_go_opens_no_stream_after_our_go_away(connect: Connect) -> None:
    link = connect(SERVER)
    link.session.go_away()
    ping = link.session.ping()
    link.run_until(link.saw(PingAcknowledged(ping)))
    link.command("echo 1 1")
    assert link.answer() == "error: remote end is not accepting connections"
