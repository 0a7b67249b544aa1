"""The token that the controller sends to the operator's own agent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from metric_ai.agents import TOKEN_VARIABLES
from metric_ai.cluster import ClusterError
from rollouts_plugin_metric_ai.operator import TOKEN, TOKEN_FILE, TOKEN_ORIGIN

from ._deployments import env_of
from ._place import Place

_SECRET, _KEY = "kubernetes-agent-token", "token"


@dataclass(frozen=True, slots=True)
class OperatorTokens:
    """What is known of it.

    Attributes:
        variables: as the plugin reads them; they hold the token and are never shown.
        known: whether the controller is known to have no other.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: bool = False


def operator_tokens(place: Place) -> OperatorTokens:
    """This shell's, or the one that the controller's Deployment reads from our Secret."""
    own = {name: os.environ[name] for name in TOKEN_VARIABLES if os.environ.get(name)}
    if own:
        return OperatorTokens(own)
    environment = env_of(place.controller)
    if not {TOKEN, TOKEN_FILE} & environment.keys():
        return OperatorTokens(known=bool(place.controller))
    origin = environment.get(TOKEN_ORIGIN, "")
    try:
        token = place.cluster.secret(_SECRET, _KEY, place.argo_namespace).strip()
    except ClusterError:
        return OperatorTokens()
    return OperatorTokens({TOKEN: token, TOKEN_ORIGIN: origin} if origin else {})
