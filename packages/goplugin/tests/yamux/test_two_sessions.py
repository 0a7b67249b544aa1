"""Two sessions that do anything, over a transport that cuts anywhere: nothing is lost, reordered or beyond a window."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from goplugin.wire import Limits, LocalProtocolError
from goplugin.wire.yamux import (
    CLIENT,
    SERVER,
    DataReceived,
    Event,
    PingAcknowledged,
    PingReceived,
    Session,
    StreamAccepted,
    StreamEnded,
    StreamOpened,
    StreamReset,
)

LIMITS = Limits(
    streams=6,
    accept_backlog=3,
    receive_window_bytes=300_000,
    data_frame_bytes=40_000,
    stream_send_bytes=400_000,
    session_send_bytes=1_000_000,
    unanswered_pings=3,
)
PATTERN = bytes((place * 31 + place // 251) % 256 for place in range(65_521))


def pattern(start: int, count: int) -> bytes:
    """Bytes of a stream from one place on: a lost or doubled byte shifts all that follow."""
    begin = start % len(PATTERN)
    return (PATTERN * (count // len(PATTERN) + 2))[begin : begin + count]


@dataclass
class Half:
    """What one side has done and seen on one stream."""

    sent: int = 0
    received: int = 0
    ended: bool = False
    saw_end: bool = False


@dataclass
class Side:
    session: Session
    in_flight: bytearray = field(default_factory=bytearray)
    halves: dict[int, Half] = field(default_factory=dict)
    unconsumed: dict[int, int] = field(default_factory=dict)
    pings: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)


sides = st.sampled_from([0, 1])


class TwoSessions(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.sides = [Side(Session(CLIENT, LIMITS)), Side(Session(SERVER, LIMITS))]
        self.reset: set[int] = set()

    def live(self, side: Side) -> list[int]:
        return [stream for stream in side.halves if stream not in side.over]

    def choose(self, side: Side, data: st.DataObject) -> int | None:
        streams = self.live(side)
        return data.draw(st.sampled_from(streams)) if streams else None

    @rule(which=sides)
    def open(self, which: int) -> None:
        side = self.sides[which]
        try:
            stream = side.session.open_stream()
        except LocalProtocolError:
            assert side.session.open_streams >= LIMITS.accept_backlog
        else:
            side.halves[stream] = Half()

    @rule(
        which=sides,
        data=st.data(),
        size=st.sampled_from([1, 100, 39_999, 40_001, 150_000, 310_000]),
    )
    def send(self, which: int, data: st.DataObject, size: int) -> None:
        side = self.sides[which]
        stream = self.choose(side, data)
        if stream is not None:
            self.try_to_send(side, stream, size)

    def try_to_send(self, side: Side, stream: int, size: int) -> None:
        half = side.halves[stream]
        if half.ended:
            return
        stream_total = side.session.pending_bytes(stream) + size
        session_total = side.session.queued_bytes + size
        try:
            side.session.send_data(stream, pattern(half.sent, size))
        except LocalProtocolError:
            assert (
                stream_total > LIMITS.stream_send_bytes or session_total > LIMITS.session_send_bytes
            )
        else:
            half.sent += size

    @rule(which=sides, data=st.data())
    def end(self, which: int, data: st.DataObject) -> None:
        side = self.sides[which]
        stream = self.choose(side, data)
        if stream is not None and not side.halves[stream].ended:
            side.session.end_stream(stream)
            side.halves[stream].ended = True

    @rule(which=sides, data=st.data())
    def reset_stream(self, which: int, data: st.DataObject) -> None:
        side = self.sides[which]
        stream = self.choose(side, data)
        if stream is not None:
            side.session.reset_stream(stream)
            side.over.add(stream)
            self.reset.add(stream)

    @rule(which=sides)
    def ping(self, which: int) -> None:
        side = self.sides[which]
        if len(side.pings) < LIMITS.unanswered_pings:
            side.pings.add(side.session.ping())

    @rule(which=sides, share=st.floats(0, 1))
    def consume(self, which: int, share: float) -> None:
        side = self.sides[which]
        for stream, count in side.unconsumed.items():
            part = int(count * share)
            side.session.data_consumed(stream, part)
            side.unconsumed[stream] -= part

    @rule(which=sides, count=st.sampled_from([1, 11, 12, 13, 1000, 100_000, 1_000_000]))
    def hand_over(self, which: int, count: int) -> None:
        side = self.sides[which]
        promised = side.session.bytes_to_send
        data = side.session.data_to_send(count)
        assert len(data) == min(count, promised)
        side.in_flight += data

    @precondition(lambda self: any(side.in_flight for side in self.sides))
    @rule(which=sides, count=st.sampled_from([1, 7, 12, 500, 65_536, 1_000_000]))
    def arrive(self, which: int, count: int) -> None:
        sender, receiver = self.sides[which], self.sides[1 - which]
        piece = bytes(sender.in_flight[:count])
        del sender.in_flight[:count]
        for event in receiver.session.receive_data(piece):
            self.note(receiver, event)

    def note(self, side: Side, event: Event) -> None:
        match event:
            case StreamOpened(stream):
                assert stream not in side.halves
                side.halves[stream] = Half()
            case DataReceived(stream, data):
                half = side.halves[stream]
                assert not half.saw_end
                assert data == pattern(half.received, len(data))
                half.received += len(data)
                side.unconsumed[stream] = side.unconsumed.get(stream, 0) + len(data)
            case StreamEnded(stream):
                assert not side.halves[stream].saw_end
                side.halves[stream].saw_end = True
            case StreamReset(stream):
                self.reset.add(stream)  # by the other side, or because too many are open
                side.over.add(stream)
            case PingAcknowledged(ping):
                side.pings.remove(ping)
            case StreamAccepted(stream):
                assert stream in side.halves
            case PingReceived():
                pass

    @invariant()
    def nothing_exceeds_its_bound(self) -> None:
        for side in self.sides:
            assert side.session.open_streams <= LIMITS.streams
            assert side.session.queued_bytes <= LIMITS.session_send_bytes
            for stream in side.halves:
                assert side.session.pending_bytes(stream) <= LIMITS.stream_send_bytes
                assert side.session.unconsumed_bytes(stream) <= LIMITS.receive_window_bytes

    def teardown(self) -> None:
        """Sends more than a window on every stream, lets everything arrive, and compares the two ends."""
        for side in self.sides:
            for stream in self.live(side):
                self.try_to_send(side, stream, 400_000 - side.session.pending_bytes(stream))
            self.end_all(side)
        while any(side.in_flight or side.session.bytes_to_send for side in self.sides):
            for which in (0, 1):
                self.hand_over(which, 1_000_000)
                self.arrive(which, 1_000_000)
                self.consume(1 - which, 1.0)
                self.end_all(self.sides[1 - which])
        for near, far in (self.sides, reversed(self.sides)):
            for stream, half in near.halves.items():
                if stream not in self.reset:
                    assert far.halves[stream].received == half.sent
                    assert far.halves[stream].saw_end
            assert not near.pings
            assert near.session.open_streams == 0

    def end_all(self, side: Side) -> None:
        for stream in self.live(side):
            if not side.halves[stream].ended:
                side.session.end_stream(stream)
                side.halves[stream].ended = True


TestTwoSessions = TwoSessions.TestCase
TestTwoSessions.settings = settings(deadline=None, max_examples=60, stateful_step_count=60)
