"""`python -m kubelet`: a node until SIGTERM; its pods' processes end with it."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kube import Access
from processes import Watchdog

from ._api import Api
from ._events import Events
from ._images import ImageTable
from ._network import Network
from ._node import Node, register
from ._runner import Settings
from ._server import Tls, log_server
from ._services import Services

_PORT = 10_250


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the node; 0 after a signal."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    with Watchdog() as watchdog:
        asyncio.run(_run(options, watchdog))
    return 0


async def _run(options: argparse.Namespace, watchdog: Watchdog) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    network = Network(options.network)
    async with Api(Access.read(options.kubeconfig)) as api:
        events = Events(api, options.name)
        services = Services(lambda: list(node.pods.values()))
        settings = Settings(
            api=api,
            events=events,
            images=ImageTable(json.loads(options.images.read_text())),
            watchdog=watchdog,
            node=network.node,
            folder=options.folder,
            path=os.environ.get("PATH", os.defpath),
            back_off=(options.back_off, options.longest_back_off),
            grace=options.grace,
            services=services.all,
        )
        node = Node(settings, options.name, network.pods())
        tls = Tls(options.certificate, options.key, options.client_ca)
        logs = log_server(node.pods, network.node, _PORT, tls)
        await register(api, options.name, network.node, _PORT)

        async def follow_services() -> None:
            async for kind, service in api.watch("/api/v1/services"):
                await services.seen(kind, service)

        jobs = [logs.serve(), events.run(), follow_services(), node.run(), stopping.wait()]
        tasks = [asyncio.create_task(job) for job in jobs]
        done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        for task in done:
            task.result()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="kubelet", description="A node whose pods are processes of this machine."
    )
    parser.add_argument("--kubeconfig", type=Path, required=True, help="JSON, with a token")
    parser.add_argument("--name", default="processes", help="the node's (default: processes)")
    parser.add_argument("--network", type=int, required=True, help="N: it has 127.N.0.0/16")
    parser.add_argument("--folder", type=Path, required=True, help="for containers' logs")
    parser.add_argument("--images", type=Path, required=True, help="JSON, see kubelet/_images.py")
    parser.add_argument("--certificate", type=Path, required=True, help="of the log server")
    parser.add_argument("--key", type=Path, required=True, help="the certificate's")
    parser.add_argument("--client-ca", type=Path, required=True, help="who signs the API server's")
    parser.add_argument(
        "--back-off",
        type=float,
        default=1.0,
        help="seconds before the second restart; a real kubelet waits 10 (default: 1)",
    )
    parser.add_argument(
        "--longest-back-off",
        type=float,
        default=30.0,
        help="seconds between restarts at most; a real kubelet waits 300 (default: 30)",
    )
    parser.add_argument(
        "--grace",
        type=float,
        default=5.0,
        help="seconds from SIGTERM to SIGKILL at most, whatever a pod asks for (default: 5)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
