"""Which namespaces the agent reads, and which names may go into a URL."""

import re
from collections.abc import Sequence

from canary_agent.collect import CollectError, parse_selector
from canary_verdict import CanaryRequest

ANY_NAMESPACE = "*"
"""In a list of allowed namespaces: every one that the account may read."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def is_object_name(name: str) -> bool:
    """Whether `name` can be a pod's or a container's, and be part of a path as it stands."""
    return _SUBDOMAIN.fullmatch(name) is not None


def check_request(request: CanaryRequest) -> None:
    """Looks at what tenants wrote, before any of it goes into a URL.

    Raises:
        CollectError: a name or a selector is not Kubernetes', or a selector selects everything.
    """
    namespace, rollout = request.run.namespace, request.rollout
    if not _LABEL.fullmatch(namespace):
        raise CollectError(f"namespace: found {namespace[:80]!a}, expected a Kubernetes name")
    if rollout and not _SUBDOMAIN.fullmatch(rollout):
        raise CollectError(f"rollout: found {rollout[:80]!a}, expected a Kubernetes name")
    for side, selector in (
        ("stable", request.stable.selector),
        ("canary", request.canary.selector),
    ):
        if not parse_selector(selector).requirements:
            raise CollectError(
                f"{side}.selector is empty, which would select every pod; expected one such as"
                f" role={side}"
            )


def check_allowed(namespace: str, allowed: Sequence[str], own: str | None) -> None:
    """Refuses a namespace that the operator does not allow.

    Args:
        namespace: the request's.
        allowed: what the operator lists. An empty list allows the agent's own namespace.
        own: the namespace that the agent runs in; None outside a cluster, where an empty list
            allows what the user of the kubeconfig may read.

    Raises:
        CollectError: it is not allowed. The list is not shown, since tenants read this.
    """
    if ANY_NAMESPACE in allowed or namespace in allowed:
        return
    if not allowed and own in (None, namespace):
        return
    reason = "is not in ALLOWED_NAMESPACES" if allowed else "is not the agent's own"
    raise CollectError(
        f"namespace {namespace} {reason}; the agent's operator has to name it in ALLOWED_NAMESPACES"
    )
