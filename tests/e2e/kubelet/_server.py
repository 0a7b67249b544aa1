"""Container logs for the API server: /containerLogs of the kubelet.

Source: pkg/kubelet/server/server.go and kubelet_pods.go (validateContainerLogStatus) of Kubernetes.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ._container import Container, Instance
from ._log_file import LogOptions, read_log
from ._pod import Pod

__all__ = ["Tls", "log_server"]

_NOT_FOUND = 404
_BAD_REQUEST = 400
_BLOCK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's own key pair, and who signs clients' certificates."""

    certificate: Path
    key: Path
    client_ca: Path


def log_server(
    pods: Mapping[tuple[str, str], Pod], host: str, port: int, tls: Tls
) -> uvicorn.Server:
    """A server of the logs of `pods`, by namespace and name; it wants a client certificate."""

    async def answer(request: Request) -> Response:
        where = request.path_params
        pod = pods.get((where["namespace"], where["pod"]))
        container = pod.container(where["container"]) if pod else None
        if container is None:
            text = f"container {where['container']!r} of pod {where['pod']!r} not found"
            raise HTTPException(_NOT_FOUND, text)
        query = request.query_params
        instance = _instance(container, where["pod"], previous=query.get("previous") == "true")
        lines = read_log(instance.log, _options(query))
        return StreamingResponse(_blocks(lines), media_type="text/plain; charset=utf-8")

    path = "/containerLogs/{namespace}/{pod}/{container}"
    application = Starlette(
        routes=[Route(path, answer)], exception_handlers={HTTPException: _refusal}
    )
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        ssl_certfile=tls.certificate,
        ssl_keyfile=tls.key,
        ssl_ca_certs=str(tls.client_ca),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """One server of several in this process: signals are not its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code)


def _instance(container: Container, pod: str, *, previous: bool) -> Instance:
    """The instance whose log is meant: while none runs, the one that ended last."""
    last = container.instances[-1] if container.instances else None
    if previous:
        ended = container.instances[:-1] if container.waiting is None else container.instances
        if not ended:
            text = f'previous terminated container "{container.name}" in pod "{pod}" not found'
            raise HTTPException(_BAD_REQUEST, text)
        return ended[-1]
    if last is None:
        reason = container.waiting[0] if container.waiting else "ContainerCreating"
        text = f'container "{container.name}" in pod "{pod}" is waiting to start: {reason}'
        raise HTTPException(_BAD_REQUEST, text)
    return last


def _blocks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of some size, since Starlette asks a thread for each of them."""
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _options(query: Mapping[str, str]) -> LogOptions:
    since = 0.0
    if text := query.get("sinceTime"):
        since = datetime.fromisoformat(text).timestamp()
    elif text := query.get("sinceSeconds"):
        since = datetime.now().astimezone().timestamp() - float(text)
    return LogOptions(
        since=since,
        tail=int(query["tailLines"]) if "tailLines" in query else None,
        limit=int(query["limitBytes"]) if "limitBytes" in query else None,
        timestamps=query.get("timestamps") == "true",
    )
