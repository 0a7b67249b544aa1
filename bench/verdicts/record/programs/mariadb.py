"""MariaDB under the queries of an order service; its error log, statements' errors and slow log in one stream."""

import contextlib
import importlib
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, python_environment
from bench.verdicts.record._traffic import drive, listens

_CLIENT = "mariadb-client"
_DEADLOCK = 1213
_PACKAGE = "mariadb-server"
_DATA = """
CREATE DATABASE shop;
USE shop;
CREATE USER 'shop'@'%' IDENTIFIED BY 'shop-password';
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, product INT, quantity TINYINT UNSIGNED, cents INT, currency CHAR(3) DEFAULT 'EUR', KEY by_product (product));
CREATE TABLE stock (product INT PRIMARY KEY, remaining INT);
INSERT INTO stock SELECT seq, 1000000 FROM seq_1_to_200;
INSERT INTO orders (product, quantity, cents) SELECT 1 + seq % 200, 1, seq FROM seq_1_to_20000;
GRANT ALL ON shop.orders TO 'shop'@'%';
GRANT ALL ON shop.stock TO 'shop'@'%';
"""
_STABLE = {
    "bind-address": "127.0.0.1",
    "innodb-buffer-pool-size": "8M",
    "innodb-flush-log-at-trx-commit": "0",
    "key-buffer-size": "1M",
    "performance-schema": "OFF",
    "skip-name-resolve": "ON",
    "log-warnings": "9",
    "plugin-load-add": "sql_errlog",
    "sql-error-log-filename": "statement-errors.log",
    "slow-query-log": "ON",
    "slow-query-log-file": "slow.log",
    "long-query-time": "0.001",
    "sql-mode": "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO",
}
# Settings that differ from stable's, and statements run on the data before it starts.
_SETTINGS: dict[str, dict[str, str]] = {
    "tuned": {
        "innodb-buffer-pool-size": "12M",
        "query-cache-type": "OFF",
        "sort-buffer-size": "4M",
    },
    "slow-log-details": {"log-slow-verbosity": "query_plan,explain"},
    "syntax": {"innodb-bufer-pool-size": "16M"},
    "port-taken": {"port": "{taken}"},
    "missing-plugin": {"plugin-load-add": "sql_errlog;server_audit2"},
    "few-connections": {"max-user-connections": "1"},
    "statement-timeout": {"max-statement-time": "0.0008"},
}
_STATEMENTS: dict[str, str] = {
    "bad-migration": "ALTER TABLE shop.orders DROP COLUMN currency;",
    "wrong-password": "SET PASSWORD FOR 'shop'@'%' = PASSWORD('another');",
    "revoked": "REVOKE ALL ON shop.stock FROM 'shop'@'%';",
    "no-index": "ALTER TABLE shop.orders DROP INDEX by_product; INSERT INTO shop.orders"
    " (product, quantity, cents) SELECT 1 + seq % 200, 1, seq FROM shop.seq_1_to_60000;",
}


class MariaDb:
    """Each scenario is a configuration, a schema, or a client's way of working."""

    name = "mariadb"
    rest = 8.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("tuned"),
        Scenario("slow-log-details"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("syntax", "config-syntax", r"unknown variable"),
        Scenario("port-taken", "port-in-use", r"Address already in use"),
        Scenario("missing-plugin", "missing-module", r"Can't open shared library"),
        Scenario("few-connections", "open-files", r"max_user_connections"),
        Scenario("statement-timeout", "timeout", r"max_statement_time exceeded"),
        Scenario("bad-migration", "bad-migration", r"Unknown column 'currency'"),
        Scenario("wrong-password", "authentication", r"Access denied for user"),
        Scenario("revoked", "permission-denied", r"command denied to user"),
        Scenario("no-index", "slow-version"),
        Scenario("deadlock", "database-locked", r"Deadlock found"),
        Scenario("division", "division-by-zero", r"Division by 0"),
        Scenario("overflow", "type-error", r"Out of range value"),
        Scenario("bad-data", "bad-data", r"\[ERROR\].*InnoDB"),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """Makes one folder of databases, of which each instance gets a copy."""
        python_environment(tools, _CLIENT, ["pymysql"])
        data = tools / "mariadb-data"
        if data.exists():
            return
        options = [f"--datadir={data}", "--user=root", "--innodb-log-file-size=4M"]
        normal = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        _run([debian("mariadb-install-db", _PACKAGE), "--no-defaults", *options, *normal])
        _change(data, _DATA)

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A copy of the data, changed as the scenario has it."""
        data = place.folder / "data"
        _run(["cp", "-a", str(place.tools / "mariadb-data"), str(data)])
        if statements := _STATEMENTS.get(scenario.name):
            _change(data, statements)
        if scenario.name == "bad-data":
            (data / "ibdata1").write_bytes(b"this is no tablespace" * 50_000)
        settings = _STABLE | {"port": str(place.port)} | _SETTINGS.get(scenario.name, {})
        taken = place.backend.rpartition(":")[2]
        options = [f"--{key}={value.format(taken=taken)}" for key, value in settings.items()]
        files = [data / "statement-errors.log", data / "slow.log"]
        for file in files:
            file.touch()
        # The two logs that cannot go to stderr are followed by a process beside, as images do it.
        follow = f"tail --quiet --lines=+1 --follow {files[0]} {files[1]} &"
        return Launch(
            ["sh", "-c", f'{follow} exec "$0" "$@"', *_server(data), *options],
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Clients that keep their connection for a while."""
        (packages,) = (place.tools / _CLIENT).glob("lib/python3*/site-packages")
        if str(packages) not in sys.path:
            sys.path.append(str(packages))
        library = importlib.import_module("pymysql")  # pure Python: any interpreter can have it
        return drive(traffic, lambda: _Client(library, place.port, scenario.name))


def _server(data: Path) -> list[str]:
    binary = debian("mariadbd", _PACKAGE)
    fixed = ["--user=root", "--innodb-log-file-size=4M", "--innodb-use-native-aio=0"]
    return [binary, "--no-defaults", f"--datadir={data}", f"--socket={data}/server.sock", *fixed]


def _change(data: Path, statements: str) -> None:
    """Runs statements while no server runs, one a line; rights are known only once they are flushed."""
    each = ["FLUSH PRIVILEGES", *statements.split(";")]
    lines = "".join(" ".join(one.split()) + ";\n" for one in each if one.strip())
    _run([*_server(data), "--bootstrap"], lines)


def _run(command: list[str], text: str = "") -> None:
    subprocess.run(
        command, input=text, text=True, check=True, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


class _Client:
    def __init__(self, library: ModuleType, port: int, scenario: str) -> None:
        self._library = library
        self._port = port
        self._scenario = scenario
        self._connection: Any = None

    def send(self, chance: random.Random) -> bool:
        """One transaction; now and then a new connection."""
        if self._connection is None or chance.random() < 0.04:
            self.close()
            self._connection = self._library.connect(
                host="127.0.0.1", port=self._port, user="shop", password="shop-password",
                database="shop", connect_timeout=3, read_timeout=5, autocommit=True,
                ssl_disabled=True,
            )  # fmt: skip
        product, kind = chance.randrange(1, 201), chance.random()
        if kind < 0.5:
            self._run(f"SELECT COUNT(*), MAX(currency) FROM orders WHERE product = {product}")
        elif kind < 0.6:
            self._run(f"SELECT * FROM orders WHERE id = {chance.randrange(1, 20000)}")
        elif kind < 0.9:
            self._order(product, chance)
        else:
            self._run(f"SELECT remaining FROM stock WHERE product = {product}")
        return True

    def _order(self, product: int, chance: random.Random) -> None:
        products = [product]
        if self._scenario == "deadlock":
            products = [1, 2] if chance.random() < 0.5 else [2, 1]
        quantity = 300 if self._scenario == "overflow" and chance.random() < 0.2 else 1
        each = f"1000 / {chance.randrange(4)}" if self._scenario == "division" else "1000"
        values = f"({product}, {quantity}, {each})"
        try:
            self._run("START TRANSACTION")
            for number in products:
                self._run(f"UPDATE stock SET remaining = remaining - 1 WHERE product = {number}")
                if len(products) > 1:
                    self._run("DO SLEEP(0.02)")
            self._run(f"INSERT INTO orders (product, quantity, cents) VALUES {values}")
            self._run("COMMIT")
        except Exception as error:
            if error.args[:1] != (_DEADLOCK,):  # which the server has ended well
                raise

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def close(self) -> None:
        """Ends the connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(Exception):  # it may be gone already
                connection.close()
