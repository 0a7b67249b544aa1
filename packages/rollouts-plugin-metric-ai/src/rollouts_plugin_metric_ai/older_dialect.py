"""The dialect that agents of this plugin spoke before A2A: one blocking call, no tasks.

Source: contract.md, "The older dialect"; POST /a2a/analyze of those agents.
"""

from collections.abc import Mapping

from canary_verdict import CanaryRequest, CanaryVerdict, ContractError, parse_verdict

from .question import question_text

_INCONCLUSIVE = "inconclusive: "
_PASSED_ON = (
    "analysis",
    "rootCause",
    "remediation",
    "prLink",
    "confidence",
    "modelResults",
    "votingRationale",
)


def older_question(request: CanaryRequest) -> dict[str, object]:
    """The body of POST /a2a/analyze."""
    run = request.run
    return {
        "userId": "argo-rollouts",
        "memoryId": f"rollout:{run.namespace}/{request.rollout}",
        "prompt": question_text(request),
        "context": {
            "namespace": run.namespace,
            "rolloutName": request.rollout,
            "stableSelector": request.stable.selector,
            "canarySelector": request.canary.selector,
            "extraPrompt": request.extra_prompt,
            "repoUrl": request.repository.url,
            "baseBranch": request.repository.base_branch,
        },
    }


def older_verdict(answer: object, run_uid: str) -> CanaryVerdict:
    """The verdict in an answer of that call.

    It names no run: it came over the connection that asked. `promote` decides; false is a rollback,
    since the dialect knows nothing between, unless the analysis begins as our own agent's does that
    came to no verdict.

    Raises:
        ContractError: no such answer, or one of an agent that could not read its model's output
            (promote with confidence 0, or "unable to parse").
    """
    if not isinstance(answer, Mapping) or not isinstance(answer.get("promote"), bool):
        raise ContractError("promote", "nothing that decides", "true or false")
    document = {name: answer[name] for name in _PASSED_ON if answer.get(name) is not None}
    undecided = str(answer.get("analysis")).startswith(_INCONCLUSIVE)
    refusal = "inconclusive" if undecided else "rollback"
    verdict = "promote" if answer["promote"] else refusal
    return parse_verdict(document | {"runUid": run_uid, "verdict": verdict}, run_uid)
