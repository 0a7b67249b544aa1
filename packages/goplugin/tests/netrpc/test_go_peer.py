"""Our net/rpc and Go's own: recorded bytes, and the Go program itself (tests/conformance/cmd/netrpcpeer)."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from goplugin.wire import gob
from goplugin.wire.netrpc import ClientConnection, Request, Response, ServerConnection

MODULE = Path(__file__).parents[4] / "tests" / "conformance"
# Recorded by `go run ./cmd/netrpcpeer record` in tests/conformance, with Go 1.26.
RECORDING = json.loads((Path(__file__).parent / "recordings" / "go-net-rpc-1.26.json").read_text())
POINT = gob.Struct("Point", {"X": gob.INT, "Y": gob.INT})


def test_a_server_of_ours_reads_what_gos_client_has_sent() -> None:
    *simple, echo_nil, echo_point = ServerConnection().receive_data(
        bytes.fromhex(RECORDING["client"])
    )
    assert simple == [
        Request(0, "Arith.Negate", {"X": 3, "Y": -4}),
        Request(1, "Arith.Fail", "on purpose"),
        Request(2, "Nobody.There", "on purpose"),
    ]
    assert echo_nil == Request(3, "Arith.Echo", None)
    assert isinstance(echo_point.args, gob.Interface)
    assert (echo_point.args.name, echo_point.args.value) == ("main.Point", {"X": 1})


def test_a_client_of_ours_reads_what_gos_server_has_sent() -> None:
    client = ClientConnection()
    for method in ("Arith.Negate", "Arith.Fail", "Nobody.There", "Arith.Echo", "Arith.Echo"):
        client.call(method, gob.INT, 1)
    *simple, echo_point = client.receive_data(bytes.fromhex(RECORDING["server"]))
    assert simple == [
        Response(0, "Arith.Negate", "", {"X": -3, "Y": 4}),
        Response(1, "Arith.Fail", "failed: on purpose", None),
        Response(2, "Nobody.There", "rpc: can't find service Nobody.There", None),
        Response(3, "Arith.Echo", "", None),
    ]
    assert isinstance(echo_point.value, gob.Interface)
    assert echo_point.value.value == {"X": 1}


def test_our_error_reply_is_gos_byte_for_byte_after_the_type_ids() -> None:
    """Go numbers types once per process, for both directions; we number them once per stream."""
    server = ServerConnection()
    requests = server.receive_data(bytes.fromhex(RECORDING["client"]))
    server.send_error(requests[1], "defines the types")
    ours = server.send_error(requests[2], "rpc: can't find service Nobody.There")
    header, body = ours[3:-4], ours[-1:]
    assert ours[-4:-3] == b"\x03"
    (gos,) = [
        rest
        for rest in bytes.fromhex(RECORDING["server"]).split(ours[:1] + b"\xff\x84")[1:]
        if b"Nobody" in rest
    ]
    assert gos.startswith(header)
    assert gos[len(header) + 3 :].startswith(body)


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="session")
def netrpcpeer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("needs Go (https://go.dev/dl): net/rpc was compared with recorded bytes only")
    program = tmp_path_factory.mktemp("bin") / "netrpcpeer"
    command = [go, "build", "-o", str(program), "./cmd/netrpcpeer"]
    subprocess.run(command, cwd=MODULE, check=True, timeout=600)
    return program


@pytest.fixture
def start(netrpcpeer: Path) -> Iterator[Start]:
    """Starts the Go program with arguments."""
    with ExitStack() as stack:

        def run(*arguments: str) -> "subprocess.Popen[bytes]":
            pipe, command = subprocess.PIPE, [str(netrpcpeer), *arguments]
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield run


def pieces(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """What the Go program writes, as it comes."""
    assert process.stdout is not None
    while piece := process.stdout.read(65_536):
        yield piece


@pytest.mark.conformance
def test_gos_server_answers_our_calls(start: Start) -> None:
    process, client = start("serve"), ClientConnection()
    calls = [client.call("Arith.Negate", POINT, {"X": number, "Y": -1}) for number in range(200)]
    calls.append(client.call("Arith.Fail", gob.STRING, "us"))
    calls.append(client.call("Nobody.There", POINT, {}))
    calls.append(client.call("Arith.Echo", gob.INTERFACE, None))
    calls.append(
        client.call("Arith.Echo", gob.INTERFACE, gob.Interface("main.Point", {"X": 7}, POINT))
    )
    output, _ = process.communicate(b"".join(data for _, data in calls), timeout=60)
    responses = {response.seq: response for response in client.receive_data(output)}
    assert len(responses) == 204
    assert client.pending_calls == 0
    assert responses[0].value == {"Y": 1}
    assert responses[199].value == {"X": -199, "Y": 1}
    assert responses[200].error == "failed: us"
    assert responses[201].error == "rpc: can't find service Nobody.There"
    assert responses[202].value is None
    echoed = responses[203].value
    assert isinstance(echoed, gob.Interface)
    assert echoed.value == {"X": 7}


@pytest.mark.conformance
def test_gos_client_understands_our_replies_in_any_order(start: Start) -> None:
    process, server = start("call", "200"), ServerConnection()
    assert process.stdin is not None
    negations: list[Request] = []
    for piece in pieces(process):
        answers = b""
        for request in server.receive_data(piece):
            if request.method == "Arith.Negate":
                negations.append(request)
            elif request.method == "Arith.Fail":
                answers += server.send_error(request, f"failed: {request.args}")
            else:
                answers += server.send_error(request, f"rpc: can't find service {request.method}")
        if len(negations) == 200:
            answers += b"".join(negated(server, request) for request in reversed(negations))
            negations.clear()
        process.stdin.write(answers)
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0


def negated(server: ServerConnection, request: Request) -> bytes:
    assert isinstance(request.args, dict)
    return server.send_reply(request, POINT, {name: -value for name, value in request.args.items()})
