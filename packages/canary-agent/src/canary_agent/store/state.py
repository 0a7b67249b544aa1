"""Where analyses are kept: what the engine asks of a file or a server."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from dbos import DBOSConfig

from .state_file import StateFile
from .state_server import StateServer


class State(Protocol):
    """A database, and who else works on it. Methods block."""

    @property
    def executor_id(self) -> str:
        """DBOS's name of this process: it goes on with unfinished work of the same name."""

    @property
    def shared(self) -> bool:
        """Whether other processes may work on the same tasks."""

    def open(self) -> sa.Engine:
        """Opens the database, with our tables made.

        Raises:
            StateError: it cannot be used.
        """

    def dbos_config(self) -> DBOSConfig:
        """What DBOS must know of the opened database."""

    def join(self, version: str) -> None:
        """Says that this process, of that version, works on the tasks."""

    def confirm(self) -> bool:
        """Says that this process lives; False where the others have given it up."""

    def living(self) -> Mapping[str, str]:
        """The executor ids of all processes that may be at work, and their versions; where shared."""

    def forget(self, executors: Collection[str]) -> None:
        """Strikes processes off that are dead."""

    def close(self) -> None:
        """Says that this process works no more, and closes the database."""


def state_at(place: str) -> State:
    """The state at a file's path, or at the URL of a PostgreSQL database.

    Raises:
        StateError: it is a URL, but none of a database.
    """
    return StateServer(place) if "://" in place else StateFile(Path(place))
