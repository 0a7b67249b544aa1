"""What a peer that does not behave can make us hold."""

from collections.abc import Callable

import pytest

from goplugin.wire import BackPressureError, Limits, LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    CLIENT,
    SERVER,
    Event,
    Session,
    StreamAccepted,
    StreamOpened,
    StreamReset,
)

Deliver = Callable[[Session, Session], list[Event]]
Frame = Callable[..., bytes]


def test_pings_whose_answers_are_never_read_end_the_session(frame: Frame) -> None:
    server = Session(SERVER, Limits(unread_control_frames=100))
    server.receive_data(frame("ping", "SYN", 0, 1) * 100)
    with pytest.raises(
        RemoteProtocolError, match="peer does not read: 100 answers to its frames wait"
    ):
        server.receive_data(frame("ping", "SYN", 0, 1))
    assert server.data_to_send() == frame("go away", "", 0, 1)


def test_pings_whose_answers_are_read_may_go_on_for_ever(frame: Frame) -> None:
    server = Session(SERVER, Limits(unread_control_frames=10))
    for _ in range(100):
        server.receive_data(frame("ping", "SYN", 0, 1) * 10)
        assert len(server.data_to_send()) == 120


def test_streams_beyond_the_backlog_are_reset_until_acknowledgements_are_read(frame: Frame) -> None:
    server = Session(SERVER, Limits(accept_backlog=2))
    events = server.receive_data(b"".join(frame("window", "SYN", stream) for stream in (1, 3, 5)))
    assert events == [StreamOpened(1), StreamOpened(3)]
    assert server.data_to_send() == frame("window", "RST", 5) + frame("window", "ACK", 1) + frame(
        "window", "ACK", 3
    )
    assert server.receive_data(frame("window", "SYN", 7)) == [StreamOpened(7)]


def test_streams_that_come_and_go_unread_do_not_pile_up(frame: Frame) -> None:
    server = Session(SERVER, Limits(accept_backlog=2))
    for _ in range(1000):
        server.receive_data(frame("window", "SYN", 1) + frame("window", "RST", 1))
    assert server.bytes_to_send == 0


def test_resets_that_are_never_read_end_the_session(frame: Frame) -> None:
    server = Session(SERVER, Limits(accept_backlog=0, unread_control_frames=10))
    server.receive_data(frame("window", "SYN", 1) * 10)
    with pytest.raises(RemoteProtocolError, match="peer does not read"):
        server.receive_data(frame("window", "SYN", 1))


def test_streams_beyond_the_limit_are_reset(frame: Frame) -> None:
    server = Session(SERVER, Limits(streams=1))
    assert server.receive_data(frame("window", "SYN", 1) + frame("data", "SYN", 3, b"x")) == [
        StreamOpened(1)
    ]
    assert server.data_to_send() == frame("window", "RST", 3) + frame("window", "ACK", 1)
    server.receive_data(frame("window", "RST", 1))
    assert server.receive_data(frame("window", "SYN", 5)) == [StreamOpened(5)]


def test_we_open_no_more_streams_than_the_limit() -> None:
    client = Session(CLIENT, Limits(streams=2))
    client.open_stream()
    client.open_stream()
    with pytest.raises(LocalProtocolError, match="2 streams are open; end one first"):
        client.open_stream()


def test_we_open_no_more_streams_than_the_peers_backlog(server: Session, deliver: Deliver) -> None:
    client = Session(CLIENT, Limits(accept_backlog=2))
    client.open_stream()
    client.open_stream()
    with pytest.raises(BackPressureError, match="2 streams wait for the peer's acknowledgement"):
        client.open_stream()
    deliver(client, server)
    assert deliver(server, client) == [StreamAccepted(1), StreamAccepted(3)]
    assert client.open_stream() == 5


def test_a_refused_stream_makes_room_in_the_backlog(deliver: Deliver) -> None:
    client, server = Session(CLIENT, Limits(accept_backlog=1)), Session(SERVER, Limits(streams=0))
    client.open_stream()
    deliver(client, server)
    assert deliver(server, client) == [StreamReset(1)]
    assert client.open_stream() == 3


def test_unanswered_pings_are_bounded(server: Session, deliver: Deliver) -> None:
    client = Session(CLIENT, Limits(unanswered_pings=2))
    client.ping()
    client.ping()
    with pytest.raises(BackPressureError, match="2 pings have no answer"):
        client.ping()
    deliver(client, server)
    deliver(server, client)
    assert client.ping() == 2


def test_a_stream_queues_up_to_its_limit() -> None:
    client = Session(CLIENT, Limits(stream_send_bytes=10))
    stream = client.open_stream()
    client.send_data(stream, bytes(6))
    with pytest.raises(
        BackPressureError, match=f"stream {stream} would hold 11 unsent bytes, 10 are allowed"
    ):
        client.send_data(stream, bytes(5))
    assert client.pending_bytes(stream) == 6
    client.send_data(stream, bytes(4))
    client.data_to_send()
    client.send_data(stream, bytes(10))


def test_a_session_queues_up_to_its_limit(server: Session, deliver: Deliver) -> None:
    client = Session(CLIENT, Limits(session_send_bytes=10))
    first, second = client.open_stream(), client.open_stream()
    client.send_data(first, bytes(6))
    with pytest.raises(
        BackPressureError, match="the session would hold 11 unsent bytes, 10 are allowed"
    ):
        client.send_data(second, bytes(5))
    client.reset_stream(first)
    client.send_data(second, bytes(10))
    assert client.queued_bytes == 10


@pytest.mark.parametrize("chunk", [1, 5, 12, 13, 100, 1000])
def test_output_is_taken_in_pieces_of_any_size(deliver: Deliver, chunk: int) -> None:
    def session_with_output() -> Session:
        session = Session(CLIENT, Limits(data_frame_bytes=50))
        first, second = session.open_stream(), session.open_stream()
        session.send_data(first, bytes(range(200)))
        session.send_data(second, bytes(50))
        session.end_stream(first)
        session.end_stream(second)
        session.ping()
        return session

    whole = session_with_output().data_to_send()
    session = session_with_output()
    taken = b""
    while promised := session.bytes_to_send:
        piece = session.data_to_send(chunk)
        assert len(piece) == min(chunk, promised)
        taken += piece
    assert taken == whole
    assert session.data_to_send() == b""
