"""Peers that break rules, read nothing, or are too many: they lose their connection, and nobody else loses anything."""

import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from goplugin import Client, LogLine
from goplugin.runtime.host import parse_log_line
from goplugin.wire.gob import BOOL, INT, STRING
from goplugin.wire.netrpc import ClientConnection
from goplugin.wire.yamux import DataReceived

Spawn = Callable[..., Any]


def errors_of(plugin: Any) -> list[LogLine]:
    plugin.process.terminate()
    code, err = plugin.end()
    assert code == 0
    return [line for line in map(parse_log_line, err.splitlines()) if line.level == "error"]


Connect = Callable[[Any], Any]

GARBAGE = {
    "no yamux": b"GET / HTTP/1.1\r\nHost: plugin\r\n\r\n",
    "another version": b"\x01" + bytes(11),
    "data on stream 0": struct.pack(">BBHII", 0, 0, 0, 0, 4) + b"data",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_on_a_second_connection_does_not_disturb_the_first(
    spawn: Spawn, connect: Connect, garbage: bytes
) -> None:
    plugin = spawn()
    host = connect(plugin)
    host.ping()
    with plugin.connect() as sock:
        sock.sendall(garbage)
        while sock.recv(4096):
            pass
    host.ping()
    (error,) = errors_of(plugin)
    assert error.message.startswith("closed a session: at byte ")
    host.sock.close()


def test_garbage_in_a_plugins_gob_closes_that_session(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn()
    good, bad = connect(plugin), connect(plugin)
    good.ping()
    bad.send(bad.dispense(), b"\x03\xff\xff\xff this is no gob")
    assert bad.is_closed()
    good.ping()
    (error,) = errors_of(plugin)
    assert error.message.startswith("closed a session: at byte ")


def test_garbage_on_the_control_stream_closes_that_session(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn()
    good, bad = connect(plugin), connect(plugin)
    good.ping()
    bad.send(bad.control, b"\x03\xff\xff\xff this is no gob")
    assert bad.is_closed()
    good.ping()
    assert len(errors_of(plugin)) == 1


def test_a_plugin_lives_on_when_it_was_the_one_to_close(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn()
    bad = connect(plugin)
    bad.send(bad.control, b"\x03\xff\xff\xff this is no gob")
    assert bad.is_closed()
    host = connect(plugin)
    host.ping()
    host.sock.close()
    assert plugin.end()[0] == 0


def test_a_peer_that_reads_no_replies_is_closed_and_the_others_stay(
    spawn: Spawn, connect: Connect
) -> None:
    plugin = spawn(ECHO_LIMITS=json.dumps({"stall_seconds": 0.5}))
    good, stalled = connect(plugin), connect(plugin)
    stream = stalled.dispense()
    _seq, call = ClientConnection().call("Plugin.Large", INT, 3_000_000)
    stalled.send(stream, call)
    good.ping()
    while plugin.process.poll() is None:  # the plugin closes; until then nothing is read
        try:
            stalled.sock.send(struct.pack(">BBHII", 0, 2, 2, 0, 1))
        except OSError:
            break
    good.ping()
    (error,) = errors_of(plugin)
    assert error.message.startswith("closed a session: ")


def test_a_peer_that_gives_no_window_is_closed(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn(ECHO_LIMITS=json.dumps({"stall_seconds": 0.3}))
    host = connect(plugin)
    stream = host.dispense()
    _seq, call = ClientConnection().call("Plugin.Large", INT, 3_000_000)
    host.send(stream, call)
    assert host.is_closed()  # it reads the socket, and never opens the window
    (error,) = errors_of(plugin)
    assert "has not read what waits for it for 0.3 seconds" in error.message


def test_unread_output_is_no_stall(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn(ECHO_LIMITS=json.dumps({"stall_seconds": 0.2}))
    host = connect(plugin)
    stream = host.dispense()
    calls = ClientConnection()
    for _ in range(40):
        host.send(stream, calls.call("Plugin.Write", STRING, "x" * 20_000)[1])
    replies, acknowledgement = 0, 4
    while replies < 40:
        for event in host.session.receive_data(host.sock.recv(65536)):
            if isinstance(event, DataReceived) and event.stream_id == stream:
                host.session.data_consumed(stream, len(event.data))
                replies += len(calls.receive_data(event.data[acknowledgement:]))
                acknowledgement = 0
        host.flush()
    for _ in range(50):
        host.ping()
    host.sock.close()
    assert plugin.end()[0] == 0


def test_calls_on_the_control_stream_whose_answers_nobody_reads_end_the_session(
    spawn: Spawn, connect: Connect
) -> None:
    plugin = spawn()
    host = connect(plugin)
    with pytest.raises(OSError):  # noqa: PT011, PT012 - reset or broken pipe, as the kernel likes
        for _ in range(100):
            calls = ClientConnection()
            data = b"".join(calls.call("Control.Ping", BOOL, args=True)[1] for _ in range(1000))
            host.sock.sendall(struct.pack(">BBHII", 0, 0, 0, host.control, len(data)) + data)
    host.sock.close()
    assert len(errors_of(plugin)) == 1


def test_more_connections_than_allowed_are_refused(spawn: Spawn, connect: Connect) -> None:
    plugin = spawn(ECHO_LIMITS=json.dumps({"connections": 2}))
    first, second = connect(plugin), connect(plugin)
    first.ping()
    second.ping()
    with plugin.connect() as third:
        assert third.recv(1) == b""
    second.sock.close()
    first.ping()
    first.sock.close()
    assert plugin.end()[0] == 0


def test_a_host_that_ends_its_control_stream_keeps_its_services(client: Client) -> None:
    service = client.dispense("Echo")
    connection = client._connection
    assert connection is not None
    connection.control.close()
    assert service.call("Plugin.Echo", STRING, "x") == "x"
