# ruff: noqa: N818 - named for what happened, in the words of go-plugin and net/rpc
"""What can go wrong between a host and a plugin, told apart by what the caller can do about it."""


class PluginError(Exception):
    """A plugin, or the connection to it, did not do what was asked."""


class PluginExited(PluginError):
    """The plugin's process has ended, or ended before it could answer.

    Attributes:
        exit_code: Its exit code; negative is the signal that ended it (as in `subprocess`).
        stderr: Its last lines on stderr, oldest first, without line ends.
    """

    def __init__(self, what: str, exit_code: int, stderr: tuple[str, ...]) -> None:
        super().__init__(what, exit_code, stderr)
        self.what = what
        self.exit_code = exit_code
        self.stderr = stderr

    def __str__(self) -> str:
        how = f"signal {-self.exit_code}" if self.exit_code < 0 else f"exit code {self.exit_code}"
        tail = "".join(f"\n  {line}" for line in self.stderr) or " nothing"
        return f"{self.what}: the plugin ended with {how}; its last lines on stderr:{tail}"


class HandshakeFailed(PluginError):
    """What the plugin wrote on stdout is no handshake, or offers what this host does not speak."""


class StartTimeout(PluginError, TimeoutError):
    """The plugin wrote no handshake line within the start timeout."""


class CallTimeout(PluginError, TimeoutError):
    """No reply came in time. The call may still have its effect; a late reply is dropped."""


class RemoteError(PluginError):
    """The other side answered the call with an error: its text, as `net/rpc.ServerError` in Go."""


class SessionClosed(PluginError, ConnectionError):
    """The connection has ended, by either side, while the process may still live."""


class BrokerTimeout(PluginError, TimeoutError):
    """The other side did not come to the brokered stream within 5 s (mux_broker.go: Accept, timeoutWait)."""
