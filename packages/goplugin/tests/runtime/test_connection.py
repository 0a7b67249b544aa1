"""Two ends of a connection, channels on it, and what becomes of them."""

from collections.abc import Callable
from typing import Any

import pytest

from goplugin import Limits, LocalProtocolError, SessionClosed
from goplugin.runtime._channel import Channel, Receiver

MakePair = Callable[..., Any]


class Notes(Receiver):
    """Writes down what a channel tells."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.data = b""
        self.events: list[str] = []
        channel.receiver = self

    def received(self, data: bytes) -> None:
        self.data += data
        self.channel.consumed(len(data))

    def ended(self) -> None:
        self.events.append("ended")

    def broken(self, error: Exception) -> None:
        self.events.append(f"broken: {error}")

    def drained(self) -> None:
        self.events.append("drained")


@pytest.fixture
def ends(pair: Any, until: Callable[..., None]) -> tuple[Notes, Notes]:
    """Both ends of one stream."""
    theirs: list[Notes] = []
    pair.server.take = lambda channel: theirs.append(Notes(channel))
    ours = pair.run(lambda: Notes(pair.client.connection.open_channel()))
    until(lambda: theirs)
    return ours, theirs[0]


def test_bytes_come_whole_and_in_order(
    ends: tuple[Notes, Notes], until: Callable[..., None]
) -> None:
    ours, theirs = ends
    data = bytes(range(256)) * 8000
    for start in range(0, len(data), 300_000):
        ours.channel.send(data[start : start + 300_000])
    until(lambda: len(theirs.data) == len(data))
    assert theirs.data == data
    until(lambda: "drained" in ours.events)
    assert ours.channel.unsent == 0


def test_each_side_ends_for_itself(ends: tuple[Notes, Notes], until: Callable[..., None]) -> None:
    ours, theirs = ends
    ours.channel.send(b"last words")
    ours.channel.finish()
    until(lambda: "ended" in theirs.events)
    assert theirs.data == b"last words"
    with pytest.raises(SessionClosed, match="was finished by this side"):
        ours.channel.send(b"more")
    theirs.channel.send(b"answer")
    theirs.channel.finish()
    until(lambda: "ended" in ours.events and ours.data == b"answer")
    assert not any(event.startswith("broken") for event in ours.events)
    with pytest.raises(SessionClosed):
        theirs.channel.send(b"more")


def test_a_reset_breaks_both_ends(ends: tuple[Notes, Notes], until: Callable[..., None]) -> None:
    ours, theirs = ends
    ours.channel.reset()
    ours.channel.reset()
    until(lambda: theirs.events)
    assert theirs.events[-1].endswith("was reset by the peer")
    assert ours.events[-1].endswith("was reset by this side")
    theirs.channel.consumed(0)
    theirs.channel.finish()
    theirs.channel.reset()


def test_a_closed_connection_breaks_every_channel(
    pair: Any, ends: tuple[Notes, Notes], until: Callable[..., None]
) -> None:
    ours, theirs = ends
    pair.run(pair.client.connection.close)
    pair.run(pair.client.connection.close)
    until(lambda: pair.server.ends)
    assert pair.client.ends == pair.server.ends == [None]
    assert ours.events == theirs.events == ["broken: the connection is closed"]
    with pytest.raises(SessionClosed, match="the connection is closed"):
        pair.run(pair.client.connection.open_channel)
    pair.run(lambda: pair.client.connection.service(ours.channel))


def test_a_stream_whose_window_stays_shut_ends_the_connection(
    make_pair: MakePair, until: Callable[..., None]
) -> None:
    pair = make_pair(Limits(stall_seconds=0.1))
    silent: list[Channel] = []
    pair.server.take = silent.append
    ours = pair.run(lambda: Notes(pair.client.connection.open_channel()))
    ours.channel.send(bytes(1_000_000))
    until(lambda: pair.client.ends)
    assert "has not read what waits for it for 0.1 seconds" in str(pair.client.ends[0])


def test_a_slow_reader_is_no_stall(make_pair: MakePair, until: Callable[..., None]) -> None:
    pair = make_pair(Limits(stall_seconds=0.3))

    class Slow(Notes):
        waiting = 0

        def received(self, data: bytes) -> None:
            self.data += data
            self.waiting += len(data)
            if self.waiting >= 200_000:
                size, self.waiting = self.waiting, 0
                pair.reactor.later(0.1, lambda: self.channel.consumed(size))

    theirs: list[Slow] = []
    pair.server.take = lambda channel: theirs.append(Slow(channel))
    ours = pair.run(lambda: Notes(pair.client.connection.open_channel()))
    ours.channel.send(bytes(1_500_000))
    until(lambda: theirs and len(theirs[0].data) == 1_500_000)
    assert pair.client.ends == []


def test_streams_beyond_the_limit_are_refused_to_the_caller(make_pair: MakePair) -> None:
    pair = make_pair(Limits(streams=2))
    for _ in range(2):
        pair.run(pair.client.connection.open_channel)
    with pytest.raises(LocalProtocolError):
        pair.run(pair.client.connection.open_channel)
