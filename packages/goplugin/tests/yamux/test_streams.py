"""Opening, talking, ending and resetting streams."""

from collections.abc import Callable

import pytest

from goplugin.wire import LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    DataReceived,
    Event,
    Session,
    StreamAccepted,
    StreamEnded,
    StreamOpened,
    StreamReset,
)

Deliver = Callable[[Session, Session], list[Event]]
Frame = Callable[..., bytes]


def test_a_client_opens_odd_ids_and_a_server_even_ones(client: Session, server: Session) -> None:
    assert [client.open_stream() for _ in range(3)] == [1, 3, 5]
    assert [server.open_stream() for _ in range(3)] == [2, 4, 6]


def test_a_stream_is_opened_with_a_syn_and_acknowledged(
    client: Session, server: Session, deliver: Deliver, frame: Frame
) -> None:
    stream = client.open_stream()
    opening = client.data_to_send()
    assert opening == frame("window", "SYN", stream)
    assert server.receive_data(opening) == [StreamOpened(stream)]
    answer = server.data_to_send()
    assert answer == frame("window", "ACK", stream)
    assert client.receive_data(answer) == [StreamAccepted(stream)]


def test_streams_are_opened_on_the_wire_in_the_order_of_their_ids(
    client: Session, server: Session, deliver: Deliver
) -> None:
    ids = [client.open_stream() for _ in range(3)]
    client.send_data(ids[2], b"x")
    events = deliver(client, server)
    assert events == [*(StreamOpened(stream) for stream in ids), DataReceived(ids[2], b"x")]


def test_data_may_be_sent_before_the_acknowledgement(
    client: Session, server: Session, deliver: Deliver
) -> None:
    stream = client.open_stream()
    client.send_data(stream, b"at once")
    assert deliver(client, server) == [StreamOpened(stream), DataReceived(stream, b"at once")]


def test_data_may_arrive_before_the_acknowledgement(client: Session, frame: Frame) -> None:
    stream = client.open_stream()
    client.data_to_send()
    assert client.receive_data(frame("data", "", stream, b"early")) == [
        DataReceived(stream, b"early")
    ]


def test_syn_and_ack_may_ride_on_data(client: Session, server: Session, frame: Frame) -> None:
    assert server.receive_data(frame("data", "SYN", 1, b"a")) == [
        StreamOpened(1),
        DataReceived(1, b"a"),
    ]
    stream = client.open_stream()
    client.data_to_send()
    events = client.receive_data(frame("data", "ACK", stream, b"b"))
    assert events == [StreamAccepted(stream), DataReceived(stream, b"b")]


def test_an_acknowledgement_that_nobody_waits_for_is_ignored(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN", 1))
    assert server.receive_data(frame("window", "ACK", 1)) == []
    server.data_to_send()
    assert server.receive_data(frame("window", "ACK", 1)) == []


def test_empty_data_is_nothing(
    client: Session, server: Session, deliver: Deliver, frame: Frame
) -> None:
    stream = client.open_stream()
    deliver(client, server)
    client.send_data(stream, b"")
    assert client.bytes_to_send == 0
    assert server.receive_data(frame("data", "", stream, b"")) == []


def test_the_first_to_end_a_stream_can_still_receive(
    client: Session, server: Session, deliver: Deliver
) -> None:
    stream = client.open_stream()
    client.send_data(stream, b"question")
    client.end_stream(stream)
    assert deliver(client, server)[1:] == [DataReceived(stream, b"question"), StreamEnded(stream)]
    server.send_data(stream, b"answer")
    server.end_stream(stream)
    assert deliver(server, client)[1:] == [DataReceived(stream, b"answer"), StreamEnded(stream)]
    assert client.open_streams == server.open_streams == 0


def test_the_end_waits_for_the_queued_data(
    client: Session, server: Session, deliver: Deliver
) -> None:
    stream = client.open_stream()
    client.send_data(stream, b"x" * 300_000)
    client.end_stream(stream)
    assert StreamEnded(stream) not in deliver(client, server)
    server.data_consumed(stream, 262_144)
    deliver(server, client)
    assert deliver(client, server)[-1] == StreamEnded(stream)


def test_the_end_may_ride_on_data_of_any_length(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN", 1) + frame("window", "SYN", 3))
    assert server.receive_data(frame("data", "FIN", 1, b"bye")) == [
        DataReceived(1, b"bye"),
        StreamEnded(1),
    ]
    assert server.receive_data(frame("data", "FIN", 3, b"")) == [StreamEnded(3)]


def test_an_end_that_rides_on_data_is_told_after_its_last_byte(
    server: Session, frame: Frame
) -> None:
    whole = frame("data", "SYN FIN", 1, b"bye")
    assert server.receive_data(whole[:-1]) == [StreamOpened(1), DataReceived(1, b"by")]
    assert server.receive_data(whole[-1:]) == [DataReceived(1, b"e"), StreamEnded(1)]


def test_a_stream_may_be_opened_and_ended_in_one_frame(
    server: Session, client: Session, frame: Frame
) -> None:
    assert server.receive_data(frame("window", "SYN FIN", 1)) == [StreamOpened(1), StreamEnded(1)]
    server.send_data(1, b"late answer")
    server.end_stream(1)
    assert server.data_to_send() == (
        frame("window", "ACK", 1) + frame("data", "", 1, b"late answer") + frame("window", "FIN", 1)
    )
    assert server.open_streams == 0


def test_a_second_end_breaks_a_rule(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN FIN", 1))
    with pytest.raises(
        RemoteProtocolError, match="RECEIVE_FIN on stream 1 in state REMOTE_CLOSED"
    ) as caught:
        server.receive_data(frame("window", "FIN", 1))
    assert caught.value.offset == 12
    assert caught.value.rule == "RECEIVE_FIN on stream 1 in state REMOTE_CLOSED"


def test_a_second_end_on_data_breaks_a_rule_before_the_data_is_told(
    server: Session, frame: Frame
) -> None:
    server.receive_data(frame("window", "SYN FIN", 1))
    with pytest.raises(RemoteProtocolError, match="RECEIVE_FIN"):
        server.receive_data(frame("data", "FIN", 1, b"x"))


def test_data_after_the_end_is_dropped_within_the_window(server: Session, frame: Frame) -> None:
    """Go's Write and Close may race, so it is no offence."""
    server.receive_data(frame("window", "SYN FIN", 1))
    assert server.receive_data(frame("data", "", 1, b"late")) == []
    with pytest.raises(RemoteProtocolError, match="receive window has 262140 left"):
        server.receive_data(frame("data", "", 1, b"x" * 262_144))


def test_a_reset_is_told_and_drops_what_is_queued(
    client: Session, server: Session, deliver: Deliver
) -> None:
    stream = client.open_stream()
    deliver(client, server)
    deliver(server, client)
    server.send_data(stream, b"never read")
    client.reset_stream(stream)
    assert deliver(client, server) == [StreamReset(stream)]
    assert server.bytes_to_send == 0
    assert server.pending_bytes(stream) == 0
    assert client.open_streams == server.open_streams == 0


def test_an_answer_to_data_that_came_together_with_a_reset_is_dropped(
    server: Session, frame: Frame
) -> None:
    """Who works off the events one by one has not seen the reset yet."""
    assert server.receive_data(frame("data", "SYN", 1, b"x") + frame("window", "RST", 1)) == [
        StreamOpened(1),
        DataReceived(1, b"x"),
        StreamReset(1),
    ]
    server.data_consumed(1, 1)
    server.send_data(1, b"answer")
    server.end_stream(1)
    assert server.bytes_to_send == 0
    server.receive_data(b"")
    with pytest.raises(LocalProtocolError, match="stream 1 is not open"):
        server.send_data(1, b"answer")


def test_a_stream_that_the_peer_never_heard_of_is_reset_in_silence(client: Session) -> None:
    stream = client.open_stream()
    client.send_data(stream, b"changed my mind")
    client.reset_stream(stream)
    assert client.data_to_send() == b""
    assert client.open_stream() == stream + 2


def test_resetting_a_stream_that_is_over_is_nothing(client: Session) -> None:
    client.reset_stream(1)
    assert client.data_to_send() == b""


def test_frames_of_a_reset_stream_are_discarded(
    client: Session, server: Session, deliver: Deliver, frame: Frame
) -> None:
    stream = client.open_stream()
    deliver(client, server)
    server.send_data(stream, b"under way")
    server.end_stream(stream)
    client.reset_stream(stream)
    assert deliver(server, client) == []
    assert client.receive_data(frame("data", "", stream, b"more") + frame("ping", "ACK")) == []


def test_a_reset_on_a_frame_with_data_drops_the_data(server: Session, frame: Frame) -> None:
    events = server.receive_data(
        frame("data", "SYN RST", 1, b"data") + frame("data", "SYN FIN", 3, b"x")
    )
    assert events == [
        StreamOpened(1),
        StreamReset(1),
        StreamOpened(3),
        DataReceived(3, b"x"),
        StreamEnded(3),
    ]


def test_a_reset_that_follows_the_end_in_one_frame_is_not_told_twice(
    client: Session, frame: Frame
) -> None:
    stream = client.open_stream()
    client.end_stream(stream)
    client.data_to_send()
    events = client.receive_data(frame("window", "FIN RST", stream))
    assert events == [StreamEnded(stream)]
    assert client.open_streams == 0


def test_data_that_arrives_while_its_stream_is_reset_here_is_discarded(
    server: Session, frame: Frame
) -> None:
    whole = frame("data", "SYN", 1, b"first half, second half")
    server.receive_data(whole[:24])
    server.reset_stream(1)
    assert server.receive_data(whole[24:]) == []


def test_a_stream_id_may_be_used_again_after_its_stream_is_over(
    server: Session, frame: Frame
) -> None:
    server.receive_data(frame("window", "SYN", 1) + frame("window", "RST", 1))
    assert server.receive_data(frame("window", "SYN", 1)) == [StreamOpened(1)]
    assert server.data_to_send() == frame("window", "ACK", 1)


@pytest.mark.parametrize(
    ("opening", "rule"),
    [
        (("window", "SYN", 2), "SYN for stream 2, whose parity is ours"),
        (("data", "SYN", 0), "DATA frame on stream 0"),
        (("window", "SYN", 0), "WINDOW_UPDATE frame on stream 0"),
        (("data", "", 0), "DATA frame on stream 0"),
        (("window", "SYN", 1), "SYN for stream 1, which is open"),
    ],
)
def test_a_stream_that_the_peer_may_not_open(
    server: Session, frame: Frame, opening: tuple[str, str, int], rule: str
) -> None:
    server.receive_data(frame("window", "SYN", 1))
    with pytest.raises(RemoteProtocolError, match=rule):
        server.receive_data(frame(*opening))


@pytest.mark.parametrize("flags", ["", "ACK", "FIN", "RST"])
@pytest.mark.parametrize("kind", ["window", "data"])
def test_a_peer_cannot_know_a_stream_before_its_syn_is_sent(
    client: Session, frame: Frame, kind: str, flags: str
) -> None:
    stream = client.open_stream()
    with pytest.raises(RemoteProtocolError, match="in state INIT"):
        client.receive_data(frame(kind, flags, stream))


def test_frames_of_streams_that_never_were_are_discarded(server: Session, frame: Frame) -> None:
    """As in Go, which cannot tell them from streams that it has reset."""
    data = frame("data", "", 7, b"???") + frame("window", "FIN", 9) + frame("window", "RST", 2)
    assert server.receive_data(data + frame("window", "SYN", 1)) == [StreamOpened(1)]


@pytest.mark.parametrize("stream_id", [1, 3])
def test_sending_on_a_stream_that_is_not_open_is_refused(
    client: Session, server: Session, deliver: Deliver, stream_id: int
) -> None:
    client.open_stream()
    deliver(client, server)
    client.reset_stream(1)
    with pytest.raises(LocalProtocolError, match=f"stream {stream_id} is not open"):
        client.send_data(stream_id, b"x")
    with pytest.raises(LocalProtocolError, match=f"stream {stream_id} is not open"):
        client.end_stream(stream_id)


def test_sending_after_the_end_is_refused(client: Session) -> None:
    stream = client.open_stream()
    client.end_stream(stream)
    with pytest.raises(LocalProtocolError, match="was ended by us"):
        client.send_data(stream, b"x")
    with pytest.raises(LocalProtocolError, match="was ended by us"):
        client.end_stream(stream)


def test_a_window_that_opens_after_our_end_sends_no_second_end(
    client: Session, server: Session, deliver: Deliver, frame: Frame
) -> None:
    stream = client.open_stream()
    client.end_stream(stream)
    deliver(client, server)
    client.receive_data(frame("window", "ACK", stream, 1000))
    assert client.bytes_to_send == 0


def test_stream_ids_run_out(client: Session) -> None:
    client._core.next_id = 2**32 - 3
    assert client.open_stream() == 2**32 - 3
    with pytest.raises(LocalProtocolError, match="all stream ids of this session are used"):
        client.open_stream()
