"""etcd with one member, at log level debug, so that requests show."""

import base64
import json
import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian
from bench.verdicts.record._traffic import HttpClient, Request, drive, listens

_NOBODY = 65534
# What differs from stable's settings, by scenario.
_CHANGES: dict[str, dict[str, str]] = {
    "new-settings": {"snapshot-count": "5000", "auto-compaction-retention": "'1'"},
    "metrics": {"metrics": "extensive", "max-txn-ops": "256"},
    "syntax": {"snapshot-count": "[1000"},
    "unknown-setting": {"initial-cluster-state": "neu"},
    "port-taken": {"listen-client-urls": "http://127.0.0.1:{taken}"},
    "disk-full": {"data-dir": "{full}/etcd-{port}"},
    "read-only-data": {"data-dir": "{locked}/etcd"},
    "broken-data": {"data-dir": "{broken}"},
    "peers-down": {
        "initial-cluster": "one=http://127.0.0.1:{other_port},two=http://127.0.0.1:1,three=http://127.0.0.1:2"
    },
    "peers-unknown": {
        "initial-cluster": "one=http://127.0.0.1:{other_port},two=http://etcd-2.shop.invalid:2380"
    },
}


class Etcd:
    """Each scenario is a configuration."""

    name = "etcd"
    rest = 4.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-settings"),
        Scenario("metrics"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"error verifying flags|did not find expected|yaml"),
        Scenario("unknown-setting", "wrong-config", r"invalid value|unexpected|error verifying"),
        Scenario("port-taken", "port-in-use", r"address already in use"),
        Scenario("disk-full", "disk-full", r"no space left"),
        Scenario("read-only-data", "permission-denied", r"permission denied"),
        Scenario("broken-data", "bad-data", r"invalid database|panic|failed"),
        Scenario("peers-down", "connection-refused", r"connection refused"),
        Scenario("peers-unknown", "dns", r"no such host"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("etcd", "etcd-server")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A configuration file."""
        folder = place.folder
        locked = folder / "locked"
        locked.mkdir()
        locked.chmod(0o555)
        broken = folder / "broken" / "member" / "snap"
        broken.mkdir(parents=True)
        (broken / "db").write_bytes(b"no database " * 4000)
        for path in (folder / "broken").rglob("*"):
            path.chmod(0o777)
        (folder / "broken").chmod(0o777)
        names = {
            "folder": folder,
            "full": place.full_disk,
            "locked": locked,
            "broken": folder / "broken",
            "port": place.port,
            "other_port": place.other_port,
            "taken": place.backend.rpartition(":")[2],
        }
        peer = f"http://127.0.0.1:{place.other_port}"
        settings = {
            "name": "one",
            "data-dir": str(folder / "data"),
            "listen-client-urls": f"http://127.0.0.1:{place.port}",
            "advertise-client-urls": f"http://127.0.0.1:{place.port}",
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"one={peer}",
            "logger": "zap",
            "log-outputs": "[stderr]",
            "log-level": "debug",
        }
        settings |= {
            key: value.format(**names) for key, value in _CHANGES.get(scenario.name, {}).items()
        }
        config = folder / "etcd.yaml"
        config.write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
        config.chmod(0o644)
        return Launch(
            [debian("etcd", "etcd-server"), "--config-file", str(config)],
            user=_NOBODY,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Reads and writes over the HTTP gateway."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    key = _encode(f"/shop/products/{chance.randrange(300)}")
    if chance.random() < 0.5:
        return Request("POST", "/v3/kv/range", json.dumps({"key": key}))
    return Request("POST", "/v3/kv/put", json.dumps({"key": key, "value": _encode("x" * 200)}))


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
