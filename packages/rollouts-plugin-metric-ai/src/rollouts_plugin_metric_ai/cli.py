"""The executable's entry: serves the plugin to the controller."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from argo_rollouts_plugin import serve

from . import VERSION

if TYPE_CHECKING:
    from argo_rollouts_plugin import MetricProvider

_ABOUT = """\
Argo Rollouts metric provider plugin argoproj-labs/metric-ai: asks an A2A agent whether a canary may \
be promoted.

This program is not meant to be started by hand. The Argo Rollouts controller starts it where the
ConfigMap argo-rollouts-config names it:

  metricProviderPlugins: |-
    - name: argoproj-labs/metric-ai
      location: file://./rollouts-plugin-metric-ai/bin/metric-ai

An AnalysisTemplate then asks it:

  provider:
    plugin:
      argoproj-labs/metric-ai:
        agentUrl: http://kubernetes-agent.argo-rollouts.svc.cluster.local:8080
        stableLabel: role=stable
        canaryLabel: role=canary
"""

_ENVIRONMENT = """\
environment of the controller:
  LOG_LEVEL               panic, fatal, error, warn, info (default), debug or trace
  METRIC_AI_ALLOWED_HOSTS  hosts that agentUrl may name: names, *.suffix, addresses, networks;
                          default: any but link-local and metadata addresses
  METRIC_AI_RPC_ORIGINS   origins that an agent's card may name besides agentUrl's own
  METRIC_AI_TOKEN, METRIC_AI_TOKEN_FILE
                          a token for agents whose stanza has none
  METRIC_AI_TOKEN_ORIGIN  the one origin that this token may go to, as https://agent.example:8443
  GITHUB_TOKEN            opens an issue for a rolled back canary where the stanza has a githubUrl
  METRIC_AI_GITHUB_ALLOWED  hosts and owners that this token may go to, as github.com/my-org;
                          default: none, so no issue
  METRIC_AI_GITHUB_CA_FILE  certificates in PEM to trust besides the system's
  METRIC_AI_JOURNAL       folder of issues still to be opened; default: /tmp/metric-ai-journal
  KUBECONFIG              how to reach the cluster, instead of the pod's own account; JSON only:
                          kubectl config view --raw --flatten -o json makes one
"""


def main() -> int:
    """Serves until the controller ends it; exit codes: 0 ended, 1 not started by a host, 2 usage."""
    if len(sys.argv) > 1:
        import argparse  # noqa: PLC0415 - 20 ms that the handshake line does not wait for

        parser = argparse.ArgumentParser(
            prog="metric-ai",
            description=_ABOUT,
            epilog=_ENVIRONMENT,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action="version", version=f"metric-ai {VERSION}")
        parser.add_argument(
            "--schema", action="store_true", help="print the JSON Schema of the stanza"
        )
        parser.add_argument(
            "--licenses", action="store_true", help="print the notices of all that is in this file"
        )
        parser.add_argument(
            "--copy-to", metavar="FILE", help="copy this executable, as init containers do"
        )
        given = parser.parse_args()
        if given.schema:
            return _print_schema()
        if given.licenses:
            return _print_licenses()
        if given.copy_to:
            return _copy_to(given.copy_to)
    return serve(_provider)


def _print_schema() -> int:
    from .stanza_schema import schema_text  # noqa: PLC0415 - not needed to serve

    print(schema_text(), end="")
    return 0


def _print_licenses() -> int:
    from pkgutil import get_data  # noqa: PLC0415 - not needed to serve

    try:
        notices = get_data(__package__, "NOTICES.txt")
    except OSError:  # the build puts them there, with those of everything that it links in
        notices = None
    if notices is None:
        print("metric-ai: Apache-2.0; the file that make build makes has all notices in it")
    else:
        print(notices.decode(), end="")
    return 0


def _copy_to(target: str) -> int:
    from pathlib import Path  # noqa: PLC0415 - not needed to serve

    from .copying import CopyError, copy_executable  # noqa: PLC0415 - not needed to serve

    try:
        copy_executable(Path(target))
    except CopyError as error:
        print(f"metric-ai: {error}", file=sys.stderr)
        return 1
    return 0


def _provider() -> MetricProvider:
    # Imported after the handshake line: asyncio, ssl and what the provider is made of take 100 ms and more.
    from .a2a_client import AgentClient  # noqa: PLC0415
    from .issues import LazyIssues  # noqa: PLC0415
    from .operator import Operator  # noqa: PLC0415
    from .provider import MetricAiProvider  # noqa: PLC0415
    from .watching import LazyRunWatch  # noqa: PLC0415

    operator = Operator.from_environment(os.environ)
    user_agent = f"metric-ai/{VERSION}"
    client = AgentClient(user_agent=user_agent, host_policy=operator.host_policy)
    return MetricAiProvider(
        client,
        operator,
        watch=LazyRunWatch(os.environ, user_agent),
        issues=LazyIssues(os.environ, user_agent),
    )
