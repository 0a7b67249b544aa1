"""The calls, one at a time, from code that knows no event loop."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx2
from lightkube.core.exceptions import ConfigError

from canary_agent.collect import CollectError
from canary_agent.collect.kubernetes import Access
from metric_ai.exits import CommandError

from ._objects import Json, mapping, text

_SECONDS = 15.0
_MOST_BYTES = 32 << 20
_MOST_MESSAGE = 300
_CONFIGURE = (
    "name a kubeconfig with --kubeconfig or KUBECONFIG; kubectl config view shows one's own"
)


class ClusterError(CommandError):
    """The API could not be asked, or refused.

    Attributes:
        status: the HTTP status; 0 where there was no answer.
    """

    def __init__(self, what: str, advice: str, status: int = 0) -> None:
        super().__init__(what, advice)
        self.status = status


class Calls:
    """An account at an API server. Each call has `_SECONDS`; Ctrl-C ends it at once.

    Raises:
        ClusterError: there is no cluster, or its configuration cannot be read.
    """

    def __init__(self, access: Access) -> None:
        try:
            connection = access.connect()
            self._client = connection.client(_SECONDS)
        except CollectError as error:
            raise ClusterError(_without_cluster(access) or str(error), _CONFIGURE) from error
        self.config = connection.config
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self.config.cluster.server)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """The object or list at `path`.

        Raises:
            ClusterError: no answer, or a refusal.
        """
        return mapping(_decoded(self._ask("GET", path, query, None).content))

    def post(self, path: str, body: Json) -> Json:
        """What a review answers; used for nothing that is kept.

        Raises:
            ClusterError: as `get`.
        """
        return mapping(_decoded(self._ask("POST", path, None, body).content))

    def read(self, path: str, query: Mapping[str, str] | None = None) -> httpx2.Response:
        """The whole answer, such as a log's text.

        Raises:
            ClusterError: as `get`.
        """
        return self._ask("GET", path, query, None)

    def _ask(
        self, verb: str, path: str, query: Mapping[str, str] | None, body: Json | None
    ) -> httpx2.Response:
        try:
            return self._runner.run(self._answer(verb, path, query, body))
        except httpx2.TransportError as error:
            # Without the cause, which may quote headers, and so the token.
            raise ClusterError(
                f"the cluster at {self.server} does not answer: {_reason(error)}",
                f"is it the right one? context {self.config.context_name}; kubectl cluster-info",
            ) from None
        except (ConfigError, OSError, KeyError, ValueError) as error:
            raise ClusterError(
                f"the credentials of context {self.config.context_name} cannot be had:"
                f" {type(error).__name__}",
                "log in again as you do for kubectl, then try kubectl get pods",
            ) from None

    async def _answer(
        self, verb: str, path: str, query: Mapping[str, str] | None, body: Json | None
    ) -> httpx2.Response:
        headers = {"Accept-Encoding": "identity"}
        request = self._client.build_request(verb, path, params=query, json=body, headers=headers)
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise ClusterError(
                        f"{path}: the answer is larger than {_MOST_BYTES >> 20} MiB",
                        "name a namespace with fewer objects",
                    )
        finally:
            await response.aclose()
        whole = httpx2.Response(
            response.status_code, headers=response.headers, content=bytes(content)
        )
        if not response.is_success:
            raise self._refusal(verb, path, whole)
        return whole

    def _refusal(self, verb: str, path: str, response: httpx2.Response) -> ClusterError:
        status, code = _status(response.content), response.status_code
        message = text(status, "message")[:_MOST_MESSAGE] or f"HTTP {code}"
        if code == httpx2.codes.UNAUTHORIZED:
            return ClusterError(
                f"the cluster does not accept the credentials of context {self.config.context_name}"
                f" (401: {message})",
                "they may have expired: log in again as you do for kubectl, then try kubectl get pods",
                code,
            )
        if code == httpx2.codes.FORBIDDEN:
            return ClusterError(
                f"this is not allowed to you: {message}",
                "ask the cluster's operator for that right, or use another --context",
                code,
            )
        return ClusterError(f"{verb} {path}: {code}: {message}", "", code)


def _without_cluster(access: Access) -> str:
    """What to say where no kubeconfig is there at all; empty where one is."""
    named = access.kubeconfig or os.environ.get("KUBECONFIG", "") or "~/.kube/config"
    if any(Path(one).expanduser().is_file() for one in named.split(os.pathsep) if one):
        return ""
    return f"no cluster is configured: {named} is no file"


def _reason(error: httpx2.TransportError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return f"nothing within {_SECONDS:g} s"
    if isinstance(error, httpx2.ConnectError):
        return str(error)[:_MOST_MESSAGE]
    return type(error).__name__


def _status(body: bytes) -> Json:
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _decoded(body: bytes) -> object:
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ClusterError("the answer is no JSON", "is that address a Kubernetes API?") from error
    return document
