"""What may be typed after `metric-ai doctor`."""

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
Look at an installation from end to end, and say what to do about each fault.

Looked at are: the cluster and its clock, Argo Rollouts and its version, the plugin's entry in argo-rollouts-config, whether the
controller has loaded the plugin, the agent's Deployment and rights, every AnalysisTemplate that asks the plugin, and each
agent that those name: card, health, token. What you have no right to look at is told, and passed over.

\b
Examples:
  metric-ai doctor
  metric-ai doctor -n shop            # AnalysisTemplates of this namespace only
  metric-ai doctor --agent-url http://127.0.0.1:8080
  metric-ai doctor -o json | jq '.[] | select(.state == "error")'
"""


@click.command("doctor", help=_HELP, epilog=EPILOG)
@namespace_option
@click.option(
    "--argo-namespace",
    default="argo-rollouts",
    show_default=True,
    metavar="NAME",
    help="Where the Argo Rollouts controller runs.",
)
@click.option("--agent-url", default="", metavar="URL", help="Ask this agent, not the templates'.")
@click.option(
    "--agent-account",
    default="",
    metavar="NAMESPACE/NAME",
    help="The agent's service account; default: its Deployment's.",
)
@cluster_options
@output_option
def command(  # noqa: PLR0913 - one for each thing that may be typed
    *,
    namespace: str,
    argo_namespace: str,
    agent_url: str,
    agent_account: str,
    kubeconfig: str,
    context: str,
    form: Format,
) -> Exit:
    """See `_HELP`."""
    from metric_ai.cluster import connect  # noqa: PLC0415 - help need not wait
    from metric_ai.installation import Place, examine, show  # noqa: PLC0415 - help need not wait

    terminal = Terminal()
    with (
        connect(ClusterOptions(kubeconfig, context)) as cluster,
        terminal.progress("asking the cluster") as progress,
    ):
        place = Place(
            cluster, namespace, argo_namespace, agent_url=agent_url, agent_account=agent_account
        )
        found = []
        for one in examine(place):
            progress.step(f"looked at {one.about}")
            found.append(one)
    show(terminal, found, form)
    return Exit.NEGATIVE if any(one.state == "error" for one in found) else Exit.OK
