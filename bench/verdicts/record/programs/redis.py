"""Redis as a cache with snapshots; its log is at level verbose, so that connections show."""

import random
import socket
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian
from bench.verdicts.record._traffic import drive, listens

_NOBODY = 65534
_STABLE = {
    "bind": "127.0.0.1",
    "loglevel": "verbose",
    "save": "3 5",
    "daemonize": "no",
    "stop-writes-on-bgsave-error": "no",
    "enable-debug-command": "yes",
}
# What differs from stable's settings, by scenario.
_CHANGES: dict[str, dict[str, str]] = {
    "new-settings": {"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru", "tcp-keepalive": "60"},
    "append-only": {"appendonly": "yes", "hz": "20"},
    "syntax": {"maxmemory-polcy": "allkeys-lru"},
    "port-taken": {"port": "{taken}"},
    "disk-full": {"dir": "{full}"},
    "read-only-data": {"dir": "{locked}"},
    "missing-module": {"loadmodule": "{folder}/redisearch.so"},
    "master-down": {"replicaof": "127.0.0.1 {other_port}", "replica-read-only": "no"},
    "master-unknown": {"replicaof": "redis-master.shop.invalid 6379", "replica-read-only": "no"},
    "bad-snapshot": {"dbfilename": "broken.rdb"},
}


class Redis:
    """Each scenario is a configuration, or something that a client does."""

    name = "redis"
    rest = 1.5
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-settings"),
        Scenario("append-only"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"Bad directive|FATAL CONFIG FILE ERROR"),
        Scenario("port-taken", "port-in-use", r"bind: Address already in use"),
        Scenario("disk-full", "disk-full", r"No space left"),
        Scenario("read-only-data", "permission-denied", r"Permission denied"),
        Scenario("missing-module", "missing-module", r"failed to load"),
        Scenario("master-down", "connection-refused", r"Connection refused"),
        Scenario("master-unknown", "dns", r"Unable to connect to MASTER"),
        Scenario("bad-snapshot", "bad-data", r"Wrong signature|Fatal error loading"),
        Scenario("debug-crash", "panic-on-input", r"crashed by signal"),
        Scenario("memory", "memory-limit"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("redis-server", "redis-server")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A configuration, and a data folder."""
        locked = place.folder / "locked"
        locked.mkdir()
        locked.chmod(0o555)
        (place.folder / "broken.rdb").write_bytes(b"REDIX0009 this is no snapshot")
        (place.folder / "broken.rdb").chmod(0o644)
        names = {
            "folder": place.folder,
            "full": place.full_disk,
            "locked": locked,
            "other_port": place.other_port,
            "taken": place.backend.rpartition(":")[2],
        }
        settings = _STABLE | {"port": str(place.port), "dir": str(place.folder)}
        settings |= _CHANGES.get(scenario.name, {})
        config = place.folder / "redis.conf"
        config.write_text(
            "".join(f"{key} {value.format(**names)}\n" for key, value in settings.items())
        )
        config.chmod(0o644)
        return Launch(
            [debian("redis-server", "redis-server"), str(config)],
            user=_NOBODY,
            memory_limit=24 << 20 if scenario.name == "memory" else 0,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Clients that come for a few commands each."""
        return drive(traffic, lambda: _Client(place.port, scenario.name))


class _Client:
    def __init__(self, port: int, scenario: str) -> None:
        self._port = port
        self._scenario = scenario

    def send(self, chance: random.Random) -> bool:
        """A short session: a few reads and writes."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=3) as session:
            for _ in range(chance.randint(1, 4)):
                session.sendall(self._command(chance))
                if session.recv(65536)[:1] in {b"-", b""}:
                    return False
        return True

    def _command(self, chance: random.Random) -> bytes:
        key = f"product:{chance.randrange(500)}"
        if self._scenario == "debug-crash" and chance.random() < 0.02:
            return _encode("DEBUG", "SEGFAULT")
        size = 400_000 if self._scenario == "memory" else 200
        if chance.random() < 0.4:
            return _encode("SET", key, "x" * size)
        return _encode("EXISTS", key)

    def close(self) -> None:
        """Nothing: each session closes its own connection."""


def _encode(*words: str) -> bytes:
    parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()
