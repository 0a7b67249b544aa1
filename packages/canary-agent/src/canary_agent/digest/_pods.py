"""Pods and their events as documents: what Kubernetes says, in short."""

from typing import TypeVar

from canary_agent.collect import ContainerStatus, PodEvent, PodStatus, Sample

from ._encode import Value, untrusted

T = TypeVar("T")

_NAME = 80
_MESSAGE = 240
_MOST_CONTAINERS = 8


Sided = tuple[str, T]
"""A thing and its side, `stable` or `canary`."""


def pods_of(sample: Sample) -> list[Sided[PodStatus]]:
    """The canary's pods first, of a side those in trouble first."""
    return [
        (side, pod)
        for side, pods in (("canary", sample.canary.pods), ("stable", sample.stable.pods))
        for pod in sorted(pods, key=lambda one: (not _in_trouble(one), one.name))
    ]


def events_of(sample: Sample) -> list[Sided[PodEvent]]:
    """The canary's events first, of a side the most frequent first."""
    return [
        (side, event)
        for side, events in (("canary", sample.canary.events), ("stable", sample.stable.events))
        for event in sorted(events, key=lambda one: (-one.count, one.pod, one.reason, one.message))
    ]


def event_document(sided: Sided[PodEvent]) -> dict[str, Value]:
    """One event."""
    side, event = sided
    return {
        "side": side,
        "event": untrusted(event.reason, _NAME),
        "pod": untrusted(event.pod, _NAME),
        "message": untrusted(event.message, _MESSAGE),
        "times": event.count,
    }


def pod_document(sided: Sided[PodStatus]) -> dict[str, Value]:
    """What a pod's status says; a sample holds neither its environment nor its command."""
    side, pod = sided
    facts: dict[str, Value] = {
        "pod": untrusted(pod.name, _NAME),
        "side": side,
        "phase": untrusted(pod.phase, _NAME),
        "ready": pod.ready,
    }
    if pod.reason:
        facts["reason"] = untrusted(pod.reason, _NAME)
    if pod.disrupted or pod.deleting:
        facts["removed"] = "by its node or the scheduler" if pod.disrupted else "being deleted"
    facts["containers"] = [_container(one) for one in pod.containers[:_MOST_CONTAINERS]]
    return facts


def _container(container: ContainerStatus) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "name": untrusted(container.name, _NAME),
        "ready": container.ready,
        "restarts": container.restarts,
    }
    if container.waiting:
        facts["waiting"] = untrusted(container.waiting, _NAME)
        facts["says"] = untrusted(container.waiting_message, _MESSAGE)
    if container.terminations:
        facts["ends"] = [
            f"{untrusted(end.reason, _NAME)}, exit code {end.exit_code}"
            for end in container.terminations
        ]
    return facts


def _in_trouble(pod: PodStatus) -> bool:
    return not pod.ready or any(one.restarts or one.waiting for one in pod.containers)
