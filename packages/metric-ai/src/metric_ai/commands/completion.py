"""Completion of words, in shells and by kubectl."""

import sys
from collections.abc import Sequence

import click
from click.shell_completion import ShellComplete, get_completion_class

from metric_ai.exits import Exit
from metric_ai.options import EPILOG

_VARIABLE = "_METRIC_AI_COMPLETE"
_HELP = """\
Print what makes a shell complete commands, options and their values.

\b
Examples:
  metric-ai completion bash > ~/.local/share/bash-completion/completions/metric-ai
  metric-ai completion zsh > "${fpath[1]}/_metric-ai"
  metric-ai completion fish > ~/.config/fish/completions/metric-ai.fish

kubectl completes `kubectl metric-ai` by itself, through the program kubectl_complete-metric_ai on the PATH.
"""
# What kubectl reads after the words: 4, no files where there are none of them (cobra, ShellCompDirective).
_NO_FILES, _FILES = ":4", ":0"


@click.command("completion", help=_HELP, epilog=EPILOG)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def command(shell: str) -> Exit:
    """See `_HELP`."""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"{shell} is not known")
    click.echo(_script(made))
    return Exit.OK


def _script(made: type[ShellComplete]) -> str:
    from metric_ai.cli import commands  # noqa: PLC0415 - it imports this module

    complete = made(commands, {}, "metric-ai", _VARIABLE)
    # Not `source()`: that starts a bash to ask for its version, where there may be none.
    return complete.source_template % complete.source_vars()


def kubectl_main(arguments: Sequence[str] | None = None) -> int:
    """Completes the last of the words, as kubectl asks for it.

    Args:
        arguments: what stands after `kubectl metric-ai`; default: the process's own.
    """
    from metric_ai.cli import commands  # noqa: PLC0415 - it imports this module

    words = list(sys.argv[1:] if arguments is None else arguments)
    *before, begun = words or [""]
    found = ShellComplete(commands, {}, "metric-ai", _VARIABLE).get_completions(before, begun)
    names = [item for item in found if item.type == "plain"]
    for item in names:
        print(item.value if not item.help else f"{item.value}\t{item.help}")
    print(_FILES if len(names) < len(found) else _NO_FILES)
    return Exit.OK
