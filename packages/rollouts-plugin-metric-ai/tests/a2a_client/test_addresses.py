"""Which addresses are read, and where a request may go."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai.a2a_client import (
    AddressRefused,
    AgentCard,
    AgentClient,
    AgentUnreachable,
    Credentials,
    HostPolicy,
    parse_address,
)

Deadline = Callable[[float], float]


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("http://agent", "http://agent", "/"),
        ("http://agent:80/", "http://agent", "/"),
        ("https://Agent.Example:443/a/b", "https://agent.example", "/a/b"),
        ("HTTPS://agent:8443/a/", "https://agent:8443", "/a/"),
        ("http://[::1]:8080/x", "http://[::1]:8080", "/x"),
        ("http://10.0.0.1:1", "http://10.0.0.1:1", "/"),
        ("http://a_b-c.svc.cluster.local.:65535", "http://a_b-c.svc.cluster.local.:65535", "/"),
    ],
)
def test_good_address(text: str, origin: str, target: str) -> None:
    address = parse_address(text)
    assert (address.origin, address.target) == (origin, target)
    assert str(address) == origin + target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "agent:8080",
        "//agent",
        "ftp://agent",
        "file:///etc/passwd",
        "gopher://agent",
        "javascript://agent/%0aalert(1)",
        "http://",
        "http:///path",
        "http://:8080",
        "http://agent:0",
        "http://agent:65536",
        "http://agent:port",
        "http://agent:-1",
        "http://user@agent",
        "http://user:s3cr3t@agent",
        "http://@agent",
        "http://agent#fragment",
        "http://agent/#",
        "http://agent?q=s3cr3t",
        "http://agent/?",
        "http://a b",
        "http://agent/a b",
        "http://agent\r\nHost: x",
        "http://agent\\@elsewhere",
        "http://agent%2f.elsewhere",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://[v1.x]/",
        "http://[10.0.0.1]/",
        "http://[agent]/",
        "http://ägent",
        "http://-agent",
        "http://agent..example",
        "http://" + "a" * 64,
        "http://" + "a." * 127 + "aa",
        "http://agent/" + "a" * 2048,
    ],
)
def test_bad_address(text: str) -> None:
    with pytest.raises(AddressRefused, match=r"^agentUrl: found ") as caught:
        parse_address(text)
    assert "s3cr3t" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_query_where_it_is_allowed() -> None:
    address = parse_address("http://agent/rpc?k=s3cr3t", query=True)
    assert address.target == "/rpc?k=s3cr3t"
    assert str(address) == "http://agent/rpc"


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for prefix in ("", "http://", "https://agent/"):
        try:
            address = parse_address(prefix + text, query=True)
        except AddressRefused:
            continue
        again = parse_address(address.origin + address.target, query=True)
        assert again == address
        assert "@" not in address.origin


REFUSED = [
    "http://169.254.169.254",
    "http://169.254.0.1:8080",
    "http://[fe80::1]",
    "http://[fd00:ec2::254]",
    "http://[fd20:ce::254]",
    "http://100.100.100.200",
    "http://192.0.0.192",
    "http://168.63.129.16",
    "http://0.0.0.0",
    "http://[::]",
    "http://224.0.0.1",
    "http://255.255.255.255",
    "http://[::ffff:169.254.169.254]",
    "http://[64:ff9b::169.254.169.254]",
    "http://[2002:a9fe:a9fe::1]",
]


@pytest.mark.parametrize("text", REFUSED)
async def test_refused_unless_told_otherwise(
    text: str, client: AgentClient, deadline: Deadline
) -> None:
    with pytest.raises(AddressRefused, match="expected no link-local, metadata"):
        await client.fetch_card(text, None, deadline(30))


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1", "http://10.1.2.3", "http://[fd00::1]", "http://agent.ns.svc"]
)
def test_allowed_unless_told_otherwise(text: str) -> None:
    HostPolicy().check(parse_address(text))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("http://agent.example", True),
        ("http://AGENT.example.:8080", True),
        ("http://a.svc.cluster.local", True),
        ("http://a.b.svc.cluster.local", True),
        ("http://10.255.0.1", True),
        ("http://[fd12::7]", True),
        ("http://169.254.1.1", True),
        ("http://svc.cluster.local", False),
        ("http://xsvc.cluster.local", False),
        ("http://elsewhere.example", False),
        ("http://agent.example.evil", False),
        ("http://11.0.0.1", False),
        ("http://127.0.0.1", False),
        ("http://169.254.169.254", False),
    ],
)
def test_operators_list(text: str, *, allowed: bool) -> None:
    policy = HostPolicy(
        ["Agent.example", "*.svc.cluster.local", " 10.0.0.0/8", "fd12::/16", "169.254.1.1", " "]
    )
    if allowed:
        policy.check(parse_address(text))
    else:
        with pytest.raises(AddressRefused):
            policy.check(parse_address(text))


def test_origins_of_the_operator_are_origins() -> None:
    with pytest.raises(AddressRefused, match=r"^origin: found no scheme"):
        HostPolicy(rpc_origins=["rpc.example"])


def resolve_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> list[str]:
    """Lets every name resolve to `found`; returns the names that were asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "addresses", [["169.254.169.254"], ["fe80::1%eth0"], ["::ffff:169.254.169.254", "0.0.0.0"]]
)
async def test_name_that_resolves_to_a_refused_address(
    addresses: list[str],
    client: AgentClient,
    deadline: Deadline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = resolve_to(monkeypatch, *addresses)
    with pytest.raises(AddressRefused, match=r"rebind\.example"):
        await client.fetch_card("http://rebind.example", Credentials(token="abc"), deadline(30))
    assert asked == ["rebind.example"]


async def test_name_with_a_good_address_among_others(
    client: AgentClient,
    serve_answer: Any,
    deadline: Deadline,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = await serve_answer({"result": {"id": "t"}})
    # One that must not be asked, one where nobody listens, and the server.
    resolve_to(monkeypatch, "169.254.169.254", "127.0.0.2", "127.0.0.1")
    url = server.url.replace("127.0.0.1", "agent.example")
    await client.get_task(AgentCard(url=url), "t", None, deadline(30))
    assert server.requests[0].headers["host"] == url.removeprefix("http://")


async def test_name_that_does_not_resolve(
    client: AgentClient, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch)
    with pytest.raises(AgentUnreachable, match=r"'agent\.example' does not resolve"):
        await client.fetch_card("http://agent.example", None, deadline(30))


async def test_every_request_asks_the_policy(serve_answer: Any, deadline: Deadline) -> None:
    server = await serve_answer({"result": {"id": "t"}})
    policy = HostPolicy(["agent.example"])
    async with AgentClient(user_agent="t", host_policy=policy) as client:
        with pytest.raises(AddressRefused, match="expected one that the operator allows"):
            await client.get_task(AgentCard(url=server.url), "t", None, deadline(30))
    assert server.connections == 0
