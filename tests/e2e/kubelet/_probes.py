"""Probes by HTTP and TCP: core/v1 Probe."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx2
from kube import Json

__all__ = ["port_of", "probe"]

_OK = range(200, 400)


async def probe(
    spec: Json, container: Json, ip: str, report: Callable[[bool, str], Awaitable[None]]
) -> None:
    """Probes until cancelled.

    Args:
        spec: the probe; without `httpGet` or `tcpSocket` it always holds.
        container: for the names of ports.
        ip: the pod's address.
        report: called with every change between holding and failing, and a text about it; failing
            and holding count from their thresholds on.
    """
    await asyncio.sleep(spec.get("initialDelaySeconds", 0))
    holds: bool | None = None
    good = bad = 0
    while True:
        error = await _error(spec, container, ip)
        good, bad = (0, bad + 1) if error else (good + 1, 0)
        if bad >= spec.get("failureThreshold", 3) and holds is not False:
            holds = False
            await report(False, error)  # noqa: FBT003 - whether it holds
        if good >= spec.get("successThreshold", 1) and holds is not True:
            holds = True
            await report(True, "")  # noqa: FBT003 - whether it holds
        await asyncio.sleep(spec.get("periodSeconds", 10))


def port_of(port: int | str, container: Json) -> int:
    """A port by number or by name; 0 where no port has the name."""
    if isinstance(port, int) or port.isdecimal():
        return int(port)
    named = {one.get("name"): one["containerPort"] for one in container.get("ports", [])}
    return int(named.get(port, 0))


async def _error(spec: Json, container: Json, ip: str) -> str:
    """What is wrong; empty where nothing is."""
    seconds = float(spec.get("timeoutSeconds", 1))
    if http := spec.get("httpGet"):
        host = f"{http.get('host') or ip}:{port_of(http['port'], container)}"
        url = f"{http.get('scheme', 'HTTP').lower()}://{host}{http.get('path', '/')}"
        return await _http_error(url, seconds)
    if tcp := spec.get("tcpSocket"):
        return await _tcp_error(tcp.get("host") or ip, port_of(tcp["port"], container), seconds)
    return ""


async def _http_error(url: str, seconds: float) -> str:
    try:
        # The kubelet does not check a container's certificate.
        async with httpx2.AsyncClient(timeout=seconds, verify=False, trust_env=False) as http:
            answer = await http.get(url)
    except httpx2.TransportError as error:
        return f"Get {url}: {error or type(error).__name__}"
    return (
        ""
        if answer.status_code in _OK
        else f"HTTP probe failed with statuscode: {answer.status_code}"
    )


async def _tcp_error(host: str, port: int, seconds: float) -> str:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), seconds)
    except (OSError, TimeoutError) as error:
        return f"dial tcp {host}:{port}: {error or 'timeout'}"
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return ""
