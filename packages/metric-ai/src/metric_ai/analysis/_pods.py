"""A question about pods of the cluster."""

from dataclasses import replace

import click

from canary_agent.collect.kubernetes import ANY_NAMESPACE, Access, KubernetesSource
from canary_verdict import HASH_LABEL, CanaryRequest, Selection
from metric_ai.cluster import Cluster, connect, text
from metric_ai.exits import CommandError

from ._asked import Asked, Question

_RIGHTS = "you need the rights to list pods and events and to get pods/log there: kubectl auth can-i get pods/log -n {}"


def pods_question(asked: Asked, request: CanaryRequest) -> Question:
    """The question about a Rollout's pods, or about those that two selectors match.

    Raises:
        click.UsageError: one side's selector is missing.
        CommandError: there is no such Rollout, or no canary of it.
    """
    if not asked.rollout and not (asked.stable and asked.canary):
        raise click.UsageError("--stable and --canary belong together; or name a --rollout")
    with connect(asked.cluster) as cluster:
        namespace = asked.namespace or cluster.namespace
        if asked.rollout:
            request = _of_rollout(cluster, namespace, asked, request)
    request = replace(request, run=replace(request.run, namespace=namespace))
    source = KubernetesSource(
        Access(asked.cluster.kubeconfig, asked.cluster.context), (ANY_NAMESPACE,)
    )
    return Question(request, source, f"listing pods in {namespace}", _RIGHTS.format(namespace))


def _of_rollout(
    cluster: Cluster, namespace: str, asked: Asked, request: CanaryRequest
) -> CanaryRequest:
    rollout = cluster.get("Rollout", asked.rollout, namespace)
    stable, canary = text(rollout, "status", "stableRS"), text(rollout, "status", "currentPodHash")
    if not canary or canary == stable:
        raise CommandError(
            f"Rollout {asked.rollout} has no canary now: all its pods are stable",
            "begin a release, or compare saved logs with --stable-logs and --canary-logs",
        )
    return replace(
        request,
        stable=Selection(asked.stable or f"{HASH_LABEL}={stable}"),
        canary=Selection(asked.canary or f"{HASH_LABEL}={canary}", canary),
    )
