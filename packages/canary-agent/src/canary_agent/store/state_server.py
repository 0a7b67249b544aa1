"""State in a PostgreSQL database, which several agents may share.

Each process has an executor id of its own and says every `CONFIRM_INTERVAL` seconds that it lives. One
that could not say so for `PATIENCE` seconds stops its work; one that has not said so for `TAKEOVER`
seconds, by the database's clock, is dead to the others, which then go on with its work. Between the two
lies the time in which its children end, so that no analysis runs twice.
"""

import contextlib
import os
import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from dbos import DBOSConfig

from .database import StateError, make_tables

CONFIRM_INTERVAL: Final = 2.0
PATIENCE: Final = 30.0
TAKEOVER: Final = 45.0
"""Less than the 60 s after which a client takes a task without a sign of life for lost."""
CONNECT_TIMEOUT: Final = 5
_MAKING_TABLES: Final = 0x63616E617279  # any number of our own: an advisory lock

metadata = sa.MetaData()
replicas = sa.Table(
    "canary_replicas",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)
_NOW = sa.func.clock_timestamp()


class StateServer:
    """A `State` that several processes share.

    Args:
        url: postgresql://user:password@host:port/database, or with the parts that libpq knows.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self._url = read_url(url)
        self.executor_id = f"canary-agent-{uuid.uuid4().hex}"

    def open(self) -> sa.Engine:
        """See `State`."""
        self.database = _engine(self._url)
        try:
            with self.database.begin() as connection:
                # Two replicas that start at once would both make the tables.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING_TABLES)))
                make_tables(connection)
                metadata.create_all(connection)
        except sa.exc.SQLAlchemyError as error:
            self.database.dispose()
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            shown = self._url.render_as_string(hide_password=True)
            raise StateError(f"cannot use {shown} as state: {_one_line(cause)}") from None
        return self.database

    def dbos_config(self) -> DBOSConfig:
        """See `State`."""
        # Its notifications are of no use to us, and would hold a connection.
        return {"system_database_engine": self.database, "use_listen_notify": False}

    def join(self, version: str) -> None:
        """See `State`."""
        long_ago = replicas.c.seen_at < _NOW - timedelta(days=1)
        with self.database.begin() as connection:
            connection.execute(replicas.delete().where(long_ago))
            connection.execute(
                replicas.insert().values(
                    id=self.executor_id,
                    version=version,
                    host=host_id(),
                    pid=os.getpid(),
                    seen_at=_NOW,
                )
            )

    def confirm(self) -> bool:
        """See `State`."""
        statement = replicas.update().where(replicas.c.id == self.executor_id)
        with self.database.begin() as connection:
            return connection.execute(statement.values(seen_at=_NOW)).rowcount == 1

    def living(self) -> Mapping[str, str]:
        """See `State`."""
        columns = (replicas.c.id, replicas.c.version, replicas.c.host, replicas.c.pid)
        recently = replicas.c.seen_at > _NOW - timedelta(seconds=TAKEOVER)
        with self.database.connect() as connection:
            rows = connection.execute(sa.select(*columns).where(recently)).all()
        return {
            executor: version
            for executor, version, host, pid in rows
            if executor == self.executor_id or not _gone(host, pid)
        }

    def forget(self, executors: Collection[str]) -> None:
        """See `State`."""
        with self.database.begin() as connection:
            connection.execute(replicas.delete().where(replicas.c.id.in_(list(executors))))

    def close(self) -> None:
        """See `State`."""
        # Out of reach, the others find out after TAKEOVER seconds.
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            self.forget([self.executor_id])
        self.database.dispose()


def read_url(text: str) -> sa.URL:
    """The URL of a PostgreSQL database.

    Raises:
        StateError: it is none; the text of the error holds nothing of it.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise StateError(
            "--state: this is no URL of a database; expected postgresql://user@host:5432/database"
        ) from None
    if url.drivername not in ("postgresql", "postgres") or not url.database:
        raise StateError(
            "--state: the URL names no database of PostgreSQL; expected postgresql://…/database"
        )
    password = url.query.get("password")
    if isinstance(password, str):  # where SQLAlchemy would show it
        url = url.set(password=password)
    return url.set(drivername="postgresql+psycopg").difference_update_query(["password"])


def host_id(proc: Path = Path("/proc")) -> str:
    """Names the space in which a process id is unique: the kernel's boot and the pid namespace."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {(proc / 'self/ns/pid').readlink()}"
    except OSError:
        return f"unknown {uuid.uuid4().hex}"


def _gone(host: str, pid: int) -> bool:
    """Whether a replica ran in our process space and is there no more: nobody need wait for it."""
    if host != host_id():
        return False
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _engine(url: sa.URL) -> sa.Engine:
    arguments: dict[str, object] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": "canary-agent",
        "client_encoding": "utf8",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "options": "-c idle_in_transaction_session_timeout=60s",
    }
    given = {name: value for name, value in arguments.items() if name not in url.query}
    return sa.create_engine(
        url,
        connect_args=given,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=10.0,
        hide_parameters=True,
    )


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
