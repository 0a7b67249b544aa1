"""The agent's Deployment, and what its account may read."""

from collections.abc import Iterator

from metric_ai.cluster import ClusterError, Json, mapping, text
from metric_ai.diagnosis import Diagnosis

from ._deployments import env_of, image_of, is_ready, ready_words
from ._place import Place

_LABELS = "app.kubernetes.io/component=agent,app.kubernetes.io/part-of=metric-ai"
_RIGHTS = (("list", "pods"), ("list", "events"), ("get", "pods/log"))
_MOST_NAMESPACES = 50
_FORBIDDEN = 403


def agent_checks(place: Place) -> Iterator[Diagnosis]:
    """Whether our agent runs in this cluster; any other may do instead."""
    found = place.cluster.objects("Deployment", labels=_LABELS)
    if not found:
        said = "none of ours is in this cluster; agents elsewhere are asked below"
        yield Diagnosis("unknown", "agent's Deployment", said)
        return
    place.agent = found[0]
    where = f"{text(place.agent, 'metadata', 'namespace')}/{text(place.agent, 'metadata', 'name')}"
    said = f"{where}, {image_of(place.agent)}: {ready_words(place.agent)}"
    if is_ready(place.agent):
        yield Diagnosis("ok", "agent's Deployment", said)
        return
    namespace = text(place.agent, "metadata", "namespace")
    advice = (
        f"kubectl describe pod -n {namespace} -l {_LABELS}; is its Secret with the token there?"
    )
    yield Diagnosis("error", "agent's Deployment", said, advice)


def rights_checks(place: Place) -> Iterator[Diagnosis]:
    """What the agent's account may read where templates are, by the API server's own word."""
    account = _account(place)
    namespaces = _namespaces(place)
    if not account or not namespaces:
        return
    yield from _allowed(place, namespaces)
    for namespace in namespaces[:_MOST_NAMESPACES]:
        try:
            missing = [
                f"{verb} {resource}"
                for verb, resource in _RIGHTS
                if not place.cluster.account_may(account, verb, resource, namespace)
            ]
        except ClusterError as error:
            if error.status != _FORBIDDEN:
                raise
            said = "you may not ask what others may do"
            advice = f"kubectl auth can-i list pods -n {namespace} --as {account}, as an admin"
            yield Diagnosis("unknown", "agent's rights", said, advice)
            return
        if missing:
            advice = (
                f"bind its ClusterRole in {namespace}: config/agent/some-namespaces/binding.yaml"
            )
            said = f"{account} lacks in namespace {namespace}: {', '.join(missing)}"
            yield Diagnosis("error", "agent's rights", said, advice)
        else:
            said = f"may read pods, logs and events in namespace {namespace}"
            yield Diagnosis("ok", "agent's rights", said)


def _allowed(place: Place, namespaces: list[str]) -> Iterator[Diagnosis]:
    environment = env_of(place.agent)
    listed = environment.get("CANARY_AGENT_ALLOWED_NAMESPACES") or environment.get(
        "ALLOWED_NAMESPACES", ""
    )
    allowed = [name for name in listed.replace(",", " ").split() if name]
    if not place.agent or "*" in allowed:
        return
    own = text(place.agent, "metadata", "namespace")
    outside = [name for name in namespaces if name not in (allowed or [own])]
    if outside:
        yield Diagnosis(
            "error",
            "agent's namespaces",
            f"the agent refuses {', '.join(outside[:10])}: it may read {', '.join(allowed or [own])} only",
            "add them to CANARY_AGENT_ALLOWED_NAMESPACES in its Deployment, or set it to *",
        )


def _account(place: Place) -> str:
    if place.agent_account:
        namespace, _, name = place.agent_account.rpartition("/")
        return f"system:serviceaccount:{namespace or place.argo_namespace}:{name}"
    if not place.agent:
        return ""
    spec: Json = mapping(place.agent, "spec", "template", "spec")
    name = text(spec, "serviceAccountName") or "default"
    return f"system:serviceaccount:{text(place.agent, 'metadata', 'namespace')}:{name}"


def _namespaces(place: Place) -> list[str]:
    """Where templates are; a ClusterAnalysisTemplate has none of its own."""
    found = {text(one, "metadata", "namespace") for one in place.templates}
    return sorted(name for name in found if name)
