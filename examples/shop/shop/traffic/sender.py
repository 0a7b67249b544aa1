"""Sends a plan at its pace; a target that is slow or dead never holds up another."""

import http.client
import queue
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shop.traffic.plan import Step, Target, Visit

__all__ = ["Tally", "send"]

_WORKERS = 8
_WAITING_VISITS = 64
_REQUEST_SECONDS = 5.0
_DRAIN_SECONDS = 10.0


@dataclass(slots=True)
class Tally:
    """What came back from one target.

    Attributes:
        statuses: answers by HTTP status.
        unreachable: requests that got no answer: refused, cut off, or later than 5 s.
        dropped: visits not made, since too many were waiting for this target already.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    unreachable: int = 0
    dropped: int = 0

    def __str__(self) -> str:
        parts = [f"{status}={count}" for status, count in sorted(self.statuses.items())]
        return " ".join([*parts, f"unreachable={self.unreachable}", f"dropped={self.dropped}"])


class _Lane:
    """One target, with its own bounded queue and workers."""

    def __init__(self, target: Target, stop: threading.Event) -> None:
        parts = urlsplit(target.url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"target {target.name}: {target.url!r}; expected http://host:port")
        self._host, self._port = parts.hostname, parts.port or 80
        self._stop = stop
        self._visits: queue.Queue[Visit | None] = queue.Queue(_WAITING_VISITS)
        self._lock = threading.Lock()
        self.tally = Tally()
        self._workers = [
            threading.Thread(target=self._work, name=target.name, daemon=True)
            for _ in range(_WORKERS)
        ]
        for worker in self._workers:
            worker.start()

    def offer(self, visit: Visit) -> None:
        try:
            self._visits.put_nowait(visit)
        except queue.Full:
            self.tally.dropped += 1

    def close(self, deadline: float) -> None:
        """Lets the workers finish what waits, until `deadline` on the monotonic clock."""
        for _ in self._workers:
            try:
                self._visits.put(None, timeout=max(0.0, deadline - time.monotonic()))
            except queue.Full:
                return
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (visit := self._visits.get()) is not None and not self._stop.is_set():
            # One connection a visit, as browsers do it: behind a Service it stays with one pod, and a
            # cart lives in the pod where it was filled.
            connection = http.client.HTTPConnection(
                self._host, self._port, timeout=_REQUEST_SECONDS
            )
            try:
                for step in visit.steps:
                    if not self._made(step, connection, last=step is visit.steps[-1]):
                        break
            finally:
                connection.close()

    def _made(self, step: Step, connection: http.client.HTTPConnection, *, last: bool) -> bool:
        """Makes one request and counts what came back; whether anything did."""
        headers = {"X-Request-Id": step.request_id}
        if last:
            headers["Connection"] = "close"
        try:
            connection.request(step.method, step.path, step.body or None, headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.tally.unreachable += 1
            return False
        with self._lock:
            self.tally.statuses[response.status] += 1
        return True


def send(
    targets: Sequence[Target], visits: Iterable[Visit], stop: threading.Event
) -> dict[str, Tally]:
    """Makes all visits at their times and returns what came back, by target name.

    Visits that come late (the machine was busy) are made at once. Ends early when `stop` is set,
    and in any case 10 s after the last visit, whatever the targets do.
    """
    lanes = [_Lane(target, stop) for target in targets]
    began = time.monotonic()
    for visit in visits:
        if stop.wait(max(0.0, began + visit.at - time.monotonic())):
            break
        lanes[visit.target].offer(visit)
    deadline = time.monotonic() + (0.0 if stop.is_set() else _DRAIN_SECONDS)
    for lane in lanes:
        lane.close(deadline)
    return {target.name: lane.tally for target, lane in zip(targets, lanes, strict=True)}
