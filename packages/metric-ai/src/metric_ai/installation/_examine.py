"""All checks, one after the other; a right that is missing costs one check only."""

from collections.abc import Callable, Iterator

from metric_ai.cluster import ClusterError
from metric_ai.diagnosis import Diagnosis, State

from ._agent import agent_checks, rights_checks
from ._argo import cluster_checks, config_checks, controller_checks, plugin_checks
from ._place import Place
from ._templates import agents_checks, template_checks

_FORBIDDEN = 403

_CHECKS: tuple[tuple[str, Callable[[Place], Iterator[Diagnosis]]], ...] = (
    ("Argo Rollouts", controller_checks),
    ("argo-rollouts-config", config_checks),
    ("plugin", plugin_checks),
    ("agent's Deployment", agent_checks),
    ("AnalysisTemplates", template_checks),
    ("agent's rights", rights_checks),
    ("agents", agents_checks),
)


def examine(place: Place) -> Iterator[Diagnosis]:
    """Everything that was looked at, in the order of an analysis' way.

    Raises:
        ClusterError: the cluster does not answer, or does not know who asks.
    """
    yield from cluster_checks(place)
    for about, check in _CHECKS:
        try:
            yield from check(place)
        except ClusterError as error:
            state: State = "unknown" if error.status == _FORBIDDEN else "error"
            yield Diagnosis(state, about, error.what, error.advice)
