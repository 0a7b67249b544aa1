"""Cards of both versions, and the interface that is chosen from them."""

from collections.abc import Callable
from typing import Any

import pytest

from rollouts_plugin_metric_ai.a2a_client import (
    AddressRefused,
    AgentCard,
    AgentClient,
    AgentClientError,
    AgentRefused,
    HostPolicy,
    ProtocolViolation,
    parse_address,
)
from rollouts_plugin_metric_ai.a2a_client._card import read_card

Deadline = Callable[[float], float]
AGENT = parse_address("http://agent:8080/base")


def card(document: object, policy: HostPolicy | None = None) -> AgentCard:
    return read_card(document, AGENT, policy or HostPolicy())


def interface(url: str, binding: str = "JSONRPC", version: object = "1.0") -> dict[str, object]:
    return {"url": url, "protocolBinding": binding, "protocolVersion": version}


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("1.0", "1.0"),
        ("1.0.0", "1.0"),
        ("1", "1.0"),
        ("v1.2", "1.0"),
        ("0.3", "0.3"),
        ("0.3.0", "0.3"),
        ("0.2.5", "0.3"),
        ("", "0.3"),
        (None, "0.3"),
        (1.0, "0.3"),
    ],
)
def test_version(said: object, version: str) -> None:
    new = card({"supportedInterfaces": [interface("http://agent:8080/rpc", version=said)]})
    old = card({"url": "http://agent:8080/rpc", "protocolVersion": said})
    assert (new.protocol_version, old.protocol_version) == (version, version)
    assert (new.url, old.url) == ("http://agent:8080/rpc",) * 2
    assert (new.transport, old.transport) == ("JSONRPC",) * 2


def test_json_rpc_is_preferred_then_the_newer_version() -> None:
    rest = interface("http://agent:8080/rest", "HTTP+JSON")
    old = interface("http://agent:8080/old", "jsonrpc", "0.3")
    new = interface("http://agent:8080/new")
    grpc = interface("agent:50051", "GRPC")
    assert card({"supportedInterfaces": [grpc, rest, old, new]}).url.endswith("/new")
    assert card({"supportedInterfaces": [grpc, rest, old]}).url.endswith("/old")
    chosen = card({"supportedInterfaces": [grpc, rest]})
    assert (chosen.transport, chosen.url) == ("HTTP+JSON", "http://agent:8080/rest")


def test_additional_interfaces_of_0_3() -> None:
    document = {
        "url": "grpc://agent:50051",
        "preferredTransport": "GRPC",
        "protocolVersion": "0.3.0",
        "additionalInterfaces": [
            "nonsense",
            {"url": "http://agent:8080/v1", "transport": "HTTP+JSON"},
        ],
    }
    chosen = card(document)
    assert (chosen.transport, chosen.protocol_version) == ("HTTP+JSON", "0.3")


@pytest.mark.parametrize(
    "named",
    [
        "http://elsewhere:8080/rpc",
        "https://agent:8080/rpc",
        "http://agent:8081/rpc",
        "http://localhost:8080/rpc",
        "//elsewhere/rpc",
        "http://agent:8080@elsewhere/rpc",
        "http://169.254.169.254/rpc",
        "",
    ],
)
def test_card_that_points_elsewhere(named: str) -> None:
    with pytest.raises(AddressRefused):
        card({"supportedInterfaces": [interface(named)]})


def test_card_that_points_elsewhere_says_what_to_do() -> None:
    with pytest.raises(AddressRefused) as caught:
        card({"url": "http://0.0.0.0:9999"} | {"url": "http://elsewhere:8080/rpc?k=s3cr3t"})
    text = str(caught.value)
    assert "names the address http://elsewhere:8080/rpc, expected one at http://agent:8080" in text
    assert "s3cr3t" not in text


def test_another_origin_that_the_operator_allows() -> None:
    policy = HostPolicy(rpc_origins=["https://rpc.example:443/"])
    document = {"supportedInterfaces": [interface("https://rpc.example/x")]}
    assert card(document, policy).url == "https://rpc.example/x"
    closed = HostPolicy(["agent"], rpc_origins=["https://rpc.example"])
    with pytest.raises(AddressRefused, match="expected one that the operator allows"):
        card(document, closed)


def test_interface_at_the_agents_own_origin_is_taken_first() -> None:
    listed = [interface("http://elsewhere/rpc"), interface("http://agent:8080/rpc", version="0.3")]
    assert card({"supportedInterfaces": listed}).url == "http://agent:8080/rpc"


def test_address_without_an_origin_is_the_agents() -> None:
    assert card({"url": "/rpc?tenant=a"}).url == "http://agent:8080/rpc?tenant=a"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (None, "nothing as agent card"),
        ([], "a list as agent card"),
        ({}, "offers no interface"),
        ({"url": 7, "supportedInterfaces": 7, "additionalInterfaces": 7}, "address: found nothing"),
        ({"supportedInterfaces": [interface("http://agent:8080", "GRPC")]}, "offers GRPC 1.0"),
        ({"supportedInterfaces": [interface("http://agent:8080", version="2.0")]}, "JSONRPC 2.0"),
        ({"supportedInterfaces": [interface("http://agent:8080", version="new")]}, "JSONRPC new"),
    ],
)
def test_no_card(document: object, found: str) -> None:
    with pytest.raises((ProtocolViolation, AddressRefused), match=found):
        card(document)


def test_other_fields() -> None:
    document = {
        "url": "/",
        "name": "an\nagent",
        "version": "1.2",
        "capabilities": {
            "streaming": True,
            "extensions": [{"uri": "urn:a"}, {"uri": 7}, "urn:b", {"uri": "u" * 501}],
        },
    }
    read = card(document)
    assert (read.name, read.version, read.streaming) == ("an agent", "1.2", True)
    assert read.extensions == {"urn:a"}
    bare = card({"url": "/", "name": 7, "capabilities": []})
    assert (bare.name, bare.streaming, bare.extensions) == ("", False, frozenset())
    assert card({"url": "/", "capabilities": {"extensions": {}}}).extensions == frozenset()


def test_tenant() -> None:
    entry = interface("http://agent:8080/") | {"tenant": "blue"}
    assert card({"supportedInterfaces": [entry]}).tenant == "blue"


async def test_older_agents_serve_their_card_elsewhere(
    client: AgentClient, serve_raw: Any, answer: Callable[..., bytes], deadline: Deadline
) -> None:
    async def old(seen: Any, writer: Any) -> None:
        known = seen.target == "/base/.well-known/agent.json"
        writer.write(answer({"url": "/rpc"}) if known else answer(b"", "404 Not Found"))

    server = await serve_raw(old)
    read = await client.fetch_card(f"{server.url}/base/", None, deadline(30))
    assert (read.url, read.protocol_version) == (f"{server.url}/rpc", "0.3")
    with pytest.raises(AgentRefused, match=r"agent-card\.json answered HTTP 404"):
        await client.fetch_card(server.url, None, deadline(30))
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", ["401 Unauthorized", "500 Internal Server Error"])
async def test_card_that_is_not_given(
    status: str, client: AgentClient, serve_answer: Any, deadline: Deadline
) -> None:
    server = await serve_answer(b"", status)
    with pytest.raises(AgentClientError, match=f"HTTP {status[:3]}"):
        await client.fetch_card(server.url, None, deadline(30))
    assert len(server.requests) == 1
