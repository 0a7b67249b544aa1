"""The dialect that agents spoke before A2A: from its question to ours, and from our verdict to its answer.

Source: contract.md, "The older dialect": POST /a2a/analyze of those agents.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from canary_verdict import CanaryRequest, ContractError, Verdict, clip, parse_request

from .reading import json_objects

DEFAULT_TIMEOUT = timedelta(minutes=10)
"""From the question to the verdict, where the question names no deadline."""
DEFAULT_LEASE = 60
"""Seconds that an analysis goes on after its client hung up. Shorter than A2A's: this dialect names no
AnalysisRun, and a question about the next canary must not join the one about the last."""
DEFAULT_SELECTORS = {"stableSelector": "role=stable", "canarySelector": "role=canary"}
INCONCLUSIVE_MARK = "inconclusive: "
MOST_DOUBT = 49.0
"""The highest confidence of an inconclusive answer; readers ask for 50 and more."""

_PLACES = {
    "run.namespace": "context.namespace",
    "rollout.name": "context.rolloutName",
    "stable.selector": "context.stableSelector",
    "canary.selector": "context.canarySelector",
    "extraPrompt": "context.extraPrompt",
    "repository.url": "context.repoUrl",
    "repository.baseBranch": "context.baseBranch",
}
_LONGEST_MEMORY_ID = 1024
_PASSED_ON = ("analysis", "rootCause", "remediation", "prLink", "promote", "confidence")
_LAST = ("modelResults", "votingRationale")


@dataclass(frozen=True, slots=True)
class OlderQuestion:
    """A question of the older dialect.

    Attributes:
        request: what is asked.
        context_id: the same for the same memoryId, context and, where the prompt has one, request.
    """

    request: CanaryRequest
    context_id: str


def read_question(document: object, now: datetime) -> OlderQuestion:
    """Reads the body of POST /a2a/analyze.

    What the dialect has no fields for (run uid, deadline, lease, pod template hash, policy) is taken
    from the canary request in the prompt, where there is exactly one and it asks the same as the
    context; our plugin sends it. Otherwise defaults hold: a uid made of the question,
    `DEFAULT_TIMEOUT`, `DEFAULT_LEASE`, no hash, the default policy.

    Args:
        document: the decoded JSON body.
        now: with its zone.

    Raises:
        ContractError: a field is missing, has the wrong type or is out of its range.
    """
    if not isinstance(document, Mapping):
        raise ContractError("", "no JSON object", "an object with memoryId, prompt and context")
    context = document.get("context")
    if not isinstance(context, Mapping):
        raise ContractError("context", "no object", "an object with namespace and rolloutName")
    memory_id = _text(document, "memoryId")
    embedded = _request_in(_text(document, "prompt"))
    own_id = _context_id(memory_id, context)
    request = _request_of(context, own_id, now)
    if embedded is not None and _asks_the_same(embedded, request):
        asked = {**embedded.to_json(), "deadline": None}  # a second attempt may have another one
        return OlderQuestion(embedded, _context_id(memory_id, context, asked))
    return OlderQuestion(request, own_id)


def answer(verdict: Mapping[str, object]) -> dict[str, object]:
    """The answer to POST /a2a/analyze.

    The dialect cannot say inconclusive. Such a verdict is answered `promote: false`, which nobody
    takes for a promotion, with a confidence of `MOST_DOUBT` at most, and an analysis that begins
    with `INCONCLUSIVE_MARK`. The confidence is 1 at least: with 0 these agents say that they could
    not read their model.

    Args:
        verdict: as `CanaryVerdict.to_json` gives it.
    """
    document = {name: verdict[name] for name in (*_PASSED_ON, *_LAST)}
    document["prLink"] = verdict["prLink"] or None
    if verdict["verdict"] == Verdict.INCONCLUSIVE:
        document["promote"] = False
        document["confidence"] = min(max(float(str(verdict["confidence"])), 1.0), MOST_DOUBT)
        document["analysis"] = f"{INCONCLUSIVE_MARK}{verdict['analysis']}"
    return document


def _text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise ContractError(name, clip(repr(value), 60), "a string")
    return value or ""


def _context_id(memory_id: str, *asked: Mapping[str, object]) -> str:
    if len(memory_id) > _LONGEST_MEMORY_ID:
        raise ContractError(
            "memoryId", f"{len(memory_id)} characters", f"at most {_LONGEST_MEMORY_ID}"
        )
    key = json.dumps([memory_id, *asked], sort_keys=True)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


def _request_of(context: Mapping[str, object], uid: str, now: datetime) -> CanaryRequest:
    given = {**DEFAULT_SELECTORS, **{name: value for name, value in context.items() if value}}
    document = {
        "run": {"uid": uid, "namespace": given.get("namespace")},
        "rollout": {"name": given.get("rolloutName")},
        "stable": {"selector": given.get("stableSelector")},
        "canary": {"selector": given.get("canarySelector")},
        "extraPrompt": given.get("extraPrompt"),
        "repository": {"url": given.get("repoUrl"), "baseBranch": given.get("baseBranch")},
        "deadline": (now + DEFAULT_TIMEOUT).isoformat(),
        "leaseSeconds": DEFAULT_LEASE,
    }
    try:
        return parse_request(document)
    except ContractError as error:
        place = _PLACES.get(error.path, error.path)
        raise ContractError(place, error.found, error.expected) from error


def _request_in(prompt: str) -> CanaryRequest | None:
    """The canary request that a prompt holds as its one JSON object; None where it holds none."""
    documents = json_objects(prompt)
    if len(documents) != 1:
        return None
    try:
        return parse_request(documents[0])
    except ContractError:
        return None


def _asks_the_same(one: CanaryRequest, other: CanaryRequest) -> bool:
    return _subject(one) == _subject(other)


def _subject(request: CanaryRequest) -> tuple[object, ...]:
    return (
        request.run.namespace,
        request.rollout,
        request.stable.selector,
        request.canary.selector,
        request.extra_prompt,
        request.repository,
    )
