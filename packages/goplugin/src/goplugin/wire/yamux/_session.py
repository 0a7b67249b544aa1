"""A yamux session, sans IO (session.go, stream.go; spec.md)."""

from enum import Enum
from typing import Final

from goplugin.wire._errors import BackPressureError, LocalProtocolError, RemoteProtocolError
from goplugin.wire._limits import DEFAULT_LIMITS, Limits
from goplugin.wire.yamux._core import Core
from goplugin.wire.yamux._events import Event
from goplugin.wire.yamux._frames import MAX_UINT32, SESSION_ID, Flag, FrameType, GoAwayCode
from goplugin.wire.yamux._incoming import Incoming
from goplugin.wire.yamux._states import Input, State
from goplugin.wire.yamux._stream import Stream
from goplugin.wire.yamux._windows import INITIAL_WINDOW

LAST_STREAM_ID: Final = MAX_UINT32 - 2
"""The highest id that either side may open (session.go, OpenStream)."""


class Role(Enum):
    """Which side of the connection a session is; the value is the first stream id that it opens."""

    CLIENT = 1
    SERVER = 2


class Session:
    """Many streams over one connection.

    Bytes from the transport go into `receive_data`, which returns what they mean; after each call of any method, whatever
    `data_to_send` returns has to be sent, in order. Streams of the peer are accepted at once: the acknowledgement is queued
    before `StreamOpened` is reported.

    Back pressure: take output only when the transport can take it (`data_to_send(max_bytes)`), never to put it in a list
    of your own. Then a peer that does not read shows in three ways: `bytes_to_send` stays above 0 (close the connection
    after `Limits.stall_seconds`); `send_data` raises `BackPressureError`; and a peer that makes us answer and never reads
    the answers ends the session with a `RemoteProtocolError`.

    The session is as far as the last event that `receive_data` returned. What is sent meanwhile on a stream that a later
    event of the same list resets is dropped, so that events can be worked off one by one.

    Not safe for use by several threads at once.

    Args:
        role: The side that we are. go-plugin's host is the client, the plugin is the server.
        limits: The bounds; `receive_window_bytes` has to be 256 KiB to 4 GiB - 1.

    Raises:
        LocalProtocolError: The limits name a receive window outside that range.
    """

    def __init__(self, role: Role, limits: Limits = DEFAULT_LIMITS) -> None:
        if not INITIAL_WINDOW <= limits.receive_window_bytes <= MAX_UINT32:
            raise LocalProtocolError(
                f"receive_window_bytes is {limits.receive_window_bytes}, not {INITIAL_WINDOW} to {MAX_UINT32}"
            )
        self._core = Core(limits, first_id=role.value)
        self._incoming = Incoming(self._core)
        self._next_ping = 0

    # What the runtime reads.

    @property
    def is_closed(self) -> bool:
        """Whether the session is over: send what `data_to_send` still has, then close the connection."""
        return self._core.end_reason is not None

    @property
    def is_inside_frame(self) -> bool:
        """Whether the rest of a data frame has yet to arrive. Go's yamux writes a frame's header and its data apart."""
        return self._incoming.is_inside_frame

    @property
    def bytes_to_send(self) -> int:
        """How many bytes `data_to_send` would return now: 0 means that there is nothing to write."""
        return self._core.output.bytes_to_send

    @property
    def queued_bytes(self) -> int:
        """Bytes of data queued on all streams and not yet handed over (0 to `Limits.session_send_bytes`)."""
        return self._core.output.queued_bytes

    @property
    def open_streams(self) -> int:
        """How many streams are open, in one direction at least."""
        return len(self._core.streams)

    def pending_bytes(self, stream_id: int) -> int:
        """Returns how many bytes of data wait on a stream, inside or outside the peer's window; 0 where it is over."""
        stream = self._core.streams.get(stream_id)
        return len(stream.queue) if stream else 0

    def unconsumed_bytes(self, stream_id: int) -> int:
        """Returns how many received bytes of a stream were not yet given to `data_consumed`; 0 where it is over."""
        stream = self._core.streams.get(stream_id)
        return stream.receive_window.unconsumed if stream else 0

    # What the runtime does.

    def open_stream(self) -> int:
        """Opens a stream; data may be sent on it at once.

        Returns:
            Its id: odd for a client, even for a server.

        Raises:
            BackPressureError: `Limits.accept_backlog` streams of ours are not acknowledged yet.
            LocalProtocolError: The session is closed, the peer takes no new streams, `Limits.streams` are open, or all ids
                are used up.
        """
        self._check_open()
        core = self._core
        if core.remote_go_away:
            raise LocalProtocolError(
                "the peer sent a go away and takes no new streams; open a new connection"
            )
        if core.next_id > LAST_STREAM_ID:
            raise LocalProtocolError(
                "all stream ids of this session are used; open a new connection"
            )
        if len(core.streams) >= core.limits.streams:
            raise LocalProtocolError(f"{core.limits.streams} streams are open; end one first")
        if len(core.unacknowledged) >= core.limits.accept_backlog:
            raise BackPressureError(
                f"{core.limits.accept_backlog} streams wait for the peer's acknowledgement; wait for StreamAccepted"
            )
        stream = Stream(core.next_id, State.INIT, core.limits.receive_window_bytes)
        core.next_id += 2
        core.streams[stream.id] = stream
        core.unacknowledged.add(stream.id)
        core.output.owe_update(stream)
        return stream.id

    def send_data(self, stream_id: int, data: bytes) -> None:
        """Queues data on a stream; what exceeds the peer's window waits for `WindowOpened`.

        Args:
            stream_id: An open stream.
            data: All of it is queued, or nothing. May be empty: then nothing is sent.

        Raises:
            BackPressureError: The stream or the session would hold more than `Limits.stream_send_bytes` or
                `Limits.session_send_bytes`.
            LocalProtocolError: The session is closed, the stream is not open, or `end_stream` was called.
        """
        stream = self._writable_stream(stream_id)
        if stream is None:
            return
        queued = len(stream.queue) + len(data)
        if queued > self._core.limits.stream_send_bytes:
            raise BackPressureError(
                f"stream {stream_id} would hold {queued} unsent bytes, {self._core.limits.stream_send_bytes} are allowed; "
                "wait for WindowOpened"
            )
        queued = self._core.output.queued_bytes + len(data)
        if queued > self._core.limits.session_send_bytes:
            raise BackPressureError(
                f"the session would hold {queued} unsent bytes, {self._core.limits.session_send_bytes} are allowed; "
                "wait for WindowOpened"
            )
        self._core.output.queue(stream, data)

    def end_stream(self, stream_id: int) -> None:
        """Ends our side of a stream (FIN) once the queued data is sent; the peer may still send.

        Raises:
            LocalProtocolError: The session is closed, the stream is not open, or it was ended before.
        """
        stream = self._writable_stream(stream_id)
        if stream is not None:
            stream.ending = True
            self._core.output.refresh(stream)

    def reset_stream(self, stream_id: int) -> None:
        """Aborts a stream (RST) and drops what is queued on it. Nothing happens where it is over already."""
        stream = self._core.streams.get(stream_id)
        if stream is None or self.is_closed:
            return
        if stream.state is not State.INIT:
            self._core.output.add_control(FrameType.WINDOW_UPDATE, Flag.RST, stream.id, 0)
        stream.advance(Input.SEND_RST)
        self._core.drop(stream)

    def data_consumed(self, stream_id: int, count: int) -> None:
        """Gives `count` received bytes back to the peer's window; an update is sent once it is half of the window.

        Nothing happens where the stream is over already: the last bytes are often consumed after the end.

        Raises:
            LocalProtocolError: `count` is negative or more than `unconsumed_bytes`.
        """
        stream = self._core.streams.get(stream_id)
        if stream is None:
            return
        unconsumed = stream.receive_window.unconsumed
        if not 0 <= count <= unconsumed:
            raise LocalProtocolError(
                f"stream {stream_id} has {unconsumed} unconsumed bytes, not {count}"
            )
        stream.receive_window.consume(count)
        if stream.receive_window.update_is_due and stream.state is not State.REMOTE_CLOSED:
            self._core.output.owe_update(stream)

    def ping(self) -> int:
        """Asks the peer for a sign of life.

        Returns:
            The id that `PingAcknowledged` will carry, 0 to 2**32 - 1.

        Raises:
            BackPressureError: `Limits.unanswered_pings` pings have no answer yet.
            LocalProtocolError: The session is closed.
        """
        self._check_open()
        if len(self._core.unanswered_pings) >= self._core.limits.unanswered_pings:
            raise BackPressureError(
                f"{self._core.limits.unanswered_pings} pings have no answer; wait for PingAcknowledged or close the connection"
            )
        ping_id = self._next_ping
        self._next_ping = (ping_id + 1) & MAX_UINT32
        self._core.unanswered_pings.add(ping_id)
        self._core.output.add_control(FrameType.PING, Flag.SYN, SESSION_ID, ping_id)
        return ping_id

    def go_away(self, code: GoAwayCode = GoAwayCode.NORMAL) -> None:
        """Tells the peer that no new streams are taken; any code but `NORMAL` closes the session as well.

        After `NORMAL` the open streams go on, and streams that the peer opens nevertheless are reset.

        Raises:
            LocalProtocolError: The session is closed.
        """
        self._check_open()
        self._core.local_go_away = True
        if code is not GoAwayCode.NORMAL:
            self._core.close(f"we sent a go away with {code.name}")
        self._send_go_away(code)

    def data_to_send(self, max_bytes: int | None = None) -> bytes:
        """Returns the next bytes for the transport; they count as sent.

        Args:
            max_bytes: The most to return, at least 1; None for all that the peer's windows allow.
        """
        data, changed = self._core.output.take(max_bytes)
        for stream in changed:
            self._core.owed_acks.discard(stream.id)
            if stream.is_over:
                self._core.drop(stream)
        return data

    def receive_data(self, data: bytes) -> list[Event]:
        """Reads bytes from the transport, cut anywhere.

        Args:
            data: The next bytes. No more than a header of them (12 bytes) is kept.

        Returns:
            What they mean, in order.

        Raises:
            RemoteProtocolError: They break a rule. A go away is queued, the session is closed; send it and close the
                connection.
            LocalProtocolError: The session is closed.
        """
        self._check_open()
        try:
            return self._incoming.receive(data)
        except RemoteProtocolError as error:
            self._core.close(str(error))
            self._send_go_away(GoAwayCode.PROTOCOL_ERROR)
            raise

    def _send_go_away(self, code: GoAwayCode) -> None:
        self._core.output.add_control(FrameType.GO_AWAY, Flag.NONE, SESSION_ID, code)

    def _check_open(self) -> None:
        if self._core.end_reason is not None:
            raise LocalProtocolError(
                f"the session is closed: {self._core.end_reason}; open a new connection"
            )

    def _writable_stream(self, stream_id: int) -> Stream | None:
        """The stream; None where the peer has reset it and the caller has not come to that event yet."""
        self._check_open()
        stream = self._core.streams.get(stream_id)
        if stream is None:
            if stream_id in self._core.just_reset:
                return None
            raise LocalProtocolError(f"stream {stream_id} is not open: it is over, or never was")
        if stream.ending:
            raise LocalProtocolError(
                f"stream {stream_id} was ended by us; open another to send more"
            )
        return stream
