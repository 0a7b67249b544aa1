"""What scenarios ask of a controller, wherever it runs."""

from typing import Protocol

__all__ = ["Controller"]


class Controller(Protocol):
    """The Argo Rollouts controller with our plugin.

    Attributes:
        environment: more variables for both, from the next start on.
    """

    environment: dict[str, str]

    @property
    def running(self) -> bool:
        """Whether the controller runs."""

    def start(self, *, wait_for_lease: bool = True) -> None:
        """Starts a controller; returns once it leads.

        Args:
            wait_for_lease: as in a cluster: the lease of one that was killed has to run out, which
                takes 16 s. Otherwise the lease is deleted first.
        """

    def stop(self) -> None:
        """Ends the controller in order, and its plugin."""

    def kill(self) -> None:
        """SIGKILL to the controller."""

    def restart(self, *, wait_for_lease: bool = True) -> None:
        """`stop`, and a new one."""

    def plugin_pids(self) -> list[int]:
        """The plugin's processes; the numbers are those of the machine that it runs on."""

    def kill_plugin(self) -> None:
        """SIGKILL to the plugin alone; the controller starts another one when it needs it."""

    def log(self) -> str:
        """All that this controller and its plugin have logged since its start."""

    def log_tail(self) -> str:
        """The last lines."""
