"""What a plugin prints, and what it logs."""

import sys
from collections.abc import Callable

from goplugin import Client, LogLine
from goplugin.runtime._channel import Channel
from goplugin.runtime._stdio import OutputBuffer, StreamPump, text_stream
from goplugin.wire.gob import STRING


def test_prints_travel_on_the_streams_and_logs_on_stderr(
    make_client: Callable[..., Client], until: Callable[..., None]
) -> None:
    out: list[bytes] = []
    err: list[bytes] = []
    logs: list[LogLine] = []
    client = make_client(on_stdout=out.append, on_stderr=err.append, on_log=logs.append)
    client.start()
    client.dispense("Echo").call("Plugin.Write", STRING, "ä")
    until(lambda: out and err and logs)
    assert b"".join(out) == "out ä\n".encode()
    assert b"".join(err) == "err ä\n".encode()
    (line,) = logs
    assert (line.level, line.message) == ("warn", "log ä")
    assert line.fields == {"@module": "goplugin", "answer": 42}
    assert line.timestamp.endswith("Z")


def test_what_is_printed_last_still_comes(make_client: Callable[..., Client]) -> None:
    out: list[bytes] = []
    client = make_client(on_stdout=out.append)
    client.start()
    service = client.dispense("Echo")
    for number in range(20):
        service.call("Plugin.Write", STRING, str(number))
    assert client.quit() == 0
    client.kill()
    assert b"".join(out).splitlines()[-1] == b"out 19"


def test_a_callback_that_fails_does_not_end_the_client(
    make_client: Callable[..., Client], caplog: object
) -> None:
    def fail(_what: object) -> None:
        raise LookupError("a callback's own error")

    client = make_client(on_stdout=fail, on_log=fail)
    client.start()
    service = client.dispense("Echo")
    service.call("Plugin.Write", STRING, "x")
    assert client.quit() == 0


def test_a_buffer_hands_out_what_it_was_given() -> None:
    woken: list[bool] = []
    buffer = OutputBuffer(lambda: woken.append(True))
    buffer.write(b"")
    buffer.write(b"one ")
    buffer.write(b"two")
    assert woken == [True]
    assert len(buffer) == 7
    assert buffer.take() == b"one two"
    assert buffer.take() == b""


def test_a_full_buffer_drops_its_oldest_bytes_and_says_how_many() -> None:
    buffer = OutputBuffer(lambda: None, capacity=10)
    for word in (b"1111", b"2222", b"3333"):
        buffer.write(word)
    notice, data = buffer.take().rsplit(b"\n", 1)
    assert b"4 bytes of output were dropped" in notice
    assert data == b"22223333"
    buffer.write(b"4" * 25)
    assert b"15 bytes" in buffer.take()
    assert buffer.take() == b""


def test_the_stream_in_the_place_of_stdout_behaves_like_a_file() -> None:
    buffer = OutputBuffer(lambda: None)
    stream = text_stream(buffer, "<stdout>")
    print("tëxt", "\udcff", end="", file=stream)
    assert buffer.take() == "tëxt \\udcff".encode()
    assert stream.name == "<stdout>"
    assert stream.writable()
    assert not stream.isatty()
    assert stream.encoding == sys.getdefaultencoding()


class FakeCarrier:
    """Holds posted calls, as a connection does whose peer reads nothing."""

    def __init__(self) -> None:
        self.posted: list[Callable[[], None]] = []

    def post(self, callback: Callable[[], None]) -> None:
        self.posted.append(callback)

    def service(self, channel: Channel) -> None:
        raise NotImplementedError

    def reset(self, channel: Channel) -> None:
        raise NotImplementedError


def test_output_waits_in_the_buffer_while_the_host_reads_nothing() -> None:
    buffer = OutputBuffer(lambda: None, capacity=100_000)
    pump = StreamPump(buffer)
    channel = Channel(2, FakeCarrier())
    pump.pump()
    pump.attach(channel)
    buffer.write(b"x" * 50_000)
    pump.pump()
    assert channel.unsent == 50_000
    buffer.write(b"y" * 150_000)
    pump.pump()
    assert channel.unsent == 50_000
    assert len(buffer) == 100_000


def test_a_second_host_does_not_take_the_output_of_the_first() -> None:
    buffer = OutputBuffer(lambda: None)
    pump = StreamPump(buffer)
    first, second = Channel(2, FakeCarrier()), Channel(2, FakeCarrier())
    pump.attach(first)
    pump.attach(second)
    buffer.write(b"x")
    pump.pump()
    assert (first.unsent, second.unsent) == (1, 0)
    first.break_off(ConnectionError("gone"))
    third = Channel(2, FakeCarrier())
    pump.attach(third)
    buffer.write(b"y")
    pump.pump()
    assert third.unsent == 1


def test_the_last_output_goes_before_the_end() -> None:
    buffer = OutputBuffer(lambda: None)
    pump = StreamPump(buffer)
    channel = Channel(2, FakeCarrier())
    pump.attach(channel)
    buffer.write(b"x" * 50_000)
    pump.pump()
    buffer.write(b"last")
    pump.finish()
    pump.finish()
    assert channel.unsent == 50_004


def test_small_amounts_of_room_are_told_of_together() -> None:
    carrier = FakeCarrier()
    channel = Channel(2, carrier)
    for _ in range(10):
        channel.consumed(1_000)
    assert carrier.posted == []
    channel.consumed(64 * 1024)
    channel.consumed(64 * 1024)
    assert len(carrier.posted) == 1
    assert channel.take_eaten() == 10_000 + 128 * 1024


def test_room_that_was_not_told_of_goes_along_with_what_is_sent() -> None:
    carrier = FakeCarrier()
    channel = Channel(2, carrier)
    channel.consumed(1_000)
    channel.send(b"reply")
    assert len(carrier.posted) == 1
    assert channel.take_eaten() == 1_000
