"""The task table, in whichever database it is kept."""

import sqlalchemy as sa

from .records import TaskRecord


class StateError(Exception):
    """The state cannot be used; the text says why and what to do, and holds no password."""


class StateLostError(StateError):
    """The state was out of reach for too long; the process must end without waiting for its threads."""


metadata = sa.MetaData()

tasks = sa.Table(
    "canary_tasks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("context_id", sa.Text, nullable=False, index=True),
    sa.Column("message_id", sa.Text, nullable=False, unique=True),
    sa.Column("run_uid", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("verdict", sa.Text, nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("owner", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("sign_at", sa.Float, nullable=False, default=0.0, server_default="0"),
    sa.Column("lease_seconds", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("deadline_at", sa.Float, nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
    *(
        sa.Column(name, sa.Text, nullable=False, default="", server_default="")
        for name in ("asked", "namespace", "rollout", "advice", "trace")
    ),
)


def make_tables(connection: sa.Connection) -> None:
    """Makes the task table where it is not there, and adds columns that a former version lacked."""
    metadata.create_all(connection, tables=[tasks])
    there = {column["name"] for column in sa.inspect(connection).get_columns(tasks.name)}
    for column in tasks.columns:
        if column.name not in there:
            made = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(sa.text(f"ALTER TABLE {tasks.name} ADD COLUMN {made}"))


def record_of(row: sa.Row[tuple[object, ...]]) -> TaskRecord:
    """The task in a row of the table."""
    return TaskRecord.of(dict(row._mapping))  # noqa: SLF001  # the public name of it, says SQLAlchemy


def out_of_reach(error: Exception) -> bool:
    """Whether an error says that the database does not answer now, so that asking again may help."""
    return isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError) or (
        isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    )
