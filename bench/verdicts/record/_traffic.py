"""Traffic at a steady mean rate: Poisson arrivals, several clients, one bounded time."""

import contextlib
import http.client
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ._model import Tally, Traffic

_ANSWER_SECONDS = 6.0


class Client(Protocol):
    """One client: makes one request at a time."""

    def send(self, chance: random.Random) -> bool:
        """Makes one request; returns whether it was answered well. What it raises is a failure."""

    def close(self) -> None:
        """Ends its connection."""


def drive(traffic: Traffic, make: Callable[[], Client]) -> Tally:
    """Sends requests by several clients until the time is over; returns what came of them."""
    tally, lock = Tally(), threading.Lock()
    workers = max(2, min(8, int(traffic.rate / 4)))
    seeds = [traffic.chance.random() for _ in range(workers)]
    until = time.monotonic() + traffic.seconds

    def work(seed: float) -> None:
        chance, client = random.Random(seed), make()
        for _ in _arrivals(traffic.rate / workers, until, chance):
            try:
                fine = client.send(chance)
            except Exception:  # noqa: BLE001  # a client of a broken service goes on trying
                fine = False
                client.close()
            with lock:
                tally.sent += 1
                tally.failed += not fine
        client.close()

    threads = [threading.Thread(target=work, args=(seed,), daemon=True) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(traffic.seconds + 2 * _ANSWER_SECONDS)
    return tally


def _arrivals(rate: float, until: float, chance: random.Random) -> Iterator[None]:
    at = time.monotonic()
    while True:
        at = max(at + chance.expovariate(rate), time.monotonic() - 1.0)  # a late client catches up
        if at >= until:
            return
        time.sleep(max(0.0, at - time.monotonic()))
        yield


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpClient:
    """A client that keeps its connection, as services behind a proxy see them."""

    def __init__(self, port: int, plan: Callable[[random.Random], Request]) -> None:
        self._port = port
        self._plan = plan
        self._connection: http.client.HTTPConnection | None = None

    def send(self, chance: random.Random) -> bool:
        """See `Client.send`: any status below 500 is fine."""
        request = self._plan(chance)
        connection = self._connection or http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=_ANSWER_SECONDS
        )
        self._connection = connection
        headers = {"User-Agent": "shop-client/2.3", **request.headers}
        if request.body:
            headers.setdefault("Content-Type", "application/json")
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        response.read()
        if response.will_close:
            self.close()
        return response.status < 500

    def close(self) -> None:
        """See `Client.close`."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
            self._connection = None


def listens(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as trial:
        trial.settimeout(0.5)
        return trial.connect_ex(("127.0.0.1", port)) == 0
