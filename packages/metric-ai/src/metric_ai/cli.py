"""The command's entry. A subcommand's modules are imported when it is called, so that help is quick."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from . import VERSION
from .exits import EXIT_CODES, CommandError, Exit

_COMMANDS = {
    "check": ("metric_ai.commands.check", "validate AnalysisTemplates and ConfigMaps"),
    "try": ("metric_ai.commands.try_", "run a template's metric as the controller would"),
    "analyze": ("metric_ai.commands.analyze", "compare a canary's logs with stable's now"),
    "explain": ("metric_ai.commands.explain", "show the verdict of an AnalysisRun"),
    "doctor": ("metric_ai.commands.doctor", "look for what is wrong with an installation"),
    "report": ("metric_ai.commands.report", "write a saved analysis as one HTML page"),
    "completion": ("metric_ai.commands.completion", "print what makes a shell complete words"),
}

_ABOUT = """\
Ask whether a canary may be promoted, and what is wrong where nobody answers.

\b
Examples:
  metric-ai check config/*.yaml             # before anything is applied
  metric-ai doctor                          # after it was
  metric-ai try logs -n shop                # what would the controller get?
  metric-ai analyze --rollout shop -n shop  # a verdict now
  metric-ai explain shop-6d5f-2-1 -n shop   # why was it rolled back?
"""


class Commands(click.Group):
    """The subcommands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of use."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None where there is none of the name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name where there is no such command."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from .names import nearest  # noqa: PLC0415 - for mistakes only

            near = nearest(args[0], _COMMANDS)
            hint = f"; did you mean {near}?" if near else ""
            ctx.fail(f"{args[0]!r} is not a command{hint}")
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands,
    help=_ABOUT,
    epilog="\b\n" + EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, message="metric-ai %(version)s")
def commands() -> None:
    """See `_ABOUT`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code, see `exits.Exit`.

    Args:
        arguments: without the program's name; default: the process's own.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(arguments, prog_name=program_name(), standalone_mode=False)
    except CommandError as error:
        _say(error.what, error.advice)
        return Exit.ERROR
    except click.exceptions.Abort:
        _say("ended by Ctrl-C")
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except BrokenPipeError:
        # Whoever read it has seen enough. What is still in the buffer must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        if os.environ.get("METRIC_AI_TRACEBACK"):
            raise
        _say(
            f"it broke down: {type(error).__name__}: {error}",
            "this is a bug; METRIC_AI_TRACEBACK=1 shows where it is",
        )
        return Exit.ERROR
    return int(code or 0)


def program_name() -> str:
    """What was typed: kubectl calls its plugins by their files' names."""
    kubectl = Path(sys.argv[0]).name.startswith("kubectl-")
    return "kubectl metric-ai" if kubectl else "metric-ai"


def _say(what: str, advice: str = "") -> None:
    from .terminal import plain  # noqa: PLC0415 - only where something went wrong

    print(f"metric-ai: {plain(what)}", file=sys.stderr)
    if advice:
        print(f"next: {plain(advice)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
