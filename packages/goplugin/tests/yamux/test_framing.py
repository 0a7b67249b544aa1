"""Headers, and frames that arrive in pieces."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goplugin.wire import LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    SERVER,
    DataReceived,
    Event,
    GoAwayCode,
    GoAwayReceived,
    PingReceived,
    Session,
    StreamEnded,
    StreamOpened,
)

Frame = Callable[..., bytes]


def test_another_version_breaks_a_rule(server: Session, frame: Frame) -> None:
    with pytest.raises(RemoteProtocolError, match="yamux version is 1, expected 0") as caught:
        server.receive_data(frame("ping", "SYN") + b"\x01" + bytes(11))
    assert caught.value.offset == 12
    assert str(caught.value) == "at byte 12: yamux version is 1, expected 0"


def test_an_unknown_type_breaks_a_rule(server: Session) -> None:
    with pytest.raises(RemoteProtocolError, match="yamux frame type is 4, expected 0 to 3"):
        server.receive_data(b"\x00\x04" + bytes(10))


def test_flags_that_are_not_defined_are_ignored(server: Session) -> None:
    assert server.receive_data(bytes.fromhex("0001fff10000000100000000")) == [StreamOpened(1)]


def test_a_broken_rule_is_answered_with_a_go_away_and_closes_the_session(
    server: Session, frame: Frame
) -> None:
    server.receive_data(frame("window", "SYN", 1))
    server.data_to_send()
    server.send_data(1, b"too late")
    with pytest.raises(RemoteProtocolError):
        server.receive_data(b"\x09" * 12)
    assert server.is_closed
    assert server.data_to_send() == frame("go away", "", 0, 1)
    with pytest.raises(
        LocalProtocolError, match="the session is closed: at byte 12: yamux version is 9"
    ):
        server.receive_data(b"")


def test_a_frame_that_is_half_sent_is_completed_before_the_go_away(
    server: Session, frame: Frame
) -> None:
    server.receive_data(frame("window", "SYN", 1))
    server.data_to_send()
    server.send_data(1, b"half a frame")
    sent = server.data_to_send(16)
    with pytest.raises(RemoteProtocolError):
        server.receive_data(b"\x09" * 12)
    sent += server.data_to_send()
    assert sent == frame("data", "", 1, b"half a frame") + frame("go away", "", 0, 1)


def _scene(frame: Frame) -> bytes:
    return (
        frame("window", "SYN", 1)
        + frame("data", "", 1, b"hello, ")
        + frame("ping", "SYN", 0, 77)
        + frame("data", "SYN", 3, b"other")
        + frame("data", "FIN", 1, b"world")
        + frame("data", "", 5, b"nobody's")
        + frame("go away")
    )


def _summary(events: list[Event]) -> tuple[list[Event], dict[int, bytes]]:
    """Events without data, and all data of each stream: what does not depend on where the bytes were cut."""
    data: dict[int, bytes] = {}
    for event in events:
        if isinstance(event, DataReceived):
            assert event.data
            data[event.stream_id] = data.get(event.stream_id, b"") + event.data
    return [event for event in events if not isinstance(event, DataReceived)], data


EXPECTED = (
    [
        StreamOpened(1),
        PingReceived(77),
        StreamOpened(3),
        StreamEnded(1),
        GoAwayReceived(GoAwayCode.NORMAL),
    ],
    {1: b"hello, world", 3: b"other"},
)


def test_frames_may_be_cut_at_every_byte(frame: Frame) -> None:
    scene = _scene(frame)
    for cut in range(len(scene) + 1):
        session = Session(SERVER)
        events = session.receive_data(scene[:cut]) + session.receive_data(scene[cut:])
        assert _summary(events) == EXPECTED


def test_frames_may_arrive_byte_by_byte(server: Session, frame: Frame) -> None:
    events = [event for byte in _scene(frame) for event in server.receive_data(bytes([byte]))]
    assert _summary(events) == EXPECTED


@settings(deadline=None)
@given(data=st.binary(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=10))
def test_any_bytes_cut_anywhere_mean_the_same(data: bytes, cuts: list[int]) -> None:
    places = sorted(cut for cut in cuts if cut < len(data))
    pieces = [
        data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)
    ]
    assert _outcome([data]) == _outcome(pieces)


def _outcome(pieces: list[bytes]) -> object:
    session = Session(SERVER)
    events: list[Event] = []
    try:
        for piece in pieces:
            if session.is_closed:
                break
            events += session.receive_data(piece)
    except RemoteProtocolError as error:
        return error.rule, error.offset
    return _summary(events)


def test_a_session_knows_that_the_rest_of_a_frame_is_on_its_way(
    server: Session, frame: Frame
) -> None:
    server.receive_data(frame("window", "SYN", 1))
    assert not server.is_inside_frame
    data = frame("data", "", 1, b"abc")
    for piece in (data[:12], data[12:13], data[13:14]):
        server.receive_data(piece)
        assert server.is_inside_frame
    server.receive_data(data[14:])
    assert not server.is_inside_frame
