"""What the node tells about pods."""

import asyncio
import itertools
import logging
from datetime import UTC, datetime

import httpx2
from kube import Json

from ._api import Api, ApiRefusedError

__all__ = ["Events", "now"]

_log = logging.getLogger("kubelet.events")
_KEPT = 4096


def now() -> str:
    """The time as core/v1 writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Events:
    """Records events one after the other; the same one again raises its count."""

    def __init__(self, api: Api, node: str) -> None:
        self._api = api
        self._node = node
        self._numbers = itertools.count(1)
        self._seen: dict[tuple[str, str, str], tuple[str, int]] = {}
        self._queue: asyncio.Queue[tuple[Json, str, str, str, str]] = asyncio.Queue()

    def tell(
        self, pod: Json, reason: str, message: str, *, container: str = "", warning: bool = False
    ) -> None:
        """Takes an event about a pod, or one of its containers; `run` sends it."""
        path = f"spec.containers{{{container}}}" if container else ""
        kind = "Warning" if warning else "Normal"
        self._queue.put_nowait((pod, reason, message, path, kind))

    async def run(self) -> None:
        """Sends what is told, for ever."""
        while True:
            told = await self._queue.get()
            try:
                await self._send(*told)
            except (ApiRefusedError, httpx2.TransportError) as error:
                # A namespace that is being removed takes no events.
                _log.info("event %s lost: %s", told[1], error)

    async def _send(self, pod: Json, reason: str, message: str, path: str, kind: str) -> None:
        metadata = pod["metadata"]
        events = f"/api/v1/namespaces/{metadata['namespace']}/events"
        key = (metadata["uid"] + path, reason, message)
        if key in self._seen:
            name, count = self._seen[key]
            self._seen[key] = (name, count + 1)
            await self._api.patch(f"{events}/{name}", {"count": count + 1, "lastTimestamp": now()})
            return
        name = f"{metadata['name']}.{metadata['uid'][:8]}.{next(self._numbers)}"
        if len(self._seen) >= _KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[key] = (name, 1)
        event = self._event(pod, reason, message, path, kind) | {"metadata": {"name": name}}
        await self._api.call("POST", events, json=event)

    def _event(self, pod: Json, reason: str, message: str, path: str, kind: str) -> Json:
        metadata = pod["metadata"]
        involved = {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
        }
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "involvedObject": involved | ({"fieldPath": path} if path else {}),
            "reason": reason,
            "message": message,
            "type": kind,
            "count": 1,
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "source": {"component": "kubelet", "host": self._node},
        }
