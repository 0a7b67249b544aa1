"""A mutation fuzzer over the whole wire: handshake, yamux, gob, net/rpc, and net/rpc inside yamux.

    python bench/fuzz_wire.py --inputs 1000000 --seed 1

Valid conversations are mutated, cut into pieces and read. Each outcome has to be a value or a `RemoteProtocolError` whose
offset lies within the input, within a bound of processor time and of memory. Anything else is printed with the input that
caused it, and the exit code is 1. The same seed makes the same inputs, whatever the number of processes.
"""

import argparse
import multiprocessing
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from goplugin.wire import HandshakeLine, RemoteProtocolError, gob
from goplugin.wire.netrpc import ClientConnection, ServerConnection
from goplugin.wire.yamux import CLIENT, SERVER, DataReceived, Role, Session

BATCH = 1_000
SECONDS = 2.0
"""Most processor time that one input may take."""
BATCH_SECONDS = 120.0
"""Processor time of one batch after which the input that is being read is taken to hang."""
MEMORY_BYTES = 512 * 1024 * 1024
"""Most memory that one input may take, above what the process had before."""

VALUE, INCOMPLETE, REFUSED = "value", "incomplete", "RemoteProtocolError"


class TooSlowError(Exception):
    """An input took more than its processor time."""


# What is read: every reader returns whether a value came out.

Pieces = list[bytes]
Reader = Callable[[Pieces], bool]


def read_handshake(pieces: Pieces) -> bool:
    HandshakeLine.parse(b"".join(pieces).decode(errors="surrogateescape"))
    return True


def read_gob(pieces: Pieces) -> bool:
    decoder, found = gob.Decoder(), False
    for piece in pieces:
        decoder.receive_data(piece)
        while decoder.next_value() is not gob.NEED_DATA:
            found = True
    return found


def read_requests(pieces: Pieces) -> bool:
    connection = ServerConnection()
    return sum(len(connection.receive_data(piece)) for piece in pieces) > 0


def read_replies(pieces: Pieces) -> bool:
    connection = ClientConnection()
    for _ in range(4):
        connection.call("Plugin.Run", gob.INT, 1)
    return sum(len(connection.receive_data(piece)) for piece in pieces) > 0


def yamux_reader(role: Role) -> Reader:
    def read(pieces: Pieces) -> bool:
        session, found = Session(role), False
        for _ in range(3):
            session.send_data(session.open_stream(), b"ours")
        session.ping()
        session.data_to_send()
        for piece in pieces:
            if session.is_closed:
                break
            found |= bool(session.receive_data(piece))
            session.data_to_send(100)
        return found

    return read


def read_stack(pieces: Pieces) -> bool:
    """What the plugin does: each stream of the host carries calls, and what is read is given back to the window."""
    session, connections, found = Session(SERVER), dict[int, ServerConnection](), False
    for piece in pieces:
        if session.is_closed:
            break
        for event in session.receive_data(piece):
            if isinstance(event, DataReceived) and not session.is_closed:
                connection = connections.setdefault(event.stream_id, ServerConnection())
                for request in connection.receive_data(event.data):
                    session.send_data(event.stream_id, connection.send_error(request, "fuzzed"))
                    found = True
                session.data_consumed(event.stream_id, len(event.data))
        session.data_to_send(100)
    return found


# What is mutated: conversations that are valid.


def handshake_seeds() -> list[bytes]:
    lines = [
        HandshakeLine(1, 1, "unix", "/tmp/plugin-dir/socket"),
        HandshakeLine(1, 7, "unix", "/run/p", server_certificate="MIIB" * 20, multiplexing=True),
    ]
    return [f"{line.format()}\n".encode() for line in lines] + [
        b"1|1|tcp|127.0.0.1:1234|grpc||true"
    ]


POINT = gob.Struct("Point", {"X": gob.INT, "Y": gob.FLOAT, "Name": gob.STRING})
TREE: gob.Struct = gob.Struct(
    "Tree", {"Label": gob.STRING, "Left": lambda: TREE, "Right": lambda: TREE}
)
EVERYTHING = gob.Struct(
    "Everything",
    {
        "Bool": gob.BOOL,
        "Int": gob.INT,
        "Uint": gob.UINT,
        "Float": gob.FLOAT,
        "Complex": gob.COMPLEX,
        "String": gob.STRING,
        "Bytes": gob.BYTES,
        "Points": gob.Slice(POINT),
        "Pair": gob.Array(2, gob.INT),
        "Labels": gob.Map(gob.STRING, gob.STRING),
        "ByPoint": gob.Map(gob.INT, gob.Slice(gob.STRING)),
        "Any": gob.INTERFACE,
        "Time": gob.GobEncoder("Time"),
        "Big": gob.BinaryMarshaler("Big"),
        "Text": gob.TextMarshaler("Text"),
        "Tree": TREE,
    },
)
A_VALUE: dict[str, object] = {
    "Bool": True,
    "Int": -(2**40),
    "Uint": 2**60,
    "Float": 1.5,
    "Complex": 1 - 2j,
    "String": "canary",
    "Bytes": b"\x00\xff" * 20,
    "Points": [{"X": 1, "Name": "a"}, {"Y": 2.5}],
    "Pair": [3, -4],
    "Labels": {"app": "shop", "role": "canary"},
    "ByPoint": {1: ["a", "b"], -2: []},
    "Any": gob.Interface("main.Point", {"X": 9}, POINT),
    "Time": b"\x01" + bytes(14),
    "Big": b"\x02\x03",
    "Text": b"10m",
    "Tree": {
        "Label": "root",
        "Left": {"Label": "l", "Right": {"Label": "lr"}},
        "Right": {"Label": "r"},
    },
}


def gob_seeds() -> list[bytes]:
    encoder = gob.Encoder()
    stream = encoder.encode(EVERYTHING, A_VALUE) + encoder.encode(EVERYTHING, {"Int": 1})
    alone = [
        (gob.INT, 5),
        (gob.STRING, "text"),
        (gob.Slice(gob.INT), [1, 2, 3]),
        (gob.Map(gob.STRING, gob.INTERFACE), {"a": gob.Interface("main.Point", {"X": 9}, POINT)}),
        (TREE, A_VALUE["Tree"]),
    ]
    return [stream, *(gob.Encoder().encode(type_, value) for type_, value in alone)]


CALLS: list[tuple[str, gob.Type, object]] = [
    ("Control.Ping", gob.BOOL, True),
    ("Dispenser.Dispense", gob.STRING, "RpcMetricProviderPlugin"),
    ("Plugin.InitPlugin", gob.INTERFACE, None),
    ("Plugin.Run", gob.INTERFACE, gob.Interface("RunArgs", A_VALUE, EVERYTHING)),
    ("Plugin.Type", gob.INTERFACE, None),
]


def request_seeds() -> list[bytes]:
    client = ClientConnection()
    calls = [client.call(*call)[1] for call in CALLS]
    return [b"".join(calls), calls[0] + calls[1]]


def reply_seeds() -> list[bytes]:
    client, server = ClientConnection(), ServerConnection()
    requests = server.receive_data(b"".join(client.call(*call)[1] for call in CALLS))
    replies = [
        server.send_reply(requests[0], gob.Struct("", {}), {}),
        server.send_error(requests[1], "unknown plugin type"),
        server.send_reply(requests[3], EVERYTHING, A_VALUE),
    ]
    return [b"".join(replies), replies[0]]


def yamux_seeds(role: Role) -> list[bytes]:
    """What a peer of `role` says in a conversation of two streams each way."""
    client, server = Session(CLIENT), Session(SERVER)
    said = dict.fromkeys(Role, b"")
    speakers = ((CLIENT, client, server), (SERVER, server, client))
    for number in range(4):
        for speaker, session, peer in speakers:
            if number < 2:
                session.open_stream()
            for stream in (1, 2, 3):
                if session.open_streams >= 4 and number < 3:
                    session.send_data(stream, b"some data " * number)
            if number == 3:
                session.end_stream(1)
                session.reset_stream(2)
                session.go_away()
            session.ping()
            words = session.data_to_send()
            said[speaker] += words
            peer.receive_data(words)
    return [said[role]]


def stack_seeds(*contents: bytes) -> list[bytes]:
    session = Session(CLIENT)
    for content in contents or request_seeds():
        stream = session.open_stream()
        session.send_data(stream, content)
        session.end_stream(stream)
    return [session.data_to_send()]


@dataclass(frozen=True)
class Target:
    """A layer: what reads it, and the valid inputs that are mutated."""

    read: Reader
    seeds: list[bytes]
    wrap: Callable[[bytes], bytes] | None = None
    inner_seeds: list[bytes] = field(default_factory=list)


def _wrap_in_stream(content: bytes) -> bytes:
    return stack_seeds(content[:200_000])[0]


TARGETS = {
    "handshake": Target(read_handshake, handshake_seeds()),
    "yamux client": Target(yamux_reader(CLIENT), yamux_seeds(SERVER)),
    "yamux server": Target(yamux_reader(SERVER), yamux_seeds(CLIENT)),
    "gob": Target(read_gob, gob_seeds()),
    "net/rpc server": Target(read_requests, request_seeds()),
    "net/rpc client": Target(read_replies, reply_seeds()),
    "stack": Target(read_stack, stack_seeds(), _wrap_in_stream, request_seeds()),
}


# How it is mutated.

INTERESTING = [
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    11,
    12,
    16,
    63,
    64,
    65,
    100,
    126,
    127,
    128,
    129,
    192,
    247,
    248,
    249,
    250,
    254,
    255,
]
INTERESTING_WORDS = [
    0,
    1,
    12,
    255,
    256,
    65_535,
    262_143,
    262_144,
    262_145,
    2**24,
    2**31 - 1,
    2**31,
    2**32 - 1,
]


def mutate(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Changes a few places of an input."""
    mutant = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 5, 10))):
        rng.choice(MUTATIONS)(rng, mutant, seeds)
    return bytes(mutant)


def _place(rng: random.Random, mutant: bytearray) -> int:
    return rng.randrange(len(mutant) + 1)


def flip_bit(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    if mutant:
        mutant[rng.randrange(len(mutant))] ^= 1 << rng.randrange(8)


def set_byte(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    if mutant:
        mutant[rng.randrange(len(mutant))] = rng.choice(INTERESTING)


def set_word(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    place = _place(rng, mutant)
    mutant[place : place + 4] = rng.choice(INTERESTING_WORDS).to_bytes(4, "big")


def set_gob_uint(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    place, size = _place(rng, mutant), rng.randrange(1, 9)
    mutant[place : place + 1] = bytes([256 - size]) + rng.randbytes(size)


def insert_bytes(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    place = _place(rng, mutant)
    mutant[place:place] = rng.randbytes(rng.randrange(1, 20))


def delete_bytes(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    place = _place(rng, mutant)
    del mutant[place : place + rng.randrange(1, 20)]


def repeat_bytes(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    place = _place(rng, mutant)
    piece = mutant[place : place + rng.randrange(1, 40)]
    mutant[place:place] = piece * rng.choice((1, 1, 2, 10, 100))


def splice_seed(rng: random.Random, mutant: bytearray, seeds: list[bytes]) -> None:
    seed = rng.choice(seeds)
    start = rng.randrange(len(seed))
    place = _place(rng, mutant)
    mutant[place : place + rng.choice((0, 10, 1000))] = seed[start : start + rng.randrange(1, 100)]


def truncate(rng: random.Random, mutant: bytearray, _seeds: list[bytes]) -> None:
    del mutant[_place(rng, mutant) :]


MUTATIONS = [
    flip_bit,
    flip_bit,
    set_byte,
    set_byte,
    set_word,
    set_gob_uint,
    insert_bytes,
    delete_bytes,
    repeat_bytes,
    splice_seed,
    truncate,
]


def make_input(rng: random.Random, target: Target) -> Pieces:
    """Makes one input and cuts it into pieces."""
    if target.wrap is not None and rng.random() < 0.5:
        data = target.wrap(mutate(rng, rng.choice(target.inner_seeds), target.inner_seeds))
    else:
        data = mutate(rng, rng.choice(target.seeds), target.seeds)
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 0, 1, 2, 8))))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


# How the outcome is judged.


def judge(target: Target, pieces: Pieces) -> str:
    """Reads one input: `value`, `incomplete`, `RemoteProtocolError`, or the name of what must not happen."""
    started = time.perf_counter()
    outcome = read(target, pieces)
    if (
        time.perf_counter() - started > SECONDS
    ):  # the machine may have been busy with other things: look again
        started = time.process_time()
        read(target, pieces)
        if time.process_time() - started > SECONDS:
            outcome = TooSlowError.__name__
    return outcome


def read(target: Target, pieces: Pieces) -> str:
    """Reads one input and says what came of it."""
    try:
        return VALUE if target.read(pieces) else INCOMPLETE
    except RemoteProtocolError as error:
        inside = 0 <= error.offset <= sum(len(piece) for piece in pieces)
        return REFUSED if inside else f"offset {error.offset} outside the input"
    except Exception as error:  # noqa: BLE001 - whatever else is raised is what is looked for
        traceback.print_exception(error, limit=-6)
        return type(error).__name__


def _stop_slow_input(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError("the input hangs")


def bound_process() -> None:
    """Makes this process interrupt inputs that hang, and refuse memory to those that grow."""
    signal.signal(signal.SIGPROF, _stop_slow_input)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


@dataclass
class Report:
    """What came out of some inputs."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, other: "Report") -> None:
        """Adds what came out of other inputs."""
        self.outcomes += other.outcomes
        self.failures += other.failures
        self.slowest = max(self.slowest, other.slowest)


def run_batch(seed: int, batch: int, count: int = BATCH) -> Report:
    """Reads the inputs of one batch, which depend on the seed and the batch's number alone."""
    rng = random.Random(f"{seed}/{batch}")
    report, names = Report(), list(TARGETS)
    for number in range(count):
        name = names[number % len(names)]
        pieces = make_input(rng, TARGETS[name])
        started = time.perf_counter()
        outcome = judge(TARGETS[name], pieces)
        report.slowest = max(report.slowest, time.perf_counter() - started)
        report.outcomes[name, outcome] += 1
        if outcome not in {VALUE, INCOMPLETE, REFUSED}:
            shown = " ".join(piece.hex() for piece in pieces)
            report.failures.append(
                f"{outcome}: {name}, seed {seed}, batch {batch}, input {number}: {shown[:4000]}"
            )
    return report


def _run_job(job: tuple[int, int, int]) -> Report:
    signal.setitimer(signal.ITIMER_PROF, BATCH_SECONDS, SECONDS)
    try:
        return run_batch(*job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _jobs(inputs: int, seed: int) -> Iterator[tuple[int, int, int]]:
    for batch, start in enumerate(range(0, inputs, BATCH)):
        yield seed, batch, min(BATCH, inputs - start)


def run(inputs: int, seed: int, processes: int) -> Report:
    """Runs all inputs and shows how far it is on stderr."""
    report, done, shown, started = Report(), 0, 0.0, time.monotonic()
    with multiprocessing.Pool(processes, bound_process) as pool:
        for part in pool.imap_unordered(_run_job, _jobs(inputs, seed)):
            report.add(part)
            done += part.outcomes.total()
            seconds = time.monotonic() - started
            if seconds - shown > 2 or done == inputs:
                shown = seconds
                rate = done / seconds
                print(
                    f"\r{done:,} of {inputs:,} inputs, {rate:,.0f} a second",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
    print(file=sys.stderr)
    return report


def show(report: Report) -> None:
    names = list(TARGETS)
    outcomes = [VALUE, INCOMPLETE, REFUSED]
    outcomes += sorted({outcome for _, outcome in report.outcomes} - set(outcomes))
    print(f"{'':16}" + "".join(f"{outcome:>22}" for outcome in outcomes))
    for name in names:
        print(
            f"{name:16}" + "".join(f"{report.outcomes[name, outcome]:>22,}" for outcome in outcomes)
        )
    totals = [sum(report.outcomes[name, outcome] for name in names) for outcome in outcomes]
    print(f"{'all':16}" + "".join(f"{total:>22,}" for total in totals))
    print(f"slowest input: {report.slowest * 1000:.1f} ms by the clock")
    for failure in report.failures[:20]:
        print(failure)


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation fuzzer over goplugin.wire")
    parser.add_argument(
        "--inputs", type=int, default=1_000_000, help="how many inputs (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="what the inputs are made from (default: %(default)s)"
    )
    parser.add_argument(
        "--processes", type=int, default=2, help="how many processes (default: %(default)s)"
    )
    arguments = parser.parse_args()
    report = run(arguments.inputs, arguments.seed, arguments.processes)
    show(report)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
