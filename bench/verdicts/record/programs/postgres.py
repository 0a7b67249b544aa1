"""PostgreSQL under the queries of an order service; it logs statements with their durations."""

import contextlib
import pwd
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian
from bench.verdicts.record._traffic import drive, listens

_BINARIES = ("/usr/lib/postgresql/15/bin",)
_SCHEMA = """
CREATE ROLE shop LOGIN PASSWORD 'shop-password';
CREATE TABLE orders (id serial PRIMARY KEY, product int, quantity int, cents int, currency text DEFAULT 'EUR');
CREATE INDEX orders_product ON orders (product);
CREATE TABLE stock (product int PRIMARY KEY, left_over int);
INSERT INTO stock SELECT n, 1000000 FROM generate_series(1, 200) n;
INSERT INTO orders (product, quantity, cents) SELECT 1 + n % 200, 1, n FROM generate_series(1, 20000) n;
GRANT ALL ON ALL TABLES IN SCHEMA public TO shop;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop;
"""
_STABLE = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "log_connections": "on",
    "log_min_duration_statement": "0",
    "log_line_prefix": "'%m [%p] %u@%d '",
    "lc_messages": "'C'",
}
# Settings that differ from stable's, and statements run on the data before it starts.
_SETTINGS: dict[str, dict[str, str]] = {
    "tuned": {"work_mem": "8MB", "random_page_cost": "1.1", "log_checkpoints": "on"},
    "more-logging": {"log_disconnections": "on", "log_lock_waits": "on"},
    "syntax": {"shared_bufers": "32MB"},
    "port-taken": {"port": "{taken}"},
    "few-connections": {"max_connections": "5", "superuser_reserved_connections": "3"},
    "statement-timeout": {"statement_timeout": "3ms"},
}
_STATEMENTS: dict[str, str] = {
    "bad-migration": "ALTER TABLE orders DROP COLUMN currency",
    "wrong-password": "ALTER ROLE shop PASSWORD 'another'",
    "revoked": "REVOKE ALL ON stock FROM shop",
    "no-index": "DROP INDEX orders_product; INSERT INTO orders (product, quantity, cents)"
    " SELECT 1 + n % 200, 1, n FROM generate_series(1, 150000) n",
    "disk-full": "CREATE TABLESPACE small LOCATION '{full}';"
    " CREATE TABLE late (LIKE orders INCLUDING ALL) TABLESPACE small; DROP TABLE orders;"
    " ALTER TABLE late RENAME TO orders; GRANT ALL ON orders TO shop",
}


class Postgres:
    """Each scenario is a configuration, a schema, or a client's way of working."""

    name = "postgres"
    rest = 3.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("tuned"),
        Scenario("more-logging"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"unrecognized configuration parameter"),
        Scenario("port-taken", "port-in-use", r"could not bind|could not create any TCP"),
        Scenario("few-connections", "open-files", r"FATAL:.*(?:too many|remaining connection)"),
        Scenario("statement-timeout", "timeout", r"ERROR:.*statement timeout"),
        Scenario("bad-migration", "bad-migration", r'ERROR:.*column "currency"'),
        Scenario("wrong-password", "authentication", r"FATAL:.*password authentication failed"),
        Scenario("revoked", "permission-denied", r"ERROR:.*permission denied"),
        Scenario("no-index", "slow-version"),
        Scenario("deadlock", "database-locked", r"ERROR:.*deadlock detected"),
        Scenario("division", "division-by-zero", r"ERROR:.*division by zero"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """Makes one cluster of databases, of which each instance gets a copy."""
        folder = tools / "postgres"
        if folder.exists():
            return
        folder.mkdir()
        shutil.chown(folder, "postgres", "postgres")
        _as_postgres([_binary("initdb"), "-D", str(folder / "data"), "-A", "trust", "--no-sync"])
        _single(folder / "data", _SCHEMA)
        rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (folder / "data" / "pg_hba.conf").write_text(rules)

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A copy of the data, changed as the scenario has it."""
        data = place.folder / "data"
        subprocess.run(
            ["cp", "-a", str(place.tools / "postgres/data"), str(data)], check=True, timeout=60
        )
        taken = place.backend.rpartition(":")[2]
        settings = _STABLE | {"port": str(place.port)} | _SETTINGS.get(scenario.name, {})
        if statements := _STATEMENTS.get(scenario.name):
            _single(data, statements)
        lines = [f"{key} = {value.format(taken=taken)}\n" for key, value in settings.items()]
        with (data / "postgresql.conf").open("a") as config:
            config.writelines(lines)
        return Launch(
            [_binary("postgres"), "-D", str(data)],
            user=pwd.getpwnam("postgres").pw_uid,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Clients that keep their connection for a while."""
        return drive(traffic, lambda: _Client(place.port, scenario.name))


def _binary(name: str) -> str:
    return debian(name, "postgresql-15", folders=_BINARIES)


def _as_postgres(command: list[str], text: str = "") -> None:
    subprocess.run(
        command, input=text, text=True, user="postgres", group="postgres", check=True, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


def _single(data: Path, statements: str) -> None:
    """Runs statements while no server runs, one a line."""
    text = "".join(" ".join(one.split()) + "\n" for one in statements.split(";") if one.strip())
    _as_postgres([_binary("postgres"), "--single", "-D", str(data), "postgres"], text)


class _Client:
    def __init__(self, port: int, scenario: str) -> None:
        self._address = f"host=127.0.0.1 port={port} dbname=postgres user=shop password=shop-password connect_timeout=3"
        self._scenario = scenario
        self._connection: psycopg.Connection[Any] | None = None

    def send(self, chance: random.Random) -> bool:
        """One transaction; now and then a new connection."""
        if self._connection is None or chance.random() < 0.05:
            self.close()
            self._connection = psycopg.connect(self._address, autocommit=True)
        product = chance.randrange(1, 201)
        kind = chance.random()
        if kind < 0.6:
            self._run("SELECT count(*), max(currency) FROM orders WHERE product = %s", product)
        elif kind < 0.9:
            self._order(product, chance)
        elif self._scenario == "division" and kind < 0.94:
            self._run(
                "SELECT cents / (quantity - 1) FROM orders WHERE product = %s LIMIT 5", product
            )
        else:
            self._run("SELECT left_over FROM stock WHERE product = %s", product)
        return True

    def _order(self, product: int, chance: random.Random) -> None:
        if self._connection is None:
            return
        other = 1 + product % 3
        with contextlib.suppress(psycopg.errors.DeadlockDetected), self._connection.transaction():
            pair = (1, 2) if self._scenario != "deadlock" or chance.random() < 0.5 else (2, 1)
            if self._scenario == "deadlock":
                self._run("UPDATE stock SET left_over = left_over - 1 WHERE product = %s", pair[0])
                self._run("SELECT pg_sleep(0.02) WHERE %s > 0", other)
                self._run("UPDATE stock SET left_over = left_over - 1 WHERE product = %s", pair[1])
            else:
                self._run("UPDATE stock SET left_over = left_over - 1 WHERE product = %s", product)
            self._run("INSERT INTO orders (product, quantity, cents) VALUES (%s, 1, 100)", product)

    def _run(self, statement: str, value: int) -> None:
        if self._connection is not None:
            self._connection.execute(statement.replace("%s", str(value)).encode())

    def close(self) -> None:
        """Ends the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
