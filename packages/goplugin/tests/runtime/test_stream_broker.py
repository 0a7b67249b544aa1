"""Brokered streams: ids, the four bytes, and those who do not come."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from goplugin import (
    DEFAULT_LIMITS,
    BrokerTimeout,
    Method,
    MuxBroker,
    PluginError,
    Service,
    SessionClosed,
)
from goplugin.runtime import _stream_broker
from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._service import Serving
from goplugin.runtime._stream_broker import StreamBroker
from goplugin.runtime._work import WorkLoop
from goplugin.wire.gob import STRING


class Ends:
    """A broker on each side of a connection, and coroutines run where a plugin's handlers run."""

    def __init__(self, pair: Any, work: WorkLoop) -> None:
        self.pair = pair
        self.work = work
        self.violations: list[Exception] = []
        serving = Serving(
            work, DEFAULT_LIMITS, logging.getLogger("goplugin"), self.violations.append
        )
        self.streams = [
            StreamBroker(peer.connection, pair.reactor) for peer in (pair.client, pair.server)
        ]
        pair.client.take, pair.server.take = (one.incoming for one in self.streams)
        self.client, self.server = (MuxBroker(one, serving) for one in self.streams)

    def run(self, coroutine: Any) -> Any:
        """Runs a coroutine on the work loop and returns what it returns."""
        future: Future[Any] = Future()

        async def settle() -> None:
            try:
                future.set_result(await coroutine)
            except Exception as error:  # noqa: BLE001 - it is the caller's
                future.set_exception(error)

        self.work.post(lambda: self.work.spawn(settle()))
        return future.result(30)


@pytest.fixture
def ends(pair: Any, work: WorkLoop) -> Ends:
    return Ends(pair, work)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stream_broker, "BROKER_SECONDS", 0.05)


async def both(one: Any, other: Any) -> Any:
    return await asyncio.gather(one, other)


def test_ids_are_given_out_once(ends: Ends) -> None:
    assert [ends.client.next_id() for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("first", ["dial", "accept"])
def test_a_stream_is_found_by_its_id_whoever_comes_first(ends: Ends, first: str) -> None:
    async def meet() -> Any:
        other = asyncio.ensure_future(
            ends.client.dial(7) if first == "dial" else ends.server.accept(7)
        )
        await asyncio.sleep(0.05)
        late = await (ends.server.accept(7) if first == "dial" else ends.client.dial(7))
        early = await other
        await early.send(b"hello")
        assert await late.receive() == b"hello"
        await late.send(bytes(3_000_000))
        late.finish()
        size = 0
        while data := await early.receive():
            size += len(data)
        early.finish()
        return size, await late.receive()

    assert ends.run(meet()) == (3_000_000, b"")


def test_a_stream_that_is_reset_raises_for_its_reader_and_its_writer(ends: Ends) -> None:
    async def meet() -> None:
        ours, theirs = await both(ends.client.dial(1), ends.server.accept(1))
        reading = asyncio.ensure_future(theirs.receive())
        ours.reset()
        with pytest.raises(SessionClosed, match="reset by the peer"):
            await reading
        with pytest.raises(SessionClosed):
            await theirs.send(b"x")

    ends.run(meet())


def test_a_writer_waits_for_room(ends: Ends) -> None:
    async def meet() -> bool:
        ours, theirs = await both(ends.client.dial(1), ends.server.accept(1))
        await ours.send(bytes(4_000_000))
        writing = asyncio.ensure_future(ours.send(b"end"))
        done, _ = await asyncio.wait([writing], timeout=0.05)
        waited = not done
        size = 0
        while size < 4_000_003:
            size += len(await theirs.receive())
        await writing
        return waited

    assert ends.run(meet())


@pytest.mark.usefixtures("impatient")
def test_who_waits_in_vain_is_told(ends: Ends) -> None:
    with pytest.raises(BrokerTimeout, match=r"no stream with id 5 came within 0\.05 s"):
        ends.run(ends.server.accept(5))
    with pytest.raises(BrokerTimeout, match=r"nobody accepted id 6 within 0\.05 s"):
        ends.run(ends.client.dial(6))


@pytest.mark.usefixtures("impatient")
def test_a_stream_that_never_says_its_id_is_reset(ends: Ends, until: Callable[..., None]) -> None:
    broken: list[Exception] = []

    class Notes(Receiver):
        def broken(self, error: Exception) -> None:
            broken.append(error)

    def open_one() -> None:
        channel = ends.pair.client.connection.open_channel()
        channel.receiver = Notes()
        channel.send(b"\x01")

    ends.pair.run(open_one)
    until(lambda: broken)
    assert "reset by the peer" in str(broken[0])


def test_an_id_cannot_be_waited_for_twice(ends: Ends) -> None:
    async def twice() -> None:
        first = asyncio.ensure_future(ends.server.accept(3))
        await asyncio.sleep(0)
        with pytest.raises(PluginError, match="id 3 is already waited for"):
            await ends.server.accept(3)
        await both(first, ends.client.dial(3))

    ends.run(twice())


def test_a_second_stream_with_the_same_id_is_reset(ends: Ends) -> None:
    async def twice() -> None:
        outcomes = await asyncio.gather(
            ends.client.dial(3), ends.client.dial(3), return_exceptions=True
        )
        assert all(isinstance(one, SessionClosed | BrokerTimeout) for one in outcomes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_stream_broker, "BROKER_SECONDS", 0.2)
        ends.run(twice())


def test_only_so_many_ids_can_wait(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_stream_broker, "_MAX_WAITING", 1)

    async def crowd() -> None:
        first = asyncio.ensure_future(ends.server.accept(1))
        await asyncio.sleep(0)
        with pytest.raises(PluginError, match="more than 1 brokered ids"):
            await ends.server.accept(2)
        with pytest.raises(SessionClosed):
            await ends.client.dial(3)
        await both(first, ends.client.dial(1))

    ends.run(crowd())


@pytest.mark.parametrize("answer", [b"\x09\x00\x00\x00", b""])
def test_a_wrong_acknowledgement_fails_the_dial(ends: Ends, answer: bytes) -> None:
    def take(channel: Channel) -> None:
        if answer:
            channel.send(answer)
        channel.finish()

    ends.pair.server.take = take
    with pytest.raises(PluginError, match="bad ack: 9" if answer else "ended before its id"):
        ends.run(ends.client.dial(2))


def test_those_who_wait_when_the_connection_goes_are_told(
    ends: Ends, until: Callable[..., None]
) -> None:
    errors: list[Exception] = []

    def unexpected(_channel: Channel) -> None:
        pytest.fail("nobody came")

    streams = ends.streams[1]
    streams.accept(1, unexpected, errors.append)
    ends.pair.run(ends.pair.server.connection.close)
    ends.pair.run(streams.closed)
    streams.accept(2, unexpected, errors.append)
    streams.dial(3, unexpected, errors.append)
    until(lambda: len(errors) == 3)
    assert all(isinstance(error, SessionClosed) for error in errors)


def test_services_are_served_and_called_on_brokered_streams(ends: Ends) -> None:
    async def double(args: object) -> object:
        return f"{args}{args}"

    async def call() -> object:
        service = Service({"Double": Method(STRING, double)})
        _, client = await both(ends.server.accept_and_serve(4, service), ends.client.dial_rpc(4))
        reply = await asyncio.wrap_future(client.start("Plugin.Double", STRING, "ab"))
        client.close()
        return reply

    assert ends.run(call()) == "abab"


def test_a_called_service_that_breaks_the_rules_is_a_violation(
    ends: Ends, until: Callable[..., None]
) -> None:
    async def call() -> None:
        stream, client = await both(ends.server.accept(4), ends.client.dial_rpc(4))
        pending = client.start("Plugin.Any", STRING, "")
        await stream.send(b"\x03\xff\xff\xff no gob")
        until_violation = partial(asyncio.sleep, 0.01)
        while not ends.violations:
            await until_violation()
        stream.reset()
        with pytest.raises(SessionClosed):
            await asyncio.wrap_future(pending)

    ends.run(call())
    assert len(ends.violations) == 1
