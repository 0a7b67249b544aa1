"""Child processes that are awaited with a deadline, ended with all they started, and never outlive us."""

from ._child import Child, ChildError, tail_of
from ._groups import kill_group, members_of
from ._ports import free_ports
from ._watchdog import Watchdog

__all__ = ["Child", "ChildError", "Watchdog", "free_ports", "kill_group", "members_of", "tail_of"]
