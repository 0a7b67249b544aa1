"""A name server on loopback, for tests that have a network namespace of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

_PORT = 53
_HEADER_BYTES = 12
_RESPONSE, _NO_SUCH_NAME = 0x8180, 0x8183
_A = 1


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Answers questions for addresses (RFC 1035).

    Attributes:
        names: the IPv4 address of each name; None: it hears every question and answers none.
        asked: the names that it was asked for, in order.
    """

    names: Mapping[str, str] | None
    asked: list[str] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data)
        self.asked.append(name)
        if self.names is None:
            return
        wanted = int.from_bytes(data[end : end + 2], "big")
        address = self.names.get(name)
        flags = _NO_SUCH_NAME if address is None else _RESPONSE
        answers = address is not None and wanted == _A
        counts = (1).to_bytes(2, "big") + int(answers).to_bytes(2, "big") + bytes(4)
        reply = data[:2] + flags.to_bytes(2, "big") + counts + data[_HEADER_BYTES : end + 4]
        if answers:
            # The name as a pointer to the question, type A, class IN, a minute, four bytes.
            reply += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(
                str(address)
            )
        self._transport.sendto(reply, addr)


def _name(data: bytes) -> tuple[str, int]:
    """The question's name, and where it ends."""
    labels, position = [], _HEADER_BYTES
    while length := data[position]:
        labels.append(data[position + 1 : position + 1 + length].decode())
        position += 1 + length
    return ".".join(labels), position + 1


@asynccontextmanager
async def name_server(names: Mapping[str, str] | None) -> AsyncIterator[NameServer]:
    """A name server at 127.0.0.1:53."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(names), ("127.0.0.1", _PORT)
    )
    try:
        yield server
    finally:
        transport.close()
