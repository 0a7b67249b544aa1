"""Events about the pods in question."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from canary_agent.collect import Gap, PodEvent
from canary_agent.collect._kubernetes import read_event

from ._api import Api, ApiError
from ._pods import Pod
from ._raw import mapping, text


async def pod_events(
    api: Api, namespace: str, pods: Sequence[Pod], since: datetime, limit: int
) -> tuple[list[PodEvent], Gap | None]:
    """The events about these pods that were seen since then; a gap when they cannot be had.

    One list for all pods: field selectors have no index, so that a list for each pod would have the
    API read the namespace's events as often. Events of half the pods would make the other half look
    healthy, so they are all there or none.
    """
    names, uids = {pod.name for pod in pods}, {pod.uid for pod in pods}
    found: list[PodEvent] = []
    seen = 0
    path = f"/api/v1/namespaces/{namespace}/events"
    try:
        async for items in api.pages(path, {"fieldSelector": "involvedObject.kind=Pod"}):
            seen += len(items)
            if seen > limit:
                return [], Gap(
                    f"events: namespace {namespace} has more than {limit}; none was read"
                )
            found += [
                event
                for item in items
                if _is_about(item, uids)
                and _is_recent(item, since)
                and (event := read_event(item)) is not None
                and event.pod in names
            ]
    except ApiError as error:
        if error.status == 403:
            return [], Gap(f"events: the agent's account may not list them: {error.message}")
        return [], Gap(f"events were not read: {error}")
    return sorted(found, key=lambda event: (event.pod, event.reason, event.message)), None


def _is_about(event: Mapping[str, object], uids: set[str]) -> bool:
    # A pod of a StatefulSet, say, has had its name before; its uid is its own.
    uid = text(mapping(event.get("involvedObject")).get("uid"))
    return not uid or uid in uids


def _is_recent(event: Mapping[str, object], since: datetime) -> bool:
    series = mapping(event.get("series"))
    for moment in (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
    ):
        try:
            seen = datetime.fromisoformat(text(moment))
        except ValueError:
            continue
        if seen.tzinfo:
            return seen >= since
    return True
