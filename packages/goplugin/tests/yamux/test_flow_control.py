"""Windows in both directions."""

from collections.abc import Callable

import pytest

from goplugin.wire import Limits, LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    CLIENT,
    INITIAL_WINDOW,
    SERVER,
    DataReceived,
    Event,
    Session,
    StreamAccepted,
    StreamOpened,
    WindowOpened,
)

Deliver = Callable[[Session, Session], list[Event]]
Frame = Callable[..., bytes]
MIB = 1024 * 1024


@pytest.fixture
def stream(client: Session, server: Session, deliver: Deliver) -> int:
    """A stream that both sides know."""
    stream_id = client.open_stream()
    deliver(client, server)
    deliver(server, client)
    return stream_id


def received(events: list[Event]) -> int:
    return sum(len(event.data) for event in events if isinstance(event, DataReceived))


def test_no_more_than_the_window_is_sent(
    client: Session, server: Session, deliver: Deliver, stream: int
) -> None:
    client.send_data(stream, bytes(INITIAL_WINDOW + 10))
    assert received(deliver(client, server)) == INITIAL_WINDOW
    assert client.pending_bytes(stream) == client.queued_bytes == 10
    assert client.bytes_to_send == 0


def test_what_was_queued_is_sent_when_the_window_opens(
    client: Session, server: Session, deliver: Deliver, stream: int
) -> None:
    client.send_data(stream, bytes(INITIAL_WINDOW) + b"the rest")
    deliver(client, server)
    server.data_consumed(stream, INITIAL_WINDOW)
    assert deliver(server, client) == [WindowOpened(stream, INITIAL_WINDOW)]
    assert deliver(client, server) == [DataReceived(stream, b"the rest")]


def test_the_window_is_given_back_once_half_of_it_is_consumed(
    client: Session, server: Session, deliver: Deliver, frame: Frame, stream: int
) -> None:
    client.send_data(stream, bytes(INITIAL_WINDOW))
    deliver(client, server)
    server.data_consumed(stream, INITIAL_WINDOW // 2 - 1)
    assert server.data_to_send() == b""
    server.data_consumed(stream, 1)
    assert server.data_to_send() == frame("window", "", stream, INITIAL_WINDOW // 2)


def test_updates_of_one_stream_merge_until_they_are_sent(
    client: Session, server: Session, deliver: Deliver, frame: Frame, stream: int
) -> None:
    client.send_data(stream, bytes(INITIAL_WINDOW))
    deliver(client, server)
    server.data_consumed(stream, INITIAL_WINDOW // 2)
    server.data_consumed(stream, INITIAL_WINDOW // 2)
    assert server.data_to_send() == frame("window", "", stream, INITIAL_WINDOW)


def test_what_is_not_consumed_stays_out_of_the_window(
    client: Session, server: Session, deliver: Deliver, stream: int
) -> None:
    client.send_data(stream, bytes(2 * INITIAL_WINDOW))
    deliver(client, server)
    assert server.unconsumed_bytes(stream) == INITIAL_WINDOW
    server.data_consumed(stream, 200_000)
    deliver(server, client)
    assert received(deliver(client, server)) == 200_000
    assert server.unconsumed_bytes(stream) == INITIAL_WINDOW


def test_a_larger_window_is_granted_with_the_first_frame(frame: Frame, deliver: Deliver) -> None:
    limits = Limits(receive_window_bytes=MIB)
    client, server = Session(CLIENT, limits), Session(SERVER, limits)
    stream = client.open_stream()
    opening = client.data_to_send()
    assert opening == frame("window", "SYN", stream, MIB - INITIAL_WINDOW)
    assert server.receive_data(opening) == [StreamOpened(stream), WindowOpened(stream, MIB)]
    server.send_data(stream, bytes(2 * MIB))
    events = deliver(server, client)
    assert events[:2] == [StreamAccepted(stream), WindowOpened(stream, MIB)]
    assert received(events) == MIB


def test_more_than_the_window_breaks_a_rule(server: Session, frame: Frame) -> None:
    server.receive_data(frame("data", "SYN", 1, bytes(INITIAL_WINDOW)))
    with pytest.raises(
        RemoteProtocolError,
        match="data frame of 1 bytes on stream 1, whose receive window has 0 left",
    ):
        server.receive_data(frame("data", "", 1, b"x"))


def test_one_frame_longer_than_the_window_is_refused_by_its_header(
    server: Session, frame: Frame
) -> None:
    header = frame("data", "SYN", 1, bytes(INITIAL_WINDOW + 1))[:12]
    with pytest.raises(RemoteProtocolError, match="whose receive window has 262144 left"):
        server.receive_data(header)


def test_a_window_of_more_than_32_bits_breaks_a_rule(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN", 1, 2**32 - 1 - INITIAL_WINDOW))
    with pytest.raises(RemoteProtocolError, match="together more than 32 bits"):
        server.receive_data(frame("window", "", 1, 1))


def test_an_update_of_nothing_is_not_told(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN", 1))
    assert server.receive_data(frame("window", "", 1, 0)) == []


def test_an_end_behind_a_closed_window_is_not_promised_yet(
    client: Session, server: Session, deliver: Deliver, stream: int
) -> None:
    client.send_data(stream, bytes(INITIAL_WINDOW + 1))
    client.end_stream(stream)
    for consumed in (INITIAL_WINDOW, 1):
        promised = client.bytes_to_send
        data = client.data_to_send()
        assert len(data) == promised
        server.receive_data(data)
        server.data_consumed(stream, consumed)
        deliver(server, client)
    assert client.bytes_to_send == 0


def test_windows_of_streams_are_independent(
    client: Session, server: Session, deliver: Deliver, stream: int
) -> None:
    other = client.open_stream()
    client.send_data(stream, bytes(INITIAL_WINDOW + 1))
    deliver(client, server)
    client.send_data(other, b"not held up")
    assert deliver(client, server) == [DataReceived(other, b"not held up")]


def test_streams_take_turns_frame_by_frame(deliver: Deliver) -> None:
    limits = Limits(data_frame_bytes=10)
    client, server = Session(CLIENT, limits), Session(SERVER)
    first, second = client.open_stream(), client.open_stream()
    deliver(client, server)
    client.send_data(first, bytes(25))
    client.send_data(second, bytes(15))
    events = [event for event in deliver(client, server) if isinstance(event, DataReceived)]
    assert [(event.stream_id, len(event.data)) for event in events] == [
        (first, 10),
        (second, 10),
        (first, 10),
        (second, 5),
        (first, 5),
    ]


def test_no_window_is_given_back_to_a_peer_that_has_ended(server: Session, frame: Frame) -> None:
    server.receive_data(frame("data", "SYN FIN", 1, bytes(INITIAL_WINDOW)))
    server.data_to_send()
    server.data_consumed(1, INITIAL_WINDOW)
    assert server.data_to_send() == b""


def test_consuming_after_the_end_of_the_stream_is_nothing(server: Session) -> None:
    server.data_consumed(1, 5)
    assert server.unconsumed_bytes(1) == 0
    assert server.data_to_send() == b""


@pytest.mark.parametrize("count", [-1, 4])
def test_consuming_what_was_not_received_is_refused(
    server: Session, frame: Frame, count: int
) -> None:
    server.receive_data(frame("data", "SYN", 1, b"abc"))
    with pytest.raises(LocalProtocolError, match=f"stream 1 has 3 unconsumed bytes, not {count}"):
        server.data_consumed(1, count)


@pytest.mark.parametrize("window", [0, INITIAL_WINDOW - 1, 2**32])
def test_a_window_out_of_range_is_refused(window: int) -> None:
    with pytest.raises(
        LocalProtocolError, match=f"receive_window_bytes is {window}, not 262144 to 4294967295"
    ):
        Session(CLIENT, Limits(receive_window_bytes=window))
