"""Which AnalysisRun is meant."""

from metric_ai.cluster import Cluster, Json, mappings, name_of, text
from metric_ai.exits import CommandError
from metric_ai.manifests import asks_us


def find_run(cluster: Cluster, name: str, namespace: str, rollout: str) -> Json:
    """The run of that name, or the newest one that asks our plugin.

    Args:
        cluster: where it is.
        name: the run's; empty: the newest.
        namespace: where to look.
        rollout: of which it has to be; empty: any.

    Raises:
        CommandError: there is none.
    """
    if name:
        return cluster.get("AnalysisRun", name, namespace)
    runs = [
        one
        for one in cluster.objects("AnalysisRun", namespace)
        if asks_us(one) and (not rollout or rollout in _owners(one))
    ]
    if not runs:
        whose = f" of Rollout {rollout}" if rollout else ""
        raise CommandError(
            f"namespace {namespace} has no AnalysisRun{whose} that asks metric-ai",
            "try another -n; kubectl get analysisruns -A",
        )
    return max(runs, key=lambda one: (text(one, "metadata", "creationTimestamp"), name_of(one)))


def _owners(run: Json) -> list[str]:
    references = run.get("metadata")
    owners = references.get("ownerReferences") if isinstance(references, dict) else None
    return [text(owner, "name") for owner in mappings(owners) if text(owner, "kind") == "Rollout"]
