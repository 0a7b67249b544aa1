"""Logs and pod states that travel with a request, for agents that cannot read the cluster."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from ._errors import ContractError, describe
from ._reader import Reader

T = TypeVar("T")

MAX_ATTACHED_LOGS = 200
"""Logs of one request, both sides together."""
MAX_ATTACHED_LOG = 256 * 1024
"""Characters of one log."""
MAX_ATTACHED_TEXT = 1024 * 1024
"""Characters of all logs together."""
MAX_ATTACHED_PODS = 200
MAX_POD_STATUS = 32 * 1024
"""Characters of one pod's status, written as JSON."""
MAX_ATTACHED_GAPS = 100
MAX_GAP = 400

SideName = Literal["stable", "canary"]
SIDES: tuple[SideName, ...] = ("stable", "canary")
_NAME = 253


@dataclass(frozen=True, slots=True)
class AttachedLog:
    """What one container has written, redacted by the sender.

    Attributes:
        text: lines, oldest first; where the container wrote nothing in the window, empty.
        previous: the log of the container's last, terminated instance.
        truncated: a limit left something out.
    """

    side: SideName
    pod: str
    container: str
    text: str
    previous: bool = False
    truncated: bool = False

    def to_json(self) -> dict[str, object]:
        """The document that travels; see `request.schema.json`."""
        return {
            "side": self.side,
            "pod": self.pod,
            "container": self.container,
            "previous": self.previous,
            "truncated": self.truncated,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class AttachedPod:
    """One pod and how it fares.

    Attributes:
        status: fields of the Kubernetes API's PodStatus, as that spells them: phase, reason,
            startTime, conditions, containerStatuses, initContainerStatuses.
        deleting: it is being removed, so that its exits say nothing.
    """

    side: SideName
    pod: str
    status: Mapping[str, object]
    deleting: bool = False

    def to_json(self) -> dict[str, object]:
        """The document that travels."""
        return {
            "side": self.side,
            "pod": self.pod,
            "deleting": self.deleting,
            "status": dict(self.status),
        }


@dataclass(frozen=True, slots=True)
class AttachedGap:
    """One sentence on what could not be attached.

    Attributes:
        blocking: what is missing may be what decides, so nobody should promote on the rest alone;
            otherwise it was left out on purpose.
    """

    text: str
    blocking: bool = True

    def to_json(self) -> dict[str, object]:
        """The document that travels."""
        return {"text": self.text, "blocking": self.blocking}


@dataclass(frozen=True, slots=True)
class Attachments:
    """All that a request carries along; empty where nobody asked for it."""

    logs: tuple[AttachedLog, ...] = ()
    pods: tuple[AttachedPod, ...] = ()
    gaps: tuple[AttachedGap, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The request's fields `attachedLogs`, `attachedPods` and `attachedGaps`; empty ones are left out."""
        fields = (("Logs", self.logs), ("Pods", self.pods), ("Gaps", self.gaps))
        return {
            f"attached{name}": [item.to_json() for item in items] for name, items in fields if items
        }


def read_attachments(reader: Reader) -> Attachments:
    """The attachments of a request.

    Raises:
        ContractError: a field has the wrong type, or there is more than the bounds above allow.
    """
    logs = _items(reader, "attachedLogs", _log, MAX_ATTACHED_LOGS)
    total = sum(len(log.text) for log in logs)
    if total > MAX_ATTACHED_TEXT:
        raise ContractError(
            reader.path("attachedLogs"),
            f"{total} characters of text",
            f"at most {MAX_ATTACHED_TEXT}",
        )
    return Attachments(
        logs=logs,
        pods=_items(reader, "attachedPods", _pod, MAX_ATTACHED_PODS),
        gaps=_items(reader, "attachedGaps", _gap, MAX_ATTACHED_GAPS),
    )


def _items(reader: Reader, name: str, make: Callable[[Reader], T], most: int) -> tuple[T, ...]:
    # A list cut short without a word would be evidence left out: one item too many is an error.
    items = reader.children(name, make, limit=most + 1)
    if len(items) > most:
        raise ContractError(reader.path(name), f"more than {most} items", f"at most {most}")
    return items


def _log(reader: Reader) -> AttachedLog:
    return AttachedLog(
        side=_side(reader),
        pod=reader.required_text("pod", limit=_NAME),
        container=reader.required_text("container", limit=_NAME),
        text=reader.text("text", limit=MAX_ATTACHED_LOG),
        previous=reader.boolean("previous", default=False),
        truncated=reader.boolean("truncated", default=False),
    )


def _pod(reader: Reader) -> AttachedPod:
    status = reader.child("status").fields
    try:
        size = len(json.dumps(status))
    except RecursionError:
        size = MAX_POD_STATUS + 1
    if size > MAX_POD_STATUS:
        raise ContractError(
            reader.path("status"), "a longer status", f"at most {MAX_POD_STATUS} characters of JSON"
        )
    return AttachedPod(
        side=_side(reader),
        pod=reader.required_text("pod", limit=_NAME),
        status=status,
        deleting=reader.boolean("deleting", default=False),
    )


def _gap(reader: Reader) -> AttachedGap:
    return AttachedGap(
        reader.required_text("text", limit=MAX_GAP), reader.boolean("blocking", default=True)
    )


def _side(reader: Reader) -> SideName:
    side = reader.text("side", limit=20)
    if side not in SIDES:
        raise ContractError(reader.path("side"), describe(side or None), "stable or canary")
    return side
