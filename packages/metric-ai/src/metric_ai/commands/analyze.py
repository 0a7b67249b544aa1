"""What may be typed after `metric-ai analyze`."""

from pathlib import Path
from typing import Any

import click

from metric_ai.exits import Exit
from metric_ai.options import (
    EPILOG,
    ClusterOptions,
    cluster_options,
    namespace_option,
    output_option,
)
from metric_ai.terminal import Format, Terminal

_HELP = """\
Compare a canary's logs, events and pod states with stable's, and say whether it may be promoted.

What is compared is a cluster's pods, two folders of logs, or a BUNDLE that an analysis was saved in. The evidence is
the agent's own; no model is asked, nothing is changed, and no agent has to run.

\b
Examples:
  metric-ai analyze -n shop --rollout shop
  metric-ai analyze -n shop --stable role=stable --canary role=canary --window 30m
  metric-ai analyze --stable-logs logs/v1 --canary-logs logs/v2
  metric-ai analyze canary.zip -o json | jq .rootCause

A folder of logs holds files *.log, or folders of them: <pod>/<container>.log.
"""

_FOLDER = click.Path(path_type=Path)


@click.command("analyze", help=_HELP, epilog=EPILOG)
@click.argument("bundle", required=False, type=_FOLDER)
@click.option("--stable", default="", metavar="SELECTOR", help="Label selector of stable's pods.")
@click.option("--canary", default="", metavar="SELECTOR", help="Label selector of the canary's.")
@click.option(
    "--rollout",
    default="",
    metavar="NAME",
    help="Rollout whose pods are compared; also says which.",
)
@namespace_option
@click.option("--stable-logs", type=_FOLDER, metavar="DIR", help="Folder with stable's logs.")
@click.option("--canary-logs", type=_FOLDER, metavar="DIR", help="Folder with the canary's logs.")
@click.option("--window", default="10m", show_default=True, help="How far back logs of pods count.")
@click.option("--min-lines", type=click.IntRange(0, 10_000_000), help="Lines each side must have.")
@click.option(
    "--sensitivity",
    type=click.Choice(("low", "normal", "high")),
    default="normal",
    show_default=True,
    help="How much it takes to speak against the canary.",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="TEXT",
    help="Lines that mean no harm: a part of them, or a regular expression. May be repeated.",
)
@click.option(
    "--save", type=_FOLDER, metavar="BUNDLE", help="Save all of it as one file, redacted."
)
@cluster_options
@output_option
def command(
    *,
    save: Path | None,
    kubeconfig: str,
    context: str,
    form: Format,
    **given: Any,  # noqa: ANN401 - click gives them by the names that Asked has
) -> Exit:
    """See `_HELP`."""
    from metric_ai.analysis import (  # noqa: PLC0415 - help need not wait
        Asked,
        judge,
        question_of,
    )
    from metric_ai.verdicts import exit_of, show_verdict  # noqa: PLC0415 - help need not wait

    asked = Asked(**given, cluster=ClusterOptions(kubeconfig, context))
    terminal = Terminal()
    verdict = judge(terminal, question_of(asked), save)
    if form == "table":
        show_verdict(terminal, verdict)
        if save:
            terminal.note(f"saved: {save}; metric-ai report {save} makes a page of it")
    else:
        terminal.document(verdict.to_json(), form)
    return exit_of(verdict)
