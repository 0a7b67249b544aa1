"""AnalysisRuns of one metric, created many at a time."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from control_plane import PLUGIN_NAME
from kube import Json, Namespace

__all__ = ["Request", "create"]

_CREATORS = 12


@dataclass(frozen=True, slots=True)
class Request:
    """One AnalysisRun to be.

    Attributes:
        name: of the AnalysisRun.
        agent_url: who is asked.
        prompt: extraPrompt; `bench/_agent.py` reads seconds and a key there.
    """

    name: str
    agent_url: str
    prompt: str = ""

    def manifest(self) -> Json:
        """The object."""
        stanza: Json = {
            "agentUrl": self.agent_url,
            "stableLabel": "role=stable",
            "canaryLabel": "role=canary",
            "extraPrompt": self.prompt,
        }
        metric = {"name": "ai-analysis", "provider": {"plugin": {PLUGIN_NAME: stanza}}}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": self.name},
            "spec": {"metrics": [metric]},
        }


def create(
    namespace: Namespace, requests: Sequence[Request], rate: float = 0.0
) -> dict[str, float]:
    """Creates all of them, some at a time; the Unix time before each call, by name.

    Args:
        namespace: where.
        requests: in this order.
        rate: a second, evenly; 0 for as many as can be.
    """
    start = time.monotonic()

    def post(number: int, request: Request) -> float:
        if rate:
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
        began = time.time()
        namespace.client.create(request.manifest(), namespace.name)
        return began

    with ThreadPoolExecutor(_CREATORS) as threads:
        began = threads.map(post, range(len(requests)), requests)
        return {request.name: when for request, when in zip(requests, began, strict=True)}
