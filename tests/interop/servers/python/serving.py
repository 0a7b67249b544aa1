"""Serves an ASGI application on a free loopback port, until the process that started it is gone."""

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvicorn


def say_listening(url: str) -> None:
    """The line that the test waits for."""
    print(f"listening {url}", flush=True)


def end_with_parent() -> None:
    """Ends this process when its standard input is closed: no server outlives its test."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def serve(make_app: Callable[[str, int], Any], path: str = "") -> None:
    """Serves `make_app(host, port)`; `path` is where below the origin the agent is."""
    end_with_parent()
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    config = uvicorn.Config(
        make_app(host, port), log_level="warning", timeout_graceful_shutdown=1, lifespan="on"
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            say_listening(f"http://{host}:{port}{path}")

    Server(config).run(sockets=[listener])
