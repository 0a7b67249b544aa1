"""What may be typed after `metric-ai check`."""

import sys

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
Check AnalysisTemplates, ClusterAnalysisTemplates and the ConfigMap argo-rollouts-config before they are applied.

Every field of the plugin's stanza is read as the plugin reads it; unknown fields, undeclared arguments, conditions
that cannot be evaluated and broken YAML are told with file and line. Arguments whose values only a run will tell are taken
as they are. Files may hold several documents; other kinds of objects are passed over.

\b
Examples:
  metric-ai check config/*.yaml
  kubectl get analysistemplates -A -o yaml | metric-ai check -
  metric-ai check --online -n shop template.yaml    # pods, agent and token too
  metric-ai check -o json templates/*.yaml | jq '.findings[].message'
"""


@click.command("check", help=_HELP, epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--agent", is_flag=True, help="Ask each agent for its card, health and token.")
@click.option(
    "--online", is_flag=True, help="As --agent; and do selectors match pods, and are Secrets there?"
)
@click.option("--agent-url", default="", metavar="URL", help="Ask this agent instead of theirs.")
@click.option("--strict", is_flag=True, help="Warnings count as findings.")
@namespace_option
@cluster_options
@output_option
def command(  # noqa: PLR0913 - one for each thing that may be typed
    *,
    files: tuple[str, ...],
    agent: bool,
    agent_url: str,
    online: bool,
    strict: bool,
    namespace: str,
    kubeconfig: str,
    context: str,
    form: Format,
) -> Exit:
    """See `_HELP`."""
    from metric_ai.manifests import read_text  # noqa: PLC0415 - help need not wait
    from metric_ai.manifests.check import Checked, check_text  # noqa: PLC0415 - help need not wait
    from metric_ai.manifests.show import show  # noqa: PLC0415 - help need not wait

    checked = Checked()
    for file in files:
        check_text("<stdin>" if file == "-" else file, read_text(file, sys.stdin), checked)
    terminal = Terminal()
    if agent or agent_url or online:
        from metric_ai.manifests.online import Online, check_online  # noqa: PLC0415 - only where it is asked for

        with terminal.progress("asking cluster and agents") as progress:
            options = ClusterOptions(kubeconfig, context)
            asked = Online(options, namespace, agent_url, pods=online)
            check_online(checked, asked, progress)
    show(terminal, checked, len(files), form)
    wrong = [one for one in checked.findings if strict or one.level == "error"]
    return Exit.NEGATIVE if wrong else Exit.OK
