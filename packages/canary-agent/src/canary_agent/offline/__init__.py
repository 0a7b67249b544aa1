"""Commands that judge recorded canaries with models: `canary-agent replay` and `canary-agent eval`."""

from ._commands import COMMANDS, add_commands, run

__all__ = ["COMMANDS", "add_commands", "run"]
