"""A PostgreSQL server of the tests' own, and agents that share a database on it."""

import contextlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

DOUBLES = Path(__file__).parent.parent / "server" / "doubles"
BINARIES = Path("/usr/lib/postgresql")
PASSWORD = "h/rd to@guess:" + secrets.token_hex(8)
DEADLINE = 60.0
V1 = {"A2A-Version": "1.0"}


def pytest_configure(config: pytest.Config) -> None:
    """Names the marker by which a run asks for these tests."""
    config.addinivalue_line("markers", "postgres: needs Debian's postgresql, a real server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs the server."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "server" in getattr(
            item, "fixturenames", ()
        ):
            item.add_marker(pytest.mark.postgres)


@dataclass
class Server:
    """A PostgreSQL server on a loopback port, run by an account without privileges."""

    binaries: Path
    folder: Path
    account: pwd.struct_passwd
    port: int
    process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, *arguments: str) -> None:
        self._popen(program, *arguments, output=subprocess.DEVNULL).communicate(timeout=DEADLINE)

    def start(self) -> None:
        self.process = self._popen(
            *("postgres", "-D", str(self.folder / "data"), "-p", str(self.port)),
            *("-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            output=subprocess.DEVNULL,
        )
        give_up = time.monotonic() + DEADLINE
        while True:
            try:
                self.query("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < give_up
                assert self.process.poll() is None
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """At once: clients see their connections break."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(DEADLINE)

    def query(self, statement: str, database: str = "postgres") -> list[Any]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str) -> str:
        return f"postgresql://judge:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def _popen(self, program: str, *arguments: str, output: int) -> subprocess.Popen[bytes]:
        root = os.geteuid() == 0
        return subprocess.Popen(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            stdout=output,
            stderr=output,
            user=self.account.pw_uid if root else None,
            group=self.account.pw_gid if root else None,
            extra_groups=[] if root else None,
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for the session; skipped where Debian's postgresql is not installed."""
    # A client's package has such a folder, too, without the server in it.
    found = [path.parent for path in BINARIES.glob("*/bin/initdb")]
    versions = sorted(found, key=lambda path: int(path.parent.name))
    if not versions:
        pytest.skip(f"no PostgreSQL server in {BINARIES}: apt-get install postgresql")
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    # Not below pytest's folder, which that account cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, account.pw_uid, account.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Server(versions[-1], folder, account, port)
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o644)
    server.run(
        *("initdb", "-D", str(folder / "data"), "-U", "judge", "-E", "UTF8", "--no-sync"),
        *("-A", "scram-sha-256", f"--pwfile={password_file}"),
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def running_server(server: Server) -> Iterator[Server]:
    """The server, for a test that stops it; running again afterwards."""
    yield server
    if server.process is not None and server.process.poll() is not None:
        server.start()


@pytest.fixture
def database(server: Server) -> str:
    """The name of a new database."""
    name = f"agent_{uuid.uuid4().hex}"
    server.query(f"CREATE DATABASE {name}")
    return name


@dataclass
class Replica:
    """A real agent; all of a test work in one folder and on one database."""

    folder: Path
    state: str
    name: str
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        line = self.start_and_read_line()
        found = re.fullmatch(r"canary-agent listening on (http://\S+)\n", line)
        assert found, f"{line!r}; {self.log()}"
        self.url = found[1]

    def start_and_read_line(self) -> str:
        (self.folder / "logs").mkdir(exist_ok=True)
        command = [
            *(sys.executable, DOUBLES / "agent_under_test.py", self.folder),
            *("serve", "--logs", self.folder / "logs", "--port", "0", "--log-format", "text"),
            *("--log-level", "debug", *self.arguments),
        ]
        with (self.folder / f"{self.name}.log").open("a") as log:
            self.process = subprocess.Popen(
                list(map(str, command)),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "CANARY_AGENT_STATE": self.state, **self.environment},
            )
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text()

    def signal(self, number: int) -> int:
        """Sends the signal; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self.process is not None
        code = self.process.wait(DEADLINE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = httpx.post(f"{self.url}/", json=body, headers=V1, timeout=DEADLINE)
        document: dict[str, Any] = answer.json()
        return document

    def ask(self, asked: dict[str, Any], **fields: object) -> dict[str, Any]:
        """Sends a request without waiting for its end; returns the task."""
        message = {
            "messageId": str(uuid.uuid4()),
            "role": "ROLE_USER",
            "parts": [{"text": json.dumps(asked)}],
            **fields,
        }
        params = {"message": message, "configuration": {"returnImmediately": True}}
        task: dict[str, Any] = self.call("SendMessage", params)["result"]["task"]
        return task

    def task(self, task: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetTask", {"id": task["id"]})["result"]
        return found

    def status(self, task: dict[str, Any]) -> str:
        state: str = self.task(task)["status"]["state"]
        return state.removeprefix("TASK_STATE_")

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=DEADLINE).status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Replicas:
    """Makes agents that share a database, and knows what their analyses do."""

    folder: Path
    state: str
    made: list[Replica] = field(default_factory=list)

    def add(self, *arguments: str, **environment: str) -> Replica:
        """An agent, started."""
        replica = self.prepare(*arguments, **environment)
        replica.start()
        return replica

    def prepare(self, *arguments: str, **environment: str) -> Replica:
        """An agent, not started."""
        name = f"replica-{len(self.made)}"
        replica = Replica(self.folder, self.state, name, arguments, environment=environment)
        self.made.append(replica)
        return replica

    def question(self, words: str = "") -> dict[str, Any]:
        """A canary request; `words` say what the analysis does."""
        return {
            "run": {"uid": f"run-{uuid.uuid4().hex}", "namespace": "shop"},
            "stable": {"selector": "role=stable"},
            "canary": {"selector": "role=canary"},
            "deadline": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
            "extraPrompt": words,
        }

    def open(self, asked: dict[str, Any]) -> None:
        (self.folder / f"{asked['run']['uid']}.open").touch()

    def starts(self, asked: dict[str, Any]) -> list[int]:
        path = self.folder / f"{asked['run']['uid']}.starts"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def logs(self) -> str:
        return "".join(replica.log() for replica in self.made)


@pytest.fixture
def replicas(server: Server, database: str, tmp_path: Path) -> Iterator[Replicas]:
    """Agents on a database of the test's own; the server holds none of their secrets back."""
    made = Replicas(tmp_path, server.url(database))
    yield made
    for replica in made.made:
        if replica.process is not None and replica.process.poll() is None:
            replica.signal(signal.SIGKILL)
    assert PASSWORD not in made.logs()
    assert quote(PASSWORD, safe="") not in made.logs()


def until(holds: Callable[[], object], what: str = "") -> None:
    """Waits for something to become true; calls that fail on the way count as not yet."""
    give_up = time.monotonic() + DEADLINE
    while True:
        with contextlib.suppress(httpx.TransportError, KeyError):
            if holds():
                return
        assert time.monotonic() < give_up, f"not within {DEADLINE} s: {what}"
        time.sleep(0.02)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


@pytest.fixture
def password() -> str:
    """The password of the server's account: to come out nowhere."""
    return PASSWORD
