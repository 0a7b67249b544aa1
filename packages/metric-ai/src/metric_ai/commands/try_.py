"""What may be typed after `metric-ai try`."""

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
Run one metric of an AnalysisTemplate as the Argo Rollouts controller would, and show the measurement it gets.

The plugin's own file is started and asked over its own wire: InitPlugin, Run, then Resume whenever it asks to be asked
again. TEMPLATE is the name of an AnalysisTemplate in the cluster, or a file. Nothing is created in the cluster; Secrets that
arguments name are read. Ctrl-C ends the measurement, and the agent's work with it.

\b
Examples:
  metric-ai try logs -n shop
  metric-ai try logs -n shop --rollout shop --arg min-confidence=80
  metric-ai try template.yaml -n shop --agent-url http://127.0.0.1:8080
  metric-ai try logs -n shop --plugin bin/metric-ai -o json

An agent at a Service's name is not reached from here: forward its port, and name it with --agent-url.
"""


@click.command("try", help=_HELP, epilog=EPILOG)
@click.argument("template")
@namespace_option
@click.option(
    "--rollout", default="", metavar="NAME", help="Whose canary; default: the one that uses it."
)
@click.option("--metric", default="", metavar="NAME", help="Which metric, where there are several.")
@click.option(
    "--arg", "arguments", multiple=True, metavar="NAME=VALUE", help="An argument. May be repeated."
)
@click.option("--agent-url", default="", metavar="URL", help="Instead of the stanza's agentUrl.")
@click.option(
    "--plugin",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The plugin's file; default: METRIC_AI_PLUGIN, bin/metric-ai, or the installed one.",
)
@click.option("--verbose", is_flag=True, help="Show the plugin's log.")
@cluster_options
@output_option
def command(
    *,
    plugin: Path | None,
    verbose: bool,
    kubeconfig: str,
    context: str,
    form: Format,
    **given: Any,  # noqa: ANN401 - click gives them by the names that Wanted has
) -> Exit:
    """See `_HELP`."""
    from metric_ai.cluster import connect  # noqa: PLC0415 - help need not wait
    from metric_ai.trial import (  # noqa: PLC0415 - help need not wait
        Trial,
        Wanted,
        measure,
        plugin_file,
        prepare,
        show_measurement,
    )

    terminal = Terminal()
    program = plugin_file(plugin)
    with connect(ClusterOptions(kubeconfig, context)) as cluster:
        prepared = prepare(cluster, Wanted(**given))
        terminal.note(prepared.sentence)
        found = measure(terminal, Trial(program, prepared, cluster.calls.config, verbose))
    return show_measurement(terminal, prepared.run, found, form)
