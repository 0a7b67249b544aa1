"""Mosquitto as the broker of sensors in shops; it logs every packet, with seconds since the epoch."""

import contextlib
import random
import socket
import subprocess
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, filled
from bench.verdicts.record._traffic import drive, listens

_NOBODY = 65534
_CONFIG = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {passwords}
acl_file {acl}
log_dest stdout
log_type all
persistence true
persistence_location {data}/
autosave_interval 5
{more}
"""
_BRIDGE = "connection headquarters\ntopic shop/# out 1\nrestart_timeout 1 2\naddress "
_STABLE = {
    "passwords": "{folder}/passwords",
    "acl": "{folder}/acl",
    "data": "{folder}/data",
    "more": "",
}
_CHANGES: dict[str, dict[str, str]] = {
    "new-settings": {"more": "max_inflight_messages 40\nmax_queued_messages 500\nsys_interval 3"},
    "readable-times": {"more": "log_timestamp_format %Y-%m-%dT%H:%M:%S"},
    "syntax": {"more": "max_queud_messages 500"},
    "port-taken": {"more": "listener {taken} 127.0.0.1"},
    "lost-passwords": {"passwords": "{folder}/passwd"},
    "other-password": {"passwords": "{folder}/old-passwords"},
    "strict-acl": {"acl": "{folder}/strict-acl"},
    "disk-full": {"data": "{full}", "more": "autosave_on_changes true"},
    "read-only-data": {"data": "{folder}/locked"},
    "bad-snapshot": {"more": "persistence_file broken.db"},
    "missing-plugin": {"more": "plugin {folder}/mosquitto_quota.so"},
    "bridge-unknown": {"more": f"{_BRIDGE}headquarters.shop.invalid:1883"},
    "bridge-certificate": {"more": f"{_BRIDGE}{{tls}}\nbridge_cafile {{ca}}"},
}


class Mosquitto:
    """Each scenario is a configuration, or something that a client does."""

    name = "mosquitto"
    rest = 2.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-settings"),
        Scenario("readable-times"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"Unknown configuration variable"),
        Scenario("port-taken", "port-in-use", r"Address already in use"),
        Scenario("lost-passwords", "wrong-config", r"Error: Unable to open pwfile"),
        Scenario("other-password", "authentication", r"disconnected, not authorised"),
        Scenario("strict-acl", "permission-denied", r"Denied PUBLISH"),
        Scenario("disk-full", "disk-full", r"No space left"),
        Scenario("read-only-data", "permission-denied", r"Permission denied"),
        Scenario("bad-snapshot", "bad-data", r"Unrecognised file format"),
        Scenario("missing-plugin", "missing-module", r"Error: Unable to load"),
        Scenario("bridge-unknown", "dns", r"Lookup error|Name or service not known"),
        Scenario("bridge-certificate", "expired-certificate", r"certificate verify failed"),
        Scenario("memory", "memory-limit"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """Makes the two password files."""
        debian("mosquitto", "mosquitto")
        for name, password in (("passwords", "shop-password"), ("old-passwords", "another")):
            command = [debian("mosquitto_passwd", "mosquitto"), "-b", "-c"]
            file = tools / f"mosquitto-{name}"
            subprocess.run([*command, str(file), "sensor", password], check=True, timeout=20)

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A configuration, passwords, rights and a data folder."""
        folder = place.folder
        for name in ("passwords", "old-passwords"):
            (folder / name).write_bytes((place.tools / f"mosquitto-{name}").read_bytes())
            (folder / name).chmod(0o644)
        (folder / "acl").write_text("user sensor\ntopic readwrite shop/#\n")
        (folder / "strict-acl").write_text("user sensor\ntopic read shop/#\n")
        for name, mode in (("data", 0o777), ("locked", 0o555)):
            (folder / name).mkdir()
            (folder / name).chmod(mode)
        (folder / "data" / "broken.db").write_bytes(b"this is no snapshot of a broker" * 4)
        names = {
            "folder": folder,
            "full": place.full_disk,
            "tls": place.tls_backend.rpartition("/")[2],
            "taken": place.backend.rpartition(":")[2],
            "ca": place.ca_file,
        }
        settings = filled(_STABLE | _CHANGES.get(scenario.name, {}), names)
        config = folder / "mosquitto.conf"
        config.write_text(_CONFIG.format(port=place.port, **settings))
        return Launch(
            [debian("mosquitto", "mosquitto"), "-c", str(config)],
            user=_NOBODY,
            memory_limit=24 << 20 if scenario.name == "memory" else 0,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Sensors that stay for some messages each."""
        return drive(traffic, lambda: _Sensor(place.port, scenario.name))


class _Sensor:
    """As much of MQTT 3.1.1 as a sensor needs."""

    def __init__(self, port: int, scenario: str) -> None:
        self._port = port
        self._size = 300_000 if scenario == "memory" else 40
        self._session: socket.socket | None = None

    def send(self, chance: random.Random) -> bool:
        """One message that is acknowledged; now and then from a new session."""
        if self._session is None or chance.random() < 0.1:
            self.close()
            self._session = self._connect(chance)
        topic = f"shop/{chance.randrange(40)}/{chance.choice(['stock', 'door', 'climate'])}"
        identifier = chance.randrange(1, 65000).to_bytes(2, "big")
        retained = 0x33  # PUBLISH, quality of service 1, retained
        self._session.sendall(_packet(retained, _text(topic) + identifier + b"v" * self._size))
        return self._session.recv(4096)[:1] == b"\x40"

    def _connect(self, chance: random.Random) -> socket.socket:
        session = socket.create_connection(("127.0.0.1", self._port), timeout=3)
        self._session = session
        flags = b"\x04\xc2\x00\x3c"  # protocol level 4; user, password, clean session; 60 s
        name = f"sensor-{chance.randrange(1000):03}-{chance.randrange(1 << 20):05x}"
        who = _text(name) + _text("sensor") + _text("shop-password")
        session.sendall(_packet(0x10, _text("MQTT") + flags + who))
        if session.recv(4) != b"\x20\x02\x00\x00":
            raise ConnectionError("the broker does not want this session")
        return session

    def close(self) -> None:
        """Says goodbye."""
        if self._session is not None:
            with contextlib.suppress(OSError), self._session as session:
                self._session = None
                session.sendall(b"\xe0\x00")


def _text(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while left > 127:
        length.append(left % 128 | 128)
        left //= 128
    return bytes([kind, *length, left]) + body
