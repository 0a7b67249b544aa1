"""Reads an agent's card, of either version, and chooses the interface to speak to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ._address import Address, HostPolicy, parse_address
from ._errors import AddressRefused, ProtocolViolation
from ._model import HTTP_JSON, JSONRPC, V03, V1, AgentCard
from ._text import kind_of, snippet

WELL_KNOWN = "/.well-known/agent-card.json"
# Where agents before 0.3 serve it.
WELL_KNOWN_OLD = "/.well-known/agent.json"

_VERSION = re.compile(r"v?(\d{1,3})(?:\.(\d{1,3}))?(?:\..*)?")

# JSON-RPC is what every SDK serves; the newer version is the better tested one.
_PREFERENCE = ((JSONRPC, V1), (JSONRPC, V03), (HTTP_JSON, V1), (HTTP_JSON, V03))


@dataclass(frozen=True, slots=True)
class _Interface:
    url: str
    transport: str
    version: str
    tenant: str = ""


def read_card(document: object, agent: Address, policy: HostPolicy) -> AgentCard:
    """The card of the agent at `agent`.

    Raises:
        ProtocolViolation: no card, or one without an interface that this client speaks.
        AddressRefused: all such interfaces are at addresses that the policy does not allow.
    """
    if not isinstance(document, Mapping):
        raise ProtocolViolation(
            f"{agent}: found {kind_of(document)} as agent card, expected an object"
        )
    interfaces = list(_interfaces(document))
    chosen = _choose(interfaces, agent, policy)
    capabilities = document.get("capabilities")
    if not isinstance(capabilities, Mapping):
        capabilities = {}
    return AgentCard(
        url=chosen.url,
        protocol_version=chosen.version,
        transport=chosen.transport,
        extensions=_extensions(capabilities.get("extensions")),
        tenant=chosen.tenant,
        name=snippet(_text(document.get("name"))),
        version=snippet(_text(document.get("version"))),
        streaming=capabilities.get("streaming") is True,
    )


def _choose(interfaces: list[_Interface], agent: Address, policy: HostPolicy) -> _Interface:
    refusal: AddressRefused | None = None
    for wanted in _PREFERENCE:
        for interface in interfaces:
            if (interface.transport, interface.version) != wanted:
                continue
            try:
                address = _resolve(interface, agent)
                _check(address, agent, policy)
            except AddressRefused as error:
                refusal = refusal or error
            else:
                url = address.origin + address.target
                return _Interface(url, interface.transport, interface.version, interface.tenant)
    if refusal is not None:
        raise refusal
    offered = ", ".join(f"{i.transport} {i.version}" for i in interfaces[:10]) or "no interface"
    raise ProtocolViolation(
        f"the card of {agent} offers {snippet(offered)}, expected JSONRPC or HTTP+JSON in version 1.0 or 0.3"
    )


def _resolve(interface: _Interface, agent: Address) -> Address:
    if interface.url.startswith("/") and not interface.url.startswith("//"):
        return parse_address(agent.origin + interface.url, "the card's address", query=True)
    return parse_address(interface.url, "the card's address", query=interface.transport == JSONRPC)


def _check(address: Address, agent: Address, policy: HostPolicy) -> None:
    policy.check(address)
    if not policy.allows_rpc(agent, address):
        raise AddressRefused(
            f"the card of {agent.origin} names the address {address}, expected one at {agent.origin}; "
            f"set the agent's public address, or let the operator allow that origin"
        )


def _interfaces(document: Mapping[str, object]) -> Iterator[_Interface]:
    listed = document.get("supportedInterfaces")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping):
            yield _Interface(
                _text(entry.get("url")),
                _transport(entry.get("protocolBinding")),
                _version(entry.get("protocolVersion")),
                _text(entry.get("tenant")),
            )
    yield from _interfaces_03(document)


def _interfaces_03(document: Mapping[str, object]) -> Iterator[_Interface]:
    version = _version(document.get("protocolVersion"))
    if document.get("url"):
        transport = _transport(document.get("preferredTransport") or JSONRPC)
        yield _Interface(_text(document.get("url")), transport, version)
    more = document.get("additionalInterfaces")
    for entry in more if isinstance(more, list) else ():
        if isinstance(entry, Mapping):
            yield _Interface(_text(entry.get("url")), _transport(entry.get("transport")), version)


def _version(value: object) -> str:
    """`1.0` for 1.x, `0.3` for what is older or not said, anything else as it stands."""
    text = _text(value).strip()
    if not text:
        return V03
    match = _VERSION.fullmatch(text)
    if match is None:
        return text[:20]
    return {0: V03, 1: V1}.get(int(match[1]), text[:20])


def _transport(value: object) -> str:
    return _text(value).strip().upper()[:20]


def _extensions(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(
        uri
        for entry in value[:100]
        if isinstance(entry, Mapping)
        and isinstance(uri := entry.get("uri"), str)
        and len(uri) <= 500
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
