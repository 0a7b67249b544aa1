"""What the small order services of `apps` have in common: the same settings, requests and faults.

Each is written in its own language and logs as is usual there. It reads from the environment: PORT,
VERSION, BACKEND_URL (payments), DATA_DIR (its journal), CONFIG (a file), API_TOKEN (required), FEATURES
(a list of what this version does besides, bugs among it).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._traffic import HttpClient, Request, drive

NOBODY = 65534
_KILL_AT = 9.0


@dataclass(frozen=True, slots=True)
class Change:
    """In what a version differs from stable.

    Attributes:
        backend: the mode of the dependency, `other` for a port where nobody listens, `tls` for an expired
            certificate, otherwise a whole address.
        without: environment variables that are not set.
        config: the text of the configuration file, where it differs.
    """

    fault: str = ""
    features: str = ""
    version: str = "2.4.0"
    backend: str = "ok"
    data: str = ""
    without: str = ""
    config: str = ""
    open_files: int = 0
    memory_limit: int = 0
    taken_port: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


HEALTHY: Mapping[str, Change] = {
    STABLE: Change(version="2.3.1"),
    "same": Change(version="2.3.1"),
    "next": Change(features="recommendations"),
    "chatty": Change(version="2.5.0-rc.1", features="audit,deprecations"),
    "node-restart": Change(version="2.3.1"),
}

FAULTS: Mapping[str, Change] = {
    "dependency-down": Change("connection-refused", backend="other"),
    "dependency-hangs": Change("timeout", backend="hang"),
    "dependency-slow": Change("slow-dependency", backend="slow"),
    "dependency-limits": Change("rate-limit", backend="limit"),
    "dependency-503": Change("upstream-unavailable", backend="unavailable"),
    "dependency-denies": Change("authentication", backend="denied"),
    "dependency-garbage": Change("bad-data", backend="garbage"),
    "dependency-flaky": Change("connection-reset", backend="flaky"),
    "expired-certificate": Change("expired-certificate", backend="tls"),
    "unknown-host": Change("dns", backend="http://payments.shop.invalid:8080"),
    "missing-env": Change("missing-environment", without="API_TOKEN"),
    "config-syntax": Change("config-syntax", config='{"pageSize": 20, "currency": '),
    "disk-full": Change("disk-full", data="full"),
    "read-only-data": Change("permission-denied", data="forbidden"),
    "port-taken": Change("port-in-use", taken_port=True),
    "file-leak": Change("open-files", features="leak-files", open_files=96),
    "memory-leak": Change("memory-limit", features="leak-memory"),
    "killed": Change("killed", version="2.3.1"),
    "missing-module": Change("missing-module", features="missing-module"),
    "bad-migration": Change("bad-migration", features="bad-migration"),
    "pool-leak": Change("pool-exhausted", features="leak-connections"),
    "locked": Change("database-locked", features="lock"),
    "null-coupon": Change("null-reference", features="null-coupon"),
    "index": Change("index-bounds", features="index"),
    "zero": Change("division-by-zero", features="zero"),
    "bad-type": Change("type-error", features="bad-type"),
    "crash-on-input": Change("panic-on-input", features="crash-on-input"),
    "quiet-500": Change("wrong-status", features="quiet-500"),
    "no-payment": Change("dropped-feature", features="no-payment"),
    "slow-code": Change("slow-version", features="slow-code"),
    "hang": Change("hang", features="hang"),
}


class Service:
    """One of the order services."""

    rest = 4.0
    config_name = "config.json"
    config_text = '{"pageSize": 20, "currency": "EUR"}\n'
    memory_limit = 0

    def __init__(
        self, name: str, command: Callable[[Place], Sequence[str]], signs: Mapping[str, str]
    ) -> None:
        """`signs` names the faults that it plays, and how its log tells of each."""
        self.name = name
        self._command = command
        self.scenarios: Sequence[Scenario] = [
            *(Scenario(one, restarted_by_node=one == "node-restart") for one in HEALTHY),
            *(Scenario(one, FAULTS[one].fault, sign) for one, sign in signs.items()),
        ]

    def prepare(self, tools: Path) -> None:
        """Nothing; a service with something to build overrides it."""

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """Its configuration, its data folder and its environment."""
        change = {**HEALTHY, **FAULTS}[scenario.name]
        config = place.folder / self.config_name
        config.write_text(change.config or self.config_text)
        data = {"full": place.full_disk, "forbidden": place.folder / "locked"}.get(
            change.data, place.folder / "data"
        )
        data.mkdir(exist_ok=True)
        if change.data != "full":
            data.chmod(0o555 if change.data == "forbidden" else 0o777)
        taken = place.backend.rpartition(":")[2]
        env = {
            "PORT": taken if change.taken_port else str(place.port),
            "VERSION": change.version,
            "BACKEND_URL": _backend(change.backend, place),
            "DATA_DIR": str(data),
            "DB_DIR": str(place.folder),
            "CONFIG": str(config),
            "API_TOKEN": "t0ken-for-tests",
            "FEATURES": change.features,
            "CA_FILE": str(place.ca_file),
            "SSL_CERT_FILE": str(place.ca_file),
            "NODE_EXTRA_CA_CERTS": str(place.ca_file),
            "REQUESTS_CA_BUNDLE": str(place.ca_file),
            **change.env,
        }
        env.pop(change.without, None)
        return Launch(
            self._command(place),
            env,
            user=NOBODY,
            memory_limit=self.memory_limit if scenario.name == "memory-leak" else 0,
            open_files=change.open_files,
            kill_at=_KILL_AT if scenario.name == "killed" else 0.0,
            live_path=f"{place.port}/healthz",
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Customers who look and order."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _backend(mode: str, place: Place) -> str:
    if mode == "other":
        return f"http://127.0.0.1:{place.other_port}"
    if mode == "tls":
        return f"{place.tls_backend}/ok"
    return mode if "://" in mode else f"{place.backend}/{mode}"


def _request(chance: random.Random) -> Request:
    kind = chance.random()
    if kind < 0.35:
        return Request("GET", f"/products?page={chance.randrange(8)}")
    if kind < 0.65:
        return Request("GET", f"/products/{chance.randrange(1, 205)}")  # above 200 there is none
    if kind < 0.75:
        return Request("GET", f"/orders/{chance.randrange(1, 4000)}")
    if kind < 0.76:
        return Request("POST", "/orders", "{product: none")
    coupon = '"SPRING"' if chance.random() < 0.85 else "null"
    quantity = chance.choices([1, 2, 3, 5, 7, 0], [40, 30, 15, 8, 5, 2])[0]
    body = f'{{"product": {chance.randrange(1, 200)}, "quantity": {quantity}, "coupon": {coupon}}}'
    return Request("POST", "/orders", body)
