"""All pods that the request's selectors match."""

from dataclasses import dataclass

from canary_agent.collect import CollectError, Gap
from canary_verdict import CanaryRequest

from ._api import Api, ApiError
from ._pods import Pod, parse_pod

RIGHTS = "pods list, pods/log get, events list"
"""What the agent's account needs in each namespace."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Pods that one or both selectors match."""

    pods: tuple[Pod, ...]
    gaps: tuple[Gap, ...]


async def list_pods(api: Api, request: CanaryRequest, limit: int) -> Listing:
    """Lists the pods of both selectors, each at most `limit`.

    Raises:
        CollectError: a list could not be read.
    """
    pods: dict[str, Pod] = {}
    gaps = []
    # In a fixed order, and without doubles where both sides have the same selector.
    for selector in dict.fromkeys((request.stable.selector, request.canary.selector)):
        try:
            listed = await _matching(api, request.run.namespace, selector, limit)
        except ApiError as error:
            raise CollectError(_words(error, request.run.namespace)) from error
        if len(listed) > limit:
            gaps.append(Gap(f"more than {limit} pods match {selector}; the rest was not looked at"))
        pods |= {pod.name: pod for pod in listed[:limit]}
    return Listing(tuple(pods.values()), tuple(gaps))


async def _matching(api: Api, namespace: str, selector: str, limit: int) -> list[Pod]:
    found: dict[str, Pod] = {}
    path = f"/api/v1/namespaces/{namespace}/pods"
    async for items in api.pages(path, {"labelSelector": selector}):
        # A list that goes on after it has expired may show a pod twice.
        found |= {pod.name: pod for item in items if (pod := parse_pod(item))}
        if len(found) > limit:
            break
    return list(found.values())


def _words(error: ApiError, namespace: str) -> str:
    if error.status == 403:
        return (
            f"the agent's account may not list pods in namespace {namespace}: {error.message};"
            f" it needs {RIGHTS}"
        )
    if error.status == 401:
        return f"the Kubernetes API does not accept the agent's credentials: {error.message}"
    return f"the pods of namespace {namespace} cannot be listed: {error}"
