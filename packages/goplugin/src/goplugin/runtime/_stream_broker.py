"""Brokered streams: which stream belongs to which id (mux_broker.go).

The dialling side opens a stream and writes the id, uint32 little endian; the accepting side writes the same four bytes back
once somebody there has accepted that id. Both wait 5 s.
"""

from __future__ import annotations

import struct
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from goplugin.runtime._channel import Channel, Receiver
from goplugin.runtime._errors import BrokerTimeout, PluginError, SessionClosed
from goplugin.wire import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.runtime._connection import Connection
    from goplugin.runtime._reactor import Reactor, Timer

BROKER_SECONDS = 5.0
_ID = struct.Struct("<I")
_MAX_WAITING = 1024

Taken = "Callable[[Channel], None]"
Missed = "Callable[[Exception], None]"


class _Waiting:
    """An id that one side waits for: a caller of `accept`, or a stream that nobody has accepted yet."""

    def __init__(self, timer: Timer) -> None:
        self.timer = timer
        self.taken: Callable[[Channel], None] | None = None
        self.missed: Callable[[Exception], None] | None = None
        self.arrived: _Prefix | None = None


class _Prefix(Receiver):
    """Reads the four bytes at a brokered stream's start and keeps what follows until somebody takes the stream.

    What is kept is bounded by the stream's window, because its room is given back by the one who takes it.
    """

    def __init__(
        self,
        channel: Channel,
        complete: Callable[[_Prefix, int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.channel = channel
        self._complete = complete
        self._failed = failed
        self._data = b""
        self._read = False
        self._ended = False
        channel.receiver = self

    def received(self, data: bytes) -> None:
        self._data += data
        if not self._read and len(self._data) >= _ID.size:
            self._read = True
            (number,) = _ID.unpack_from(self._data)
            self._data = self._data[_ID.size :]
            self.channel.consumed(_ID.size)
            self._complete(self, number)

    def ended(self) -> None:
        self._ended = True
        if not self._read:
            self.channel.reset()
            self._failed(SessionClosed("the brokered stream ended before its id"))

    def broken(self, error: Exception) -> None:
        self._failed(error)

    def hand_over(self, taken: Callable[[Channel], None]) -> None:
        """Let the taker set its receiver, then give it what came early."""
        self.channel.receiver = Receiver()
        taken(self.channel)
        if self._data:
            self.channel.receiver.received(self._data)
        if self._ended:
            self.channel.receiver.ended()


class StreamBroker:
    """Matches ids and streams of one connection.

    `next_id`, `accept` and `dial` may be called by any thread; callbacks come in the session's thread. Exactly one of the
    two callbacks comes, within 5 s.
    """

    def __init__(self, connection: Connection, reactor: Reactor) -> None:
        self._connection = connection
        self._reactor = reactor
        self._ids = count(1)
        self._waiting: dict[int, _Waiting] = {}

    def next_id(self) -> int:
        """An id (uint32) that this side has not given out before, until 2**32 of them are used up (MuxBroker.NextId)."""
        return next(self._ids) & 0xFFFFFFFF

    def accept(
        self, number: int, taken: Callable[[Channel], None], missed: Callable[[Exception], None]
    ) -> None:
        """Wait for the peer's stream with this id, and acknowledge it.

        Args:
            number: From `next_id` of either side; told to the peer by other means. Not to be waited for twice at a time.
            taken: Gets the channel, and sets its receiver before it returns.
            missed: Gets a `BrokerTimeout` after 5 s.
        """
        self._reactor.post(partial(self._accept, number, taken, missed))

    def dial(
        self, number: int, taken: Callable[[Channel], None], missed: Callable[[Exception], None]
    ) -> None:
        """Open a stream to whoever accepts this id on the other side.

        Args:
            number: The id that the peer waits for, or will within 5 s.
            taken: Gets the channel once the peer acknowledged it, and sets its receiver before it returns.
            missed: Gets a `BrokerTimeout`, a `SessionClosed` or, for a wrong acknowledgement, a `PluginError`.
        """
        self._reactor.post(partial(self._dial, number, taken, missed))

    # Session's thread from here on.

    def incoming(self, channel: Channel) -> None:
        """Take a stream that the peer opened; read its id and match it."""
        timer = self._reactor.later(BROKER_SECONDS, channel.reset)

        def complete(prefix: _Prefix, number: int) -> None:
            timer.cancel()
            self._arrived(prefix, number)

        _Prefix(channel, complete, lambda _error: timer.cancel())

    def _accept(
        self, number: int, taken: Callable[[Channel], None], missed: Callable[[Exception], None]
    ) -> None:
        if not self._connection.is_open:
            missed(SessionClosed("the connection is closed"))
            return
        waiting = self._waiting.get(number)
        if waiting is None:
            waiting = self._wait(number)
            if waiting is None:
                missed(PluginError(f"more than {_MAX_WAITING} brokered ids wait at one time"))
                return
        elif waiting.taken is not None:
            missed(PluginError(f"id {number} is already waited for: take a new one from next_id"))
            return
        waiting.taken = taken
        waiting.missed = missed
        self._match(number, waiting)

    def _arrived(self, prefix: _Prefix, number: int) -> None:
        waiting = self._waiting.get(number) or self._wait(number)
        if waiting is None or waiting.arrived is not None:
            prefix.channel.reset()
            return
        waiting.arrived = prefix
        self._match(number, waiting)

    def _wait(self, number: int) -> _Waiting | None:
        if len(self._waiting) >= _MAX_WAITING:
            return None
        timer = self._reactor.later(BROKER_SECONDS, partial(self._give_up, number))
        waiting = self._waiting[number] = _Waiting(timer)
        return waiting

    def _match(self, number: int, waiting: _Waiting) -> None:
        if waiting.taken is None or waiting.arrived is None:
            return
        del self._waiting[number]
        waiting.timer.cancel()
        try:
            waiting.arrived.channel.send(_ID.pack(number))
        except SessionClosed as error:
            if waiting.missed is not None:
                waiting.missed(error)
            return
        waiting.arrived.hand_over(waiting.taken)

    def _give_up(self, number: int) -> None:
        waiting = self._waiting.pop(number)
        if waiting.arrived is not None:
            waiting.arrived.channel.reset()
        if waiting.missed is not None:
            waiting.missed(
                BrokerTimeout(f"no stream with id {number} came within {BROKER_SECONDS:g} s")
            )

    def _dial(
        self, number: int, taken: Callable[[Channel], None], missed: Callable[[Exception], None]
    ) -> None:
        try:
            channel = self._connection.open_channel()
        except (SessionClosed, LocalProtocolError) as error:
            missed(error)
            return
        outcome = _Once(missed)
        timer = self._reactor.later(
            BROKER_SECONDS, partial(_dial_timeout, channel, number, outcome)
        )

        def complete(prefix: _Prefix, answer: int) -> None:
            timer.cancel()
            if answer == number:
                outcome.done = True
                prefix.hand_over(taken)
            else:
                channel.reset()
                outcome(PluginError(f"bad ack: {answer} (expected {number})"))

        def failed(error: Exception) -> None:
            timer.cancel()
            outcome(error)

        _Prefix(channel, complete, failed)
        channel.send(_ID.pack(number))

    def closed(self) -> None:
        """The connection is gone: nobody waits any longer."""
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            one.timer.cancel()
            if one.missed is not None:
                one.missed(SessionClosed("the connection is closed"))


class _Once:
    """Calls back for the first of several outcomes."""

    def __init__(self, callback: Callable[[Exception], None]) -> None:
        self._callback = callback
        self.done = False

    def __call__(self, error: Exception) -> None:
        if not self.done:
            self.done = True
            self._callback(error)


def _dial_timeout(channel: Channel, number: int, outcome: _Once) -> None:
    outcome(BrokerTimeout(f"nobody accepted id {number} within {BROKER_SECONDS:g} s"))
    channel.reset()
