"""Pings and go aways."""

from collections.abc import Callable

import pytest

from goplugin.wire import LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    DataReceived,
    Event,
    GoAwayCode,
    GoAwayReceived,
    PingAcknowledged,
    PingReceived,
    Session,
    StreamReset,
)

Deliver = Callable[[Session, Session], list[Event]]
Frame = Callable[..., bytes]


def test_pings_go_both_ways(client: Session, server: Session, deliver: Deliver) -> None:
    for asking, asked in ((client, server), (server, client)):
        ping = asking.ping()
        assert deliver(asking, asked) == [PingReceived(ping)]
        assert deliver(asked, asking) == [PingAcknowledged(ping)]


def test_pings_have_ids_of_their_own(client: Session, server: Session, deliver: Deliver) -> None:
    pings = [client.ping() for _ in range(3)]
    assert len(set(pings)) == 3
    deliver(client, server)
    assert deliver(server, client) == [PingAcknowledged(ping) for ping in pings]


def test_a_ping_is_answered_with_its_own_value(server: Session, frame: Frame) -> None:
    server.receive_data(frame("ping", "SYN", 0, 0xDEADBEEF))
    assert server.data_to_send() == frame("ping", "ACK", 0, 0xDEADBEEF)


@pytest.mark.parametrize("flags", ["ACK", ""])
def test_an_answer_that_was_not_asked_for_is_ignored(
    server: Session, frame: Frame, flags: str
) -> None:
    assert server.receive_data(frame("ping", flags, 0, 5)) == []


def test_ping_ids_wrap_at_32_bits(client: Session) -> None:
    client._next_ping = 2**32 - 1
    assert [client.ping(), client.ping()] == [2**32 - 1, 0]


def test_a_ping_overtakes_queued_data(client: Session, frame: Frame) -> None:
    stream = client.open_stream()
    client.send_data(stream, bytes(100))
    client.ping()
    assert client.data_to_send(12) == frame("ping", "SYN", 0, 0)


def test_after_a_go_away_open_streams_go_on_and_new_ones_are_reset(
    client: Session, server: Session, deliver: Deliver
) -> None:
    stream = client.open_stream()
    deliver(client, server)
    server.go_away()
    late = client.open_stream()
    client.send_data(stream, b"still here")
    assert deliver(client, server) == [DataReceived(stream, b"still here")]
    events = deliver(server, client)
    assert GoAwayReceived(GoAwayCode.NORMAL) in events
    assert events[-1] != StreamReset(stream)
    assert StreamReset(late) in events
    assert not client.is_closed
    assert not server.is_closed


def test_no_stream_is_opened_after_the_peers_go_away(
    client: Session, server: Session, deliver: Deliver
) -> None:
    server.go_away()
    assert deliver(server, client) == [GoAwayReceived(GoAwayCode.NORMAL)]
    with pytest.raises(LocalProtocolError, match="takes no new streams; open a new connection"):
        client.open_stream()


def test_we_may_open_streams_after_our_own_go_away(client: Session) -> None:
    client.go_away()
    assert client.open_stream() == 1


@pytest.mark.parametrize("code", [GoAwayCode.PROTOCOL_ERROR, GoAwayCode.INTERNAL_ERROR])
def test_a_go_away_for_an_error_ends_the_session_at_both_ends(
    client: Session, server: Session, deliver: Deliver, frame: Frame, code: GoAwayCode
) -> None:
    stream = client.open_stream()
    deliver(client, server)
    server.send_data(stream, b"dropped")
    server.go_away(code)
    assert server.is_closed
    last_words = server.data_to_send()
    assert last_words == frame("go away", "", 0, code)
    assert client.receive_data(last_words + frame("ping", "SYN")) == [GoAwayReceived(code)]
    assert client.is_closed
    for session, cause in ((client, "the peer sent"), (server, "we sent")):
        with pytest.raises(LocalProtocolError, match=f"closed: {cause} a go away with {code.name}"):
            session.open_stream()


def test_an_unknown_go_away_breaks_a_rule(server: Session, frame: Frame) -> None:
    with pytest.raises(RemoteProtocolError, match="go away code is 3, expected 0 to 2"):
        server.receive_data(frame("go away", "", 0, 3))


def test_a_closed_session_takes_nothing_more(server: Session, frame: Frame) -> None:
    server.receive_data(frame("window", "SYN", 1))
    server.go_away(GoAwayCode.INTERNAL_ERROR)
    server.data_to_send()
    server.reset_stream(1)
    server.data_consumed(1, 1)
    assert server.pending_bytes(1) == server.open_streams == server.queued_bytes == 0
    actions: list[Callable[[], object]] = [
        server.open_stream,
        server.ping,
        server.go_away,
        lambda: server.send_data(1, b"x"),
        lambda: server.end_stream(1),
        lambda: server.receive_data(b""),
    ]
    for action in actions:
        with pytest.raises(LocalProtocolError, match="the session is closed"):
            action()
    assert server.data_to_send() == b""
