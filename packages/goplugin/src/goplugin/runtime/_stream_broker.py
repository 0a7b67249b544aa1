"""Brokered streams: which stream belongs to which id (mux_broker.go).

The dialling side opens a stream and writes the id, uint32 little endian; the accepting side writes the same four bytes back
once somebody there has accepted that id. Both wait 5 s.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from goplugin.runtime._brokered_start import BrokeredStart, Once, encode_id
from goplugin.runtime._errors import BrokerTimeout, PluginError, SessionClosed
from goplugin.wire import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.runtime._channel import Channel
    from goplugin.runtime._connection import Connection
    from goplugin.runtime._reactor import Reactor, Timer

BROKER_SECONDS = 5.0
_MAX_WAITING = 1024


class _Waiting:
    """An id that one side waits for: a caller of `accept`, or a stream that nobody has accepted yet."""

    def __init__(self, timer: Timer) -> None:
        self.timer = timer
        self.taken: Callable[[Channel], None] | None = None
        self.missed: Callable[[Exception], None] | None = None
        self.arrived: BrokeredStart | None = None


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

        def complete(prefix: BrokeredStart, number: int) -> None:
            timer.cancel()
            self._arrived(prefix, number)

        BrokeredStart(channel, complete, lambda _error: timer.cancel())

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

    def _arrived(self, prefix: BrokeredStart, number: int) -> None:
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
            waiting.arrived.channel.send(encode_id(number))
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
        outcome = Once(missed)
        timer = self._reactor.later(
            BROKER_SECONDS, partial(_dial_timeout, channel, number, outcome)
        )

        def complete(prefix: BrokeredStart, answer: int) -> None:
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

        BrokeredStart(channel, complete, failed)
        channel.send(encode_id(number))

    def closed(self) -> None:
        """The connection is gone: nobody waits any longer."""
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            one.timer.cancel()
            if one.missed is not None:
                one.missed(SessionClosed("the connection is closed"))


def _dial_timeout(channel: Channel, number: int, outcome: Once) -> None:
    outcome(BrokerTimeout(f"nobody accepted id {number} within {BROKER_SECONDS:g} s"))
    channel.reset()
