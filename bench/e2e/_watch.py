"""Every change of AnalysisRuns, as the API server tells it."""

import json
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx2
from kube import Json, Namespace

from ._errors import BenchError

__all__ = ["Followed", "RunWatch"]

_OVER = frozenset({"Successful", "Failed", "Error", "Inconclusive"})
_PATH = "/apis/argoproj.io/v1alpha1/namespaces/{}/analysisruns"
_QUIET_SECONDS = 2.0


@dataclass(slots=True)
class Followed:
    """What became of one AnalysisRun.

    Attributes:
        changes: of its resourceVersion since it was created; each is a patch of its status.
        ended: Unix time at which its end was told; 0 while it is open.
        phase: as of the last change.
        message: of the run, or of its last measurement.
        errors: measurements that were an Error, after which the controller asks again.
    """

    changes: int = 0
    ended: float = 0.0
    phase: str = ""
    message: str = ""
    errors: int = 0
    versions: set[str] = field(default_factory=set, repr=False)


class RunWatch:
    """Follows the AnalysisRuns of one namespace in a thread, from when it is entered.

    A watch tells each version of each object once; one that breaks goes on at the last version.
    """

    def __init__(self, namespace: Namespace) -> None:
        self._access = namespace.client.access
        self._path = _PATH.format(namespace.name)
        start = namespace.client.call("GET", self._path, params={"limit": "1"})
        self._version = str(start["metadata"]["resourceVersion"])
        self._runs: dict[str, Followed] = {}
        self._fault: Exception | None = None
        self._change = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def wait(self, names: list[str], seconds: float) -> dict[str, Followed]:
        """What is known of these runs, once all have ended or after `seconds`.

        Raises:
            BenchError: the watch has ended before.
        """
        deadline = time.monotonic() + seconds
        with self._change:
            while not self._all_over(names):
                if self._fault is not None:
                    raise BenchError(f"the watch of AnalysisRuns has ended: {self._fault!r}")
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._change.wait(left)
            return {name: self._runs.get(name, Followed()) for name in names}

    def _all_over(self, names: list[str]) -> bool:
        return all(name in self._runs and self._runs[name].ended for name in names)

    def _follow(self) -> None:
        settings = self._access.http() | {"timeout": httpx2.Timeout(30.0, read=_QUIET_SECONDS)}
        try:
            with httpx2.Client(**settings) as http:
                while not self._stopping.is_set():
                    self._read(http)
        except Exception as error:  # noqa: BLE001 - it is for the thread that waits
            with self._change:
                self._fault = error
                self._change.notify_all()

    def _read(self, http: httpx2.Client) -> None:
        params = {"watch": "1", "resourceVersion": self._version}
        try:
            with http.stream("GET", self._path, params=params) as answer:
                for line in answer.iter_lines():
                    self._take(json.loads(line))
                    if self._stopping.is_set():
                        return
        except httpx2.ReadTimeout:
            return  # a quiet time

    def _take(self, event: Json) -> None:
        if event["type"] == "ERROR":
            raise BenchError(f"the API server says {event['object']}")
        run, now = event["object"], time.time()
        meta, status = run["metadata"], run.get("status", {})
        with self._change:
            self._version = meta["resourceVersion"]
            if event["type"] == "DELETED":
                return
            one = self._runs.setdefault(meta["name"], Followed())
            one.versions.add(meta["resourceVersion"])
            one.changes = len(one.versions) - 1
            one.phase = status.get("phase", "")
            one.message = _message(status)
            one.errors = sum(result.get("error", 0) for result in status.get("metricResults", []))
            if one.phase in _OVER and not one.ended:
                one.ended = now
            self._change.notify_all()


def _message(status: Json) -> str:
    if "message" in status:
        return str(status["message"])
    results = status.get("metricResults") or [{}]
    return str((results[0].get("measurements") or [{}])[-1].get("message", ""))
