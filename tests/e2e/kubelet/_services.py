"""What a Service's address receives goes to its ready pods: the part of kube-proxy."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from kube import Json

from ._pod import Pod
from ._probes import port_of

__all__ = ["Services"]

_log = logging.getLogger("kubelet.services")
_CHUNK = 64 * 1024
_CONNECT_SECONDS = 2.0


class Services:
    """Listens on the addresses of all Services and forwards connections, each to the next pod.

    Args:
        pods: the node's pods.
    """

    def __init__(self, pods: Callable[[], Iterable[Pod]]) -> None:
        self._pods = pods
        self._services: dict[str, Json] = {}
        self._servers: dict[tuple[str, str, int], asyncio.Server] = {}
        self._turns: dict[str, int] = {}

    def all(self) -> list[Json]:
        """The Services there are."""
        return list(self._services.values())

    async def seen(self, kind: str, service: Json) -> None:
        """Takes a Service as it is now, or is no more."""
        uid = service["metadata"]["uid"]
        if kind == "DELETED":
            self._services.pop(uid, None)
            for key in [key for key in self._servers if key[0] == uid]:
                self._servers.pop(key).close()
            return
        self._services[uid] = service
        address = service["spec"].get("clusterIP", "None")
        if address in ("", "None") or not service["spec"].get("selector"):
            return
        for port in service["spec"]["ports"]:
            key = (uid, address, port["port"])
            if key not in self._servers:
                await self._listen(key, port)

    async def _listen(self, key: tuple[str, str, int], port: Json) -> None:
        uid, address, number = key

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._forward(uid, port, reader, writer)

        try:
            self._servers[key] = await asyncio.start_server(forward, address, number)
        except OSError as error:
            _log.warning("%s:%d: %s", address, number, error)

    async def _forward(
        self, uid: str, port: Json, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            target = self._next(uid, port)
            if target is None:
                return
            try:
                far_reader, far_writer = await asyncio.wait_for(
                    asyncio.open_connection(*target), _CONNECT_SECONDS
                )
            except (OSError, TimeoutError):
                return
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            writer.close()

    def _next(self, uid: str, port: Json) -> tuple[str, int] | None:
        service = self._services.get(uid)
        ready = [pod for pod in self._pods() if service and pod.ready and _selects(service, pod)]
        if not ready:
            return None
        turn = self._turns[uid] = self._turns.get(uid, 0) + 1
        pod = ready[turn % len(ready)]
        wanted: int | str = port.get("targetPort") or port["port"]
        ports = (port_of(wanted, one) for one in pod.object["spec"]["containers"])
        number = next((one for one in ports if one), 0)
        return (pod.ip, number) if number else None


def _selects(service: Json, pod: Pod) -> bool:
    metadata = pod.object["metadata"]
    if service["metadata"]["namespace"] != metadata["namespace"]:
        return False
    labels = metadata.get("labels", {})
    return all(labels.get(name) == text for name, text in service["spec"]["selector"].items())


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof() if writer.can_write_eof() else writer.close()
