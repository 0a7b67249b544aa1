"""One socket and the yamux session on it."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from goplugin.runtime._channel import CHUNK_BYTES, Channel
from goplugin.runtime._errors import SessionClosed
from goplugin.runtime._reactor import READ, WRITE, Reactor, Timer
from goplugin.wire import LocalProtocolError, RemoteProtocolError
from goplugin.wire.yamux import (
    DataReceived,
    GoAwayCode,
    GoAwayReceived,
    Session,
    StreamEnded,
    StreamOpened,
    StreamReset,
    WindowOpened,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from goplugin.runtime._transport import Transport
    from goplugin.wire import Limits
    from goplugin.wire.yamux import Event, Role

_READ_BYTES = 64 * 1024


class Stalled(SessionClosed):
    """The peer did not read what we sent for `Limits.stall_seconds`."""


class Owner(Protocol):
    """Told what happens on a connection, in the session's thread; it must not block or raise."""

    def opened(self, connection: Connection, channel: Channel) -> None:
        """The peer opened a stream."""

    def closed(self, connection: Connection, error: Exception | None) -> None:
        """The connection is gone, once; None when the peer closed it or we were told to."""


class Connection:
    """Moves bytes between a socket and a yamux session, and events to channels. Used by the reactor's thread alone.

    A peer that breaks a rule (`RemoteProtocolError`) or reads nothing for `Limits.stall_seconds` loses this connection;
    others are not touched.

    Args:
        reactor: The loop that watches the socket.
        sock: A connected socket, or TLS on one; closed by this object.
        role: Which side of yamux this is.
        limits: Bounds of the session.
        owner: Told of streams and of the end.
    """

    def __init__(
        self, reactor: Reactor, sock: Transport, role: Role, limits: Limits, owner: Owner
    ) -> None:
        self._reactor = reactor
        self._socket = sock
        self._session = Session(role, limits)
        self._limits = limits
        self._owner = owner
        self._channels: dict[int, Channel] = {}
        self._outbound = memoryview(b"")
        self._flush_due = False
        self._stall: Timer | None = None
        self._blocked = False
        self._progress_at = 0.0
        self._open = True
        sock.settimeout(0.0)
        reactor.watch(sock, READ, self._ready)

    @property
    def is_open(self) -> bool:
        """Whether bytes can still come and go."""
        return self._open

    def post(self, callback: Callable[[], None]) -> None:
        """Run the callback in the session's thread; any thread may call."""
        self._reactor.post(callback)

    def open_channel(self, *, may_stall: bool = False) -> Channel:
        """Open a stream.

        Args:
            may_stall: The peer may leave its data unread for ever (stdout and stderr).

        Raises:
            SessionClosed: The connection is gone.
            LocalProtocolError: A limit of streams is reached, or the peer said go away.
        """
        if not self._open:
            raise SessionClosed("the connection is closed")
        channel = Channel(self._session.open_stream(), self, may_stall=may_stall)
        self._channels[channel.id] = channel
        self._flush_soon()
        return channel

    def service(self, channel: Channel) -> None:
        """Move what the channel holds into the session, as far as the peer's window is near."""
        if not self._open or self._channels.get(channel.id) is not channel:
            return
        try:
            self._feed(channel)
        except LocalProtocolError as error:
            self.close(error)
            return
        self._flush_soon()

    def _feed(self, channel: Channel) -> None:
        eaten = channel.take_eaten()
        if eaten:
            self._session.data_consumed(channel.id, eaten)
        if channel.finished:
            return
        drained = False
        while self._session.pending_bytes(channel.id) < CHUNK_BYTES:
            chunk = channel.take_chunk()
            if not chunk:
                break
            drained = not channel.unsent
            self._session.send_data(channel.id, chunk)
        if channel.wants_fin():
            self._session.end_stream(channel.id)
            self._forget_if_done(channel)
        if drained:
            channel.receiver.drained()

    def reset(self, channel: Channel) -> None:
        """Abandon a stream in both directions."""
        if self._open and self._channels.pop(channel.id, None) is not None:
            with suppress(LocalProtocolError):  # it may have ended by itself meanwhile
                self._session.reset_stream(channel.id)
            channel.break_off(SessionClosed(f"stream {channel.id} was reset by this side"))
            self._flush_soon()

    def close(self, error: Exception | None = None) -> None:
        """End the connection at once; every channel breaks. Done twice, the second is ignored.

        Args:
            error: Why, for the owner and the channels; None for an ordinary end.
        """
        if not self._open:
            return
        self._open = False
        self._reactor.unwatch(self._socket)
        self._socket.close()
        if self._stall is not None:
            self._stall.cancel()
        channels, self._channels = self._channels, {}
        why = error or SessionClosed("the connection is closed")
        for channel in channels.values():
            channel.break_off(why)
        self._owner.closed(self, error)

    # Input

    def _ready(self, events: int) -> None:
        if events & WRITE:
            self._flush()
        if events & READ and self._open:
            self._read()
            # The data most likely came while its header was read: one call less of the selector's.
            if self._open and self._session.is_inside_frame:
                self._read()

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except SessionClosed as error:  # TLS's
            self.close(error)
            return
        except OSError:
            data = b""  # a reset by the peer is an end like any other
        if not data:
            self.close()
            return
        try:
            for event in self._session.receive_data(data):
                self._on_event(event)
        except RemoteProtocolError as error:
            self._flush()  # the session's go-away, if the socket takes it
            self.close(error)
            return
        self._flush_soon()

    def _on_event(self, event: Event) -> None:
        match event:
            case DataReceived(stream_id, data) if stream_id in self._channels:
                self._channels[stream_id].receiver.received(data)
            case WindowOpened(stream_id) if stream_id in self._channels:
                channel = self._channels[stream_id]
                channel.waiting_since = None
                self.service(channel)
            case StreamOpened(stream_id):
                channel = Channel(stream_id, self)
                self._channels[stream_id] = channel
                self._owner.opened(self, channel)
            case StreamEnded(stream_id) if stream_id in self._channels:
                channel = self._channels[stream_id]
                channel.peer_ended = True
                channel.receiver.ended()
                self._forget_if_done(channel)
            case StreamReset(stream_id) if stream_id in self._channels:
                channel = self._channels.pop(stream_id)
                channel.break_off(SessionClosed(f"stream {stream_id} was reset by the peer"))
            case GoAwayReceived(code) if code is not GoAwayCode.NORMAL:
                self.close(SessionClosed(f"the peer ended the session: {code.name}"))
            case _:
                pass

    def _forget_if_done(self, channel: Channel) -> None:
        if channel.peer_ended and channel.finished:
            self._channels.pop(channel.id, None)
            channel.conclude(SessionClosed(f"stream {channel.id} has ended"))

    # Output

    def _flush_soon(self) -> None:
        if not self._flush_due and self._open:
            self._flush_due = True
            self._reactor.soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        if not self._open:
            return
        try:
            blocked = self._send_all()
        except OSError:
            self.close()
            return
        if blocked != self._blocked:
            self._blocked = blocked
            self._progress_at = time.monotonic()
            self._reactor.watch(self._socket, READ | WRITE if blocked else READ, self._ready)
        self._feed_hungry()
        self._watch_stall()

    def _send_all(self) -> bool:
        while True:
            if not self._outbound:
                self._outbound = memoryview(self._session.data_to_send(_READ_BYTES))
                if not self._outbound:
                    return False
            try:
                sent = self._socket.send(self._outbound)
            except BlockingIOError:
                return True
            self._outbound = self._outbound[sent:]
            self._progress_at = time.monotonic()

    def _feed_hungry(self) -> None:
        for channel in list(self._channels.values()):
            if channel.unsent and self._session.pending_bytes(channel.id) < CHUNK_BYTES:
                self.service(channel)

    # Stalled peers

    def _watch_stall(self) -> None:
        now = time.monotonic()
        for channel in self._channels.values():
            if channel.may_stall or not self._session.pending_bytes(channel.id):
                channel.waiting_since = None
            elif channel.waiting_since is None:
                channel.waiting_since = now
        if self._stall is None and math.isfinite(self._waiting_since()):
            self._stall = self._reactor.later(self._limits.stall_seconds, self._look_for_stall)

    def _waiting_since(self) -> float:
        """Since when the peer has let something wait; infinite where nothing waits."""
        waits = [c.waiting_since for c in self._channels.values() if c.waiting_since is not None]
        if self._blocked:
            waits.append(self._progress_at)
        return min(waits, default=math.inf)

    def _look_for_stall(self) -> None:
        self._stall = None
        left = self._waiting_since() + self._limits.stall_seconds - time.monotonic()
        if left <= 0:
            seconds = self._limits.stall_seconds
            self.close(Stalled(f"the peer has not read what waits for it for {seconds:g} seconds"))
        elif math.isfinite(left):
            self._stall = self._reactor.later(left, self._look_for_stall)
