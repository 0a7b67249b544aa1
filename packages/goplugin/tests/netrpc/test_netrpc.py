"""Calls on one stream: a client of ours, a server of ours, and what Go sends."""

import random
from collections.abc import Callable

import pytest

from goplugin.wire import BackPressureError, Limits, LocalProtocolError, RemoteProtocolError, gob
from goplugin.wire.netrpc import ClientConnection, Request, Response, ServerConnection

POINT = gob.Struct("Point", {"X": gob.INT, "Y": gob.INT})


@pytest.fixture
def client() -> ClientConnection:
    return ClientConnection()


@pytest.fixture
def server() -> ServerConnection:
    return ServerConnection()


Call = Callable[..., Request]


@pytest.fixture
def call(client: ClientConnection, server: ServerConnection) -> Call:
    """Starts a call and returns the request that the server reads."""

    def start(
        method: str = "Plugin.Run", args_type: gob.Type = gob.INT, args: object = 1
    ) -> Request:
        _, data = client.call(method, args_type, args)
        (request,) = server.receive_data(data)
        return request

    return start


def test_a_call_is_answered(client: ClientConnection, server: ServerConnection) -> None:
    seq, data = client.call("Arith.Negate", POINT, {"X": 3})
    (request,) = server.receive_data(data)
    assert request == Request(seq, "Arith.Negate", {"X": 3})
    assert (request.service, request.name) == ("Arith", "Negate")
    reply = server.send_reply(request, POINT, {"X": -3})
    assert client.receive_data(reply) == [Response(seq, "Arith.Negate", "", {"X": -3})]
    assert client.pending_calls == server.pending_calls == 0


@pytest.mark.parametrize(
    ("args_type", "args"),
    [
        (gob.BOOL, True),
        (gob.BOOL, False),
        (gob.STRING, "RpcMetricProviderPlugin"),
        (gob.UINT, 7),
        (gob.INTERFACE, None),
        (gob.INTERFACE, gob.Interface("RunArgs", {"X": 1}, POINT)),
        (gob.Map(gob.STRING, gob.STRING), {"a": "b"}),
        (gob.Struct("", {}), {}),
    ],
)
def test_arguments_and_replies_are_of_any_type(
    client: ClientConnection, server: ServerConnection, args_type: gob.Type, args: object
) -> None:
    seq, data = client.call("Plugin.Do", args_type, args)
    (request,) = server.receive_data(data)
    (response,) = client.receive_data(server.send_reply(request, args_type, args))
    assert response == Response(seq, "Plugin.Do", "", request.args)
    if not isinstance(args, gob.Interface):
        assert request.args == args


def test_many_calls_are_answered_in_any_order(
    client: ClientConnection, server: ServerConnection
) -> None:
    requests = []
    for number in range(200):
        _, data = client.call("Plugin.Run", gob.INT, number)
        requests += server.receive_data(data)
    random.Random(1).shuffle(requests)
    responses = []
    for request in requests:
        responses += client.receive_data(server.send_reply(request, gob.INT, request.args))
    assert [response.seq for response in responses] == [request.seq for request in requests]
    assert all(response.value == response.seq for response in responses)


def test_messages_may_be_cut_at_every_byte(
    client: ClientConnection, server: ServerConnection, call: Call
) -> None:
    reply = server.send_reply(call(), POINT, {"Y": 2}) + server.send_error(call(), "no")
    responses = [response for byte in reply for response in client.receive_data(bytes([byte]))]
    assert responses == [
        Response(0, "Plugin.Run", "", {"Y": 2}),
        Response(1, "Plugin.Run", "no", None),
    ]


def test_several_messages_may_come_at_once(
    client: ClientConnection, server: ServerConnection
) -> None:
    data = b"".join(client.call("Plugin.Run", gob.INT, number)[1] for number in range(3))
    assert [request.args for request in server.receive_data(data)] == [0, 1, 2]


def test_a_header_waits_for_its_body(client: ClientConnection, server: ServerConnection) -> None:
    _, data = client.call("Plugin.Run", gob.STRING, "x")
    assert server.receive_data(data[:-1]) == []
    assert server.receive_data(b"") == []
    assert len(server.receive_data(data[-1:])) == 1


def test_an_error_reply_carries_its_message(
    client: ClientConnection, server: ServerConnection, call: Call
) -> None:
    request = call("Nobody.There")
    error = server.send_error(request, "rpc: can't find service Nobody.There")
    assert client.receive_data(error) == [
        Response(request.seq, "Nobody.There", "rpc: can't find service Nobody.There", None)
    ]


def test_a_method_without_a_dot_has_no_service(call: Call) -> None:
    request = call("nonsense")
    assert (request.service, request.name) == ("", "nonsense")


def test_replies_to_unknown_and_abandoned_calls_are_dropped(
    client: ClientConnection, server: ServerConnection, call: Call
) -> None:
    late, good = call(), call()
    client.abandon(late.seq)
    client.abandon(99)
    assert client.pending_calls == 1
    assert client.receive_data(server.send_reply(late, gob.STRING, "late")) == []
    assert client.receive_data(server.send_reply(good, gob.STRING, "good")) == [
        Response(good.seq, good.method, "", "good")
    ]


def test_a_reply_that_nobody_asked_for_is_dropped(server: ServerConnection, call: Call) -> None:
    assert ClientConnection().receive_data(server.send_error(call(), "nobody asked")) == []


def test_a_value_that_does_not_fit_leaves_the_stream_whole(
    client: ClientConnection, server: ServerConnection, call: Call
) -> None:
    """Also where it is the first one, whose header would have defined the header's type."""
    with pytest.raises(LocalProtocolError):
        client.call("Plugin.Run", gob.INT, "text")
    assert client.pending_calls == 0
    for _ in range(2):
        request = call()
        with pytest.raises(LocalProtocolError):
            server.send_reply(request, POINT, {"Z": 1})
        reply = server.send_error(request, "internal error")
        assert client.receive_data(reply) == [
            Response(request.seq, "Plugin.Run", "internal error", None)
        ]


def test_a_message_that_is_too_long_leaves_the_stream_whole(
    client: ClientConnection, call: Call
) -> None:
    server = ServerConnection(Limits(gob_message_bytes=1000))
    (request,) = server.receive_data(client.call("A.B", gob.INT, 1)[1])
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            server.send_error(request, "x" * 2000)
    assert client.receive_data(server.send_error(request, "short")) == [
        Response(0, "A.B", "short", None)
    ]


def test_a_request_is_answered_once(server: ServerConnection, call: Call) -> None:
    request = call()
    server.send_reply(request, gob.INT, 1)
    with pytest.raises(LocalProtocolError, match=r"request 0 \(Plugin.Run\) has its reply"):
        server.send_error(request, "again")


def test_a_request_of_another_stream_is_refused(call: Call) -> None:
    request, other = call(), ServerConnection()
    other.receive_data(ClientConnection().call("A.B", gob.INT, 1)[1])
    with pytest.raises(LocalProtocolError, match="or is of another stream"):
        other.send_reply(request, gob.INT, 1)


def test_an_error_reply_needs_a_message(server: ServerConnection, call: Call) -> None:
    with pytest.raises(
        LocalProtocolError, match="an error reply without a message would be a good reply"
    ):
        server.send_error(call(), "")


@pytest.mark.parametrize(
    ("header_type", "header", "rule"),
    [
        (gob.INT, 5, "net/rpc header is a int, expected a struct"),
        (
            gob.Struct("Request", {"ServiceMethod": gob.INT}),
            {"ServiceMethod": 1},
            "ServiceMethod of a net/rpc header is a int",
        ),
        (
            gob.Struct("Request", {"Seq": gob.STRING}),
            {"Seq": "1"},
            "Seq of a net/rpc header is a str, expected a uint",
        ),
        (
            gob.Struct("Request", {"Seq": gob.BOOL}),
            {"Seq": True},
            "Seq of a net/rpc header is a bool, expected a uint",
        ),
        (
            gob.Struct("Request", {"Seq": gob.INT}),
            {"Seq": -1},
            "Seq of a net/rpc header is a int, expected a uint",
        ),
        (
            gob.Struct("Response", {"Error": gob.BYTES}),
            {"Error": b"x"},
            "Error of a net/rpc header is a bytes",
        ),
        (
            gob.Struct("Request", {"ServiceMethod": gob.STRING}),
            {"ServiceMethod": "x" * 1025},
            "ServiceMethod has 1025 characters",
        ),
    ],
)
@pytest.mark.parametrize("connection_type", [ServerConnection, ClientConnection])
def test_a_header_that_is_none_breaks_a_rule(
    connection_type: type[ServerConnection | ClientConnection],
    header_type: gob.Type,
    header: object,
    rule: str,
) -> None:
    encoder = gob.Encoder()
    connection = connection_type()
    with pytest.raises(RemoteProtocolError, match=rule):
        connection.receive_data(encoder.encode(header_type, header) + encoder.encode(gob.INT, 1))
    with pytest.raises(LocalProtocolError, match=r"this stream failed before: .*; reset it"):
        connection.receive_data(b"")


def test_an_error_names_the_place_of_the_message(
    client: ClientConnection, server: ServerConnection
) -> None:
    good = client.call("Plugin.Run", gob.INT, 1)[1]
    second = client.call("Plugin.Run", gob.INT, 2)[1]
    server.receive_data(good + second)
    with pytest.raises(RemoteProtocolError, match="request 1 came twice") as caught:
        server.receive_data(second)
    assert caught.value.offset == len(good + second) + 1  # after the count, one byte


def test_bytes_that_are_no_gob_break_a_rule(
    client: ClientConnection, server: ServerConnection
) -> None:
    for connection in (client, server):
        with pytest.raises(RemoteProtocolError):
            connection.receive_data(b"\x00" * 20)


def test_fields_that_we_do_not_know_are_skipped(server: ServerConnection) -> None:
    header = gob.Struct("Request", {"ServiceMethod": gob.STRING, "Trace": POINT, "Seq": gob.UINT})
    encoder = gob.Encoder()
    data = encoder.encode(header, {"ServiceMethod": "A.B", "Trace": {"X": 1}, "Seq": 2})
    assert server.receive_data(data + encoder.encode(gob.INT, 3)) == [Request(2, "A.B", 3)]


def test_too_many_calls_without_a_reply_break_a_rule(client: ClientConnection) -> None:
    server = ServerConnection(Limits(pending_calls=2))
    server.receive_data(client.call("A.B", gob.INT, 1)[1] + client.call("A.B", gob.INT, 1)[1])
    assert server.pending_calls == 2
    with pytest.raises(RemoteProtocolError, match="more than 2 requests wait for their replies"):
        server.receive_data(client.call("A.B", gob.INT, 1)[1])


def test_we_start_no_more_calls_than_the_limit(server: ServerConnection) -> None:
    client = ClientConnection(Limits(pending_calls=1))
    (request,) = server.receive_data(client.call("A.B", gob.INT, 1)[1])
    with pytest.raises(BackPressureError, match="1 calls have no reply yet"):
        client.call("A.B", gob.INT, 1)
    client.receive_data(server.send_reply(request, gob.INT, 1))
    assert client.call("A.B", gob.INT, 1)[0] == 1


def test_we_write_no_method_that_is_too_long(client: ClientConnection) -> None:
    with pytest.raises(
        LocalProtocolError, match="the method's name has 1025 characters, 1024 are allowed"
    ):
        client.call("x" * 1025, gob.INT, 1)
