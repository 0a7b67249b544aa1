"""Waiting for what the cluster shall come to, with an error that shows what it came to instead."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from kube import Json, KubeError, Namespace

__all__ = ["NotInTimeError", "account_of", "rollout_phase", "wait_until"]

T = TypeVar("T")
_POLL_SECONDS = 0.1
_EVENTS = 30
_MESSAGE = 300


class NotInTimeError(AssertionError):
    """What was waited for did not come in time; the text says how things stand."""


def wait_until(
    what: str, check: Callable[[], T | None], seconds: float, explain: Callable[[], str]
) -> T:
    """What `check` gives as soon as it gives something true.

    Raises:
        NotInTimeError: it has not within `seconds`; with the text of `explain`.
    """
    deadline = time.monotonic() + seconds
    while not (found := check()):
        if time.monotonic() > deadline:
            raise NotInTimeError(f"no {what} within {seconds:g} s\n{explain()}")
        time.sleep(_POLL_SECONDS)
    return found


def rollout_phase(rollout: Json) -> str:
    """Its phase; empty while the controller has not seen the latest change of its spec."""
    status = rollout.get("status", {})
    seen = str(status.get("observedGeneration", "")) == str(rollout["metadata"]["generation"])
    return str(status.get("phase", "")) if seen else ""


def account_of(namespace: Namespace) -> str:
    """How Rollouts, AnalysisRuns, pods and events of a namespace stand, one line each."""
    lines = [f"--- namespace {namespace.name}"]
    for kind, line in _LINES.items():
        with suppress(KubeError):
            found = namespace.objects(kind)
            lines += [line(one) for one in found[-_EVENTS:]]
    return "\n".join(lines)


def _rollout(one: Json) -> str:
    status = one.get("status", {})
    conditions = [
        f"{each['type']}={each['status']} ({each.get('reason', '')})"
        for each in status.get("conditions", [])
    ]
    step = f"step {status.get('currentStepIndex', '-')}"
    message = str(status.get("message", ""))[:_MESSAGE]
    name = one["metadata"]["name"]
    return f"Rollout {name}: {status.get('phase')} {step} {message!r} {', '.join(conditions)}"


def _analysis_run(one: Json) -> str:
    status = one.get("status", {})
    lines = [f"AnalysisRun {one['metadata']['name']}: {status.get('phase')} {_message(status)}"]
    for result in status.get("metricResults", []):
        for each in result.get("measurements", []):
            value = f"value={each.get('value', '')!r}"
            ended = each.get("finishedAt", f"resumes at {each.get('resumeAt')}")
            lines.append(f"  {result['name']}: {each['phase']} {value} {ended} {_message(each)}")
    return "\n".join(lines)


def _pod(one: Json) -> str:
    status = one.get("status", {})
    states = [
        f"{each['name']}={next(iter(each.get('state', {'unknown': None})))}"
        f" restarts={each['restartCount']}"
        for each in status.get("containerStatuses", [])
    ]
    ending = " terminating" if one["metadata"].get("deletionTimestamp") else ""
    where = one["spec"].get("nodeName", "no node")
    return f"Pod {one['metadata']['name']}: {status.get('phase')}{ending} on {where} {states}"


def _event(one: Json) -> str:
    about = one["involvedObject"]
    return f"Event {one['reason']} {about['kind']}/{about.get('name')}: {_message(one)}"


def _message(of: Json) -> str:
    return str(of.get("message", ""))[:_MESSAGE]


_LINES: dict[str, Callable[[Json], str]] = {
    "Rollout": _rollout,
    "AnalysisRun": _analysis_run,
    "Pod": _pod,
    "Event": _event,
}
