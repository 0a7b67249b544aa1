"""Two sessions and frames made by hand, independently of the code under test."""

import struct
from collections.abc import Callable

import pytest

from goplugin.wire.yamux import CLIENT, SERVER, Event, Session


@pytest.fixture
def client() -> Session:
    return Session(CLIENT)


@pytest.fixture
def server() -> Session:
    return Session(SERVER)


@pytest.fixture
def deliver() -> Callable[[Session, Session], list[Event]]:
    """Hands all output of the first session to the second and returns what that makes of it."""

    def hand_over(sender: Session, receiver: Session) -> list[Event]:
        return receiver.receive_data(sender.data_to_send())

    return hand_over


@pytest.fixture
def frame() -> Callable[..., bytes]:
    """Builds a frame: `frame("data", "SYN FIN", 1, b"abc")` or `frame("window", "SYN", 1, 1024)`."""
    types = {"data": 0, "window": 1, "ping": 2, "go away": 3}
    bits = {"SYN": 1, "ACK": 2, "FIN": 4, "RST": 8}

    def build(kind: str, flags: str = "", stream_id: int = 0, content: bytes | int = 0) -> bytes:
        data = content if isinstance(content, bytes) else b""
        length = len(content) if isinstance(content, bytes) else content
        flag_bits = sum(bits[flag] for flag in flags.split())
        return struct.pack(">BBHII", 0, types[kind], flag_bits, stream_id, length) + data

    return build
