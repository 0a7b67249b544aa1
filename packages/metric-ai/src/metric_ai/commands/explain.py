"""What may be typed after `metric-ai explain`."""

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
Show the verdict of an AnalysisRun: what was decided, why, by which evidence, and what to do next.

All of it stands in the AnalysisRun, so no agent has to run. Without RUN the newest one is shown.

\b
Examples:
  metric-ai explain -n shop
  metric-ai explain shop-6d5f7c9b4-2-1 -n shop
  metric-ai explain --rollout shop -n shop -o json | jq '.metrics[].verdict'
"""


@click.command("explain", help=_HELP, epilog=EPILOG)
@click.argument("run", required=False, default="")
@namespace_option
@click.option("--rollout", default="", metavar="NAME", help="The newest run of this Rollout.")
@cluster_options
@output_option
def command(  # noqa: PLR0913 - one for each thing that may be typed
    *, run: str, namespace: str, rollout: str, kubeconfig: str, context: str, form: Format
) -> Exit:
    """See `_HELP`."""
    from metric_ai.cluster import connect  # noqa: PLC0415 - help need not wait
    from metric_ai.runs import explain, find_run  # noqa: PLC0415 - help need not wait

    with connect(ClusterOptions(kubeconfig, context)) as cluster:
        found = find_run(cluster, run, namespace or cluster.namespace, rollout)
    return explain(Terminal(), found, form)
