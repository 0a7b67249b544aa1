# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""LangGraph's API server in its edition for development, with its state in memory."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from langgraph_api.cli import run_server
from serving import end_with_parent, say_listening

SECONDS = 90.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def tell(port: int) -> None:
    """Says where the agent is once the server knows it; its id is one that the server gives it."""
    search = urllib.request.Request(
        f"http://127.0.0.1:{port}/assistants/search",
        data=b"{}",
        headers={"Content-Type": "application/json"},
    )
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(search, timeout=5) as answer:
                found = json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            found = []
        if found:
            say_listening(f"http://127.0.0.1:{port}/a2a/{found[0]['assistant_id']}")
            return
        time.sleep(0.1)


end_with_parent()
chosen = free_port()  # the server takes a number only
threading.Thread(target=tell, args=(chosen,), daemon=True).start()
graph = Path(__file__).with_name("langgraph_graph.py")
run_server(
    "127.0.0.1",
    chosen,
    graphs={"judge": f"{graph}:graph"},
    n_jobs_per_worker=4,
    disable_persistence=True,
    allow_blocking=True,
)
