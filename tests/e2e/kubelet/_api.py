"""The API server as the node sees it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import httpx2
from kube import Access, Json

__all__ = ["Api", "ApiRefusedError"]

_log = logging.getLogger("kubelet.api")
_WATCH_SECONDS = 240
_PAUSE_SECONDS = 0.5


class ApiRefusedError(Exception):
    """An answer other than 2xx."""

    def __init__(self, call: str, status: int, text: str) -> None:
        super().__init__(f"{call}: {status} {text[:300]}")
        self.status = status


class Api:
    """Calls that answer JSON, and watches that go on through broken connections."""

    def __init__(self, access: Access) -> None:
        limits = httpx2.Limits(max_connections=64)
        self._http = httpx2.AsyncClient(**access.http(), limits=limits)

    async def call(self, verb: str, path: str, **more: Any) -> Json:
        """Any call; raises ApiRefusedError, or httpx2's errors where nobody answers."""
        answer = await self._http.request(verb, path, **more)
        if not answer.is_success:
            raise ApiRefusedError(f"{verb} {path}", answer.status_code, answer.text)
        found: Json = answer.json()
        return found

    async def patch(self, path: str, change: Json) -> Json:
        """A merge patch."""
        headers = {"Content-Type": "application/merge-patch+json"}
        return await self.call("PATCH", path, content=json.dumps(change), headers=headers)

    async def watch(self, path: str) -> AsyncIterator[tuple[str, Json]]:
        """Every object as it is and as it changes: `ADDED`, `MODIFIED` or `DELETED`, and it.

        After a gap everything is listed anew, as `ADDED`, and what is gone meanwhile as `DELETED`.
        """
        known: dict[str, Json] = {}
        while True:
            try:
                async for kind, one in self._rounds(path, known):
                    uid = one["metadata"]["uid"]
                    if kind == "DELETED":
                        known.pop(uid, None)
                    else:
                        known[uid] = one
                    yield kind, one
            except (httpx2.TransportError, ApiRefusedError, ValueError) as error:
                _log.info("watch of %s begins anew: %r", path, error)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _rounds(self, path: str, known: dict[str, Json]) -> AsyncIterator[tuple[str, Json]]:
        listed = await self.call("GET", path)
        here = {one["metadata"]["uid"] for one in listed["items"]}
        for gone in [one for uid, one in known.items() if uid not in here]:
            yield "DELETED", gone
        for one in listed["items"]:
            yield "ADDED", one
        version = listed["metadata"]["resourceVersion"]
        while True:
            params = {"watch": "1", "resourceVersion": version, "timeoutSeconds": _WATCH_SECONDS}
            timeout = httpx2.Timeout(10.0, read=_WATCH_SECONDS + 30.0)
            async with self._http.stream("GET", path, params=params, timeout=timeout) as answer:
                if not answer.is_success:
                    text = (await answer.aread()).decode(errors="replace")
                    raise ApiRefusedError(f"watch {path}", answer.status_code, text)
                async for line in answer.aiter_lines():
                    change = json.loads(line)
                    if change["type"] == "ERROR":
                        raise ApiRefusedError(f"watch {path}", 410, line)
                    version = change["object"]["metadata"]["resourceVersion"]
                    yield change["type"], change["object"]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
