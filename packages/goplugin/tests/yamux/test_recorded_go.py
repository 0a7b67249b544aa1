"""What two sessions of hashicorp/yamux v0.1.1 said to each other, played again with our own; needs no Go.

The frames were recorded by `go run ./cmd/yamuxpeer record` in tests/conformance.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from goplugin.wire import Limits
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
    Session,
    StreamAccepted,
    StreamEnded,
    StreamOpened,
    StreamReset,
    WindowOpened,
)

MIB = 1024 * 1024
RECORDINGS = json.loads((Path(__file__).parent / "recordings" / "go-yamux-0.1.1.json").read_text())


def recorded(scene: str, side: str) -> bytes:
    """All bytes that one side of a scene wrote."""
    (recording,) = [recording for recording in RECORDINGS if recording["scene"] == scene]
    return b"".join(_frame(frame) for frame in recording[side])


def _frame(text: str) -> bytes:
    header, _, data = text.partition(" ")
    zeros, star, _ = data.partition("*")
    return bytes.fromhex(header) + (bytes(int(zeros)) if star else bytes.fromhex(data))


class Stage:
    """Two sessions of ours that keep what they say."""

    def __init__(self, limits: Limits) -> None:
        self.client, self.server = Session(CLIENT, limits), Session(SERVER, limits)
        self.said = {"client": b"", "server": b""}

    def exchange(self) -> None:
        for name, speaker, listener in (
            ("client", self.client, self.server),
            ("server", self.server, self.client),
            ("client", self.client, self.server),
        ):
            said = speaker.data_to_send()
            self.said[name] += said
            for event in listener.receive_data(said):
                if isinstance(event, DataReceived):
                    listener.data_consumed(event.stream_id, len(event.data))


def play_talk(stage: Stage) -> None:
    stream = stage.client.open_stream()
    stage.exchange()
    stage.client.send_data(stream, b"hello")
    stage.client.end_stream(stream)
    stage.exchange()
    stage.server.send_data(stream, b"hello yourself")
    stage.server.end_stream(stream)
    stage.exchange()


def play_beyond_window(stage: Stage) -> None:
    stream = stage.client.open_stream()
    stage.exchange()
    stage.client.send_data(stream, bytes(INITIAL_WINDOW + 1))
    stage.client.end_stream(stream)
    stage.exchange()


def play_pings(stage: Stage) -> None:
    for session in (stage.client, stage.server, stage.client):
        session.ping()
        stage.exchange()


def play_go_away(stage: Stage) -> None:
    stage.client.open_stream()
    stage.exchange()
    stage.server.go_away()
    stage.exchange()


def play_close_timeout(stage: Stage) -> None:
    stream = stage.client.open_stream()
    stage.exchange()
    stage.client.end_stream(stream)
    stage.exchange()
    stage.client.reset_stream(stream)
    stage.exchange()


@pytest.mark.parametrize(
    ("scene", "play", "limits"),
    [
        ("open, talk, end", play_talk, Limits()),
        ("larger window", play_talk, Limits(receive_window_bytes=MIB)),
        ("beyond the window", play_beyond_window, Limits(data_frame_bytes=INITIAL_WINDOW)),
        ("ping both ways", play_pings, Limits()),
        ("go away", play_go_away, Limits()),
        ("close timeout", play_close_timeout, Limits()),
    ],
)
@pytest.mark.parametrize("side", ["client", "server"])
def test_we_say_what_go_says_byte_for_byte(
    scene: str, play: Callable[[Stage], None], limits: Limits, side: str
) -> None:
    stage = Stage(limits)
    play(stage)
    assert stage.said[side] == recorded(scene, side)


ZEROS = bytes(INITIAL_WINDOW)


@pytest.mark.parametrize(
    ("scene", "events"),
    [
        ("open, talk, end", [StreamOpened(1), DataReceived(1, b"hello"), StreamEnded(1)]),
        (
            "larger window",
            [StreamOpened(1), WindowOpened(1, MIB), DataReceived(1, b"hello"), StreamEnded(1)],
        ),
        ("ping both ways", [PingReceived(0), PingReceived(1)]),
        ("go away", [StreamOpened(1)]),
        ("backlog exceeded", [StreamOpened(1), StreamOpened(3)]),
        ("close timeout", [StreamOpened(1), StreamEnded(1), StreamReset(1)]),
    ],
)
def test_a_server_of_ours_understands_gos_client(scene: str, events: list[Event]) -> None:
    assert Session(SERVER).receive_data(recorded(scene, "client")) == events


@pytest.mark.parametrize(
    ("scene", "events"),
    [
        (
            "open, talk, end",
            [StreamAccepted(1), DataReceived(1, b"hello yourself"), StreamEnded(1)],
        ),
        (
            "larger window",
            [
                StreamAccepted(1),
                WindowOpened(1, MIB),
                DataReceived(1, b"hello yourself"),
                StreamEnded(1),
            ],
        ),
        ("beyond the window", [StreamAccepted(1), WindowOpened(1, 2 * INITIAL_WINDOW)]),
        ("ping both ways", [PingAcknowledged(0), PingReceived(0), PingAcknowledged(1)]),
        ("go away", [StreamAccepted(1), GoAwayReceived(GoAwayCode.NORMAL)]),
        ("backlog exceeded", [StreamReset(3)]),
        ("close timeout", [StreamAccepted(1)]),
    ],
)
def test_a_client_of_ours_understands_gos_server(scene: str, events: list[Event]) -> None:
    client = Session(CLIENT)
    client.open_stream()
    client.open_stream()
    client.ping()
    client.ping()
    client.data_to_send()
    assert client.receive_data(recorded(scene, "server")) == events


def test_gos_data_beyond_the_window_comes_after_the_update() -> None:
    sent = recorded("beyond the window", "client")
    first_window = 12 + 12 + INITIAL_WINDOW
    server = Session(SERVER)
    assert server.receive_data(sent[:first_window]) == [StreamOpened(1), DataReceived(1, ZEROS)]
    server.data_consumed(1, INITIAL_WINDOW)
    server.data_to_send()
    assert server.receive_data(sent[first_window:]) == [DataReceived(1, b"\0"), StreamEnded(1)]
