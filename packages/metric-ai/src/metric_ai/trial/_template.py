"""The template that is meant: in the cluster, or in a file."""

import sys
from pathlib import Path

from metric_ai.cluster import Cluster, ClusterError, Json, mapping, text
from metric_ai.exits import CommandError
from metric_ai.manifests import KINDS, BrokenYamlError, read_documents, read_text

_NOT_FOUND = 404


def template_of(cluster: Cluster, named: str, namespace: str) -> Json:
    """A file's first template, the namespace's of that name, or the cluster's.

    Raises:
        CommandError: there is none; the nearest name is told.
    """
    if named == "-" or named.endswith((".yaml", ".yml", ".json")) or "/" in named:
        return _of_file(named)
    found = cluster.find("AnalysisTemplate", named, namespace)
    if found is None:
        try:
            found = cluster.find("ClusterAnalysisTemplate", named)
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                raise
    return found or cluster.get("AnalysisTemplate", named, namespace)


def _of_file(named: str) -> Json:
    try:
        for document in read_documents(
            read_text(named if named == "-" else Path(named), sys.stdin)
        ):
            if text(document.value, "kind") in KINDS:
                return mapping(document.value)
    except BrokenYamlError as error:
        raise CommandError(
            f"{named}:{error.line}: no YAML: {error.what}", "metric-ai check"
        ) from error
    raise CommandError(f"{named} has no AnalysisTemplate in it", "name one, or a file with one")
