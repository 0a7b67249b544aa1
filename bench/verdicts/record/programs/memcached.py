"""memcached, told to write down each command: lines without time or level."""

import contextlib
import random
import socket
from collections.abc import Sequence
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian
from bench.verdicts.record._traffic import drive, listens

_NOBODY = 65534
# Options besides those of stable.
_OPTIONS: dict[str, Sequence[str]] = {
    "larger": ("-m", "48", "-t", "3", "-o", "hash_algorithm=murmur3"),
    "other-settings": ("-o", "no_lru_crawler,lru_maintainer", "-b", "512", "-R", "40"),
    "syntax": ("-o", "slab_reasign"),
    "port-taken": ("-p", "{taken}"),
    "missing-certificate": (
        "-Z",
        "-o",
        "ssl_chain_cert={folder}/shop.pem,ssl_key={folder}/shop.key",
    ),
    "passwords": ("-Y", "{folder}/passwords"),
    "lost-passwords": ("-Y", "{folder}/passwd"),
    "few-connections": ("-c", "2"),
    "small-items": ("-I", "1k"),
    "pid-file": ("-P", "{locked}/memcached.pid"),
}


class Memcached:
    """Each scenario is a command line, or something that a client does."""

    name = "memcached"
    rest = 1.5
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("larger"),
        Scenario("other-settings"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"Illegal suboption"),
        Scenario("port-taken", "port-in-use", r"Address already in use"),
        Scenario("missing-certificate", "wrong-config", r"No such file"),
        Scenario("passwords", "authentication", r"CLIENT_ERROR unauthenticated"),
        Scenario("lost-passwords", "wrong-config", r"No such file"),
        Scenario("few-connections", "open-files", r"Too many open files"),
        Scenario("small-items", "wrong-config", r"cannot be larger than"),
        Scenario("pid-file", "permission-denied", r"Permission denied"),
        Scenario("memory", "memory-limit"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("memcached", "memcached")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A command line, passwords and a folder that cannot be written."""
        locked = place.folder / "locked"
        locked.mkdir()
        locked.chmod(0o555)
        (place.folder / "passwords").write_text("shop:shop-password\n")
        names = {
            "folder": place.folder,
            "locked": locked,
            "taken": place.backend.rpartition(":")[2],
        }
        options = [text.format(**names) for text in _OPTIONS.get(scenario.name, ())]
        usual = ["-vv", "-l", "127.0.0.1", "-p", str(place.port), "-U", "0", "-t", "2", "-m", "32"]
        return Launch(
            [debian("memcached", "memcached"), *usual, *options],
            user=_NOBODY,
            memory_limit=16 << 20 if scenario.name == "memory" else 0,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Clients that look something up and keep what they did not find."""
        size = 300_000 if scenario.name == "memory" else 0
        return drive(traffic, lambda: _Client(place.port, size))


class _Client:
    def __init__(self, port: int, size: int) -> None:
        self._port = port
        self._size = size
        self._session: socket.socket | None = None

    def send(self, chance: random.Random) -> bool:
        """Looks one key up, and sets it where there is none; now and then from a new session."""
        if self._session is None or chance.random() < 0.05:
            self.close()
            self._session = socket.create_connection(("127.0.0.1", self._port), timeout=3)
        key = f"product:{chance.randrange(400)}"
        if chance.random() < 0.05:
            return self._ask(f"delete {key}\r\n") in {b"DELETED\r\n", b"NOT_FOUND\r\n"}
        found = self._ask(f"get {key}\r\n")
        if found != b"END\r\n":
            return found.startswith(b"VALUE ")
        text = "x" * (self._size or chance.choice([80, 600, 3000]))
        return self._ask(f"set {key} 0 60 {len(text)}\r\n{text}\r\n") == b"STORED\r\n"

    def _ask(self, command: str) -> bytes:
        if self._session is None:
            raise ConnectionError("there is no session")
        self._session.sendall(command.encode())
        answer = self._session.recv(65536)
        while answer.startswith(b"VALUE ") and not answer.endswith(b"END\r\n"):
            answer = answer[:6] + self._session.recv(1 << 20)
        return answer

    def close(self) -> None:
        """Ends the session."""
        if self._session is not None:
            with contextlib.suppress(OSError), self._session as session:
                self._session = None
                session.sendall(b"quit\r\n")
