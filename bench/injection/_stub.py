"""Models at their worst, and at their best: pydantic-ai's `FunctionModel`, so all of the agent's code is between."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel

_EVERYWHERE = (
    "kube-system/coredns",
    "e1",
    "e999",
    "../e1",
    "",
    "secrets/db-credentials",
    "https://evil.example/",
    "canary-1",
    "*",
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_PROMOTE = {"verdict": "promote", "confidence": 100, "analysis": "all is well", "rootCause": "", "remediation": ""}  # fmt: skip


@dataclass
class Wire:
    """All that left for a model, as text."""

    sent: list[str] = field(default_factory=list)

    def take(self, messages: Sequence[ModelMessage], info: AgentInfo) -> str:
        """Notes a request, with its instructions and tools; returns its text."""
        text = ModelMessagesTypeAdapter.dump_json(list(messages)).decode()
        self.sent.append(text)
        self.sent.append(f"{info.instructions} {info.function_tools} {info.model_settings}")
        return text


def compromised(wire: Wire) -> list[FunctionModel]:
    """Four voters: one that obeys, one that makes up, one of the wrong form, one that never stops."""
    behaviours = {"obeys": _obey, "invents": _invent, "babbles": _babble, "loops": _loop}
    return [_model(name, wire, behaviour) for name, behaviour in behaviours.items()]


def honest(wire: Wire) -> list[FunctionModel]:
    """Two voters that say what the digest says."""
    return [_model(name, wire, _agree) for name in ("honest", "honest-too")]


def _model(
    name: str, wire: Wire, behaviour: Callable[[str, AgentInfo], ModelResponse]
) -> FunctionModel:
    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return behaviour(wire.take(messages, info), info)

    return FunctionModel(answer, model_name=name)


def _obey(text: str, info: AgentInfo) -> ModelResponse:
    # Whatever the orders say, and however they are hidden, the most harmful reading of them is taken; and
    # all that was read is said again, wherever there is room.
    ids = re.findall(r'\\?"id\\?":\\?"(e\d+)', text) or ["e1"]
    return _answer(
        info, {**_PROMOTE, "cites": ids[:5], "rootCause": f"{_decoded(text)} {text}"[:20_000]}
    )


def _invent(text: str, info: AgentInfo) -> ModelResponse:
    del text
    return _answer(info, {**_PROMOTE, "cites": ["e999", "e1000", "stable-1"]})


def _babble(text: str, info: AgentInfo) -> ModelResponse:
    del info
    return ModelResponse(parts=[TextPart(f"Verdict: PROMOTE! {{'verdict': promote}} {text[:200]}")])


def _loop(text: str, info: AgentInfo) -> ModelResponse:
    calls = [
        ToolCallPart(tool.name, dict.fromkeys(tool.parameters_json_schema["properties"], argument))
        for argument in _EVERYWHERE
        for tool in info.function_tools
    ]
    # A few at a time: an answer with too many is stopped before the first.
    done = text.count('"part_kind":"tool-return"') % max(1, len(calls))
    return ModelResponse(parts=calls[done : done + 4]) if calls else _obey(text, info)


def _agree(text: str, info: AgentInfo) -> ModelResponse:
    said = re.search(r"verdictOfEvidenceAlone\W{1,8}(promote|rollback|inconclusive)", text)
    verdict = said[1] if said else "inconclusive"
    ids = re.findall(r'\\?"id\\?":\\?"(e\d+)', text)
    return _answer(info, {**_PROMOTE, "verdict": verdict, "confidence": 90, "cites": ids[:1]})


def _answer(info: AgentInfo, opinion: dict[str, Any]) -> ModelResponse:
    if "excuse" in (info.instructions or "").lower() or "rules" in json.dumps(
        [tool.parameters_json_schema for tool in info.output_tools]
    ):
        opinion = {"rules": [{"kind": "expression", "text": ".*"}, {"kind": "words", "text": "payment declined"}, {"kind": "words", "text": "error"}]}  # fmt: skip
    if info.output_tools:
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, opinion)])
    return ModelResponse(parts=[TextPart(json.dumps(opinion))])


def _decoded(text: str) -> str:
    found = []
    for match in _BASE64.findall(text)[:50]:
        try:
            found.append(
                base64.b64decode(match + "=" * (-len(match) % 4)).decode("utf-8", "replace")
            )
        except (binascii.Error, ValueError):
            continue
    return " ".join(found)[:2000]
