"""The JSON Schema (draft 2020-12) of the stanza, for editors and for checks before anything is applied.

It describes an AnalysisTemplate as it is written, so that a value may hold an argument, `{{args.x}}`.
What it refuses, the plugin refuses too. The plugin refuses more: sizes in bytes, bounds of durations,
ports that are none, and what an argument turns out to be.
"""

import json

from canary_verdict import SENSITIVITIES, WAIVABLE

from . import PLUGIN_NAME, config
from .a2a_client import RESERVED_HEADERS

Schema = dict[str, object]

SCHEMA_ID = "urn:metric-ai:analysis-template-stanza:v1"

_ARGUMENT: Schema = {"type": "string", "pattern": r"\{\{.*\}\}"}
_LEFT_OUT: Schema = {"enum": [None, ""]}
_DURATION = r"^([0-9]{1,9}(\.[0-9]{1,9})?(ms|h|m|s)){1,8}$"
_NUMBER = r"^\s*[+-]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][+-]?[0-9_]+)?\s*$"
_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[!-.0->A-\[\]-~]+(/[!-~]*)?$"
_HEADER_VALUE = r"^\s*([!-~]([ -~]*[!-~])?)?\s*$"
_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"


def stanza_schema() -> Schema:
    """The schema, as a JSON document."""
    fields = {name: _described(name, schema) for name, schema in _fields().items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": PLUGIN_NAME,
        "description": f"What stands under provider.plugin.{PLUGIN_NAME} in an AnalysisTemplate.",
        **_object(fields),
        "required": ["agentUrl"],
    }


def schema_text() -> str:
    """The schema as it is committed and printed."""
    return json.dumps(stanza_schema(), indent=2) + "\n"


def _fields() -> dict[str, Schema]:
    url = _text(config.MAX_URL, _ADDRESS, {"not": {"type": "string", "pattern": r"[?#\\]"}})
    selector = _optional(_text(config.MAX_SELECTOR, rf"^\s*({config.SELECTOR.pattern})?\s*$"))
    duration = _optional(_text(100, _DURATION))
    return {
        "agentUrl": _or_argument(url),
        "stableLabel": {**selector, "default": config.DEFAULT_STABLE_LABEL},
        "canaryLabel": {**selector, "default": config.DEFAULT_CANARY_LABEL},
        "extraPrompt": {"type": ["string", "null"], "maxLength": config.MAX_EXTRA_PROMPT},
        "githubUrl": {"type": ["string", "null"]},
        "baseBranch": {"type": ["string", "null"], "maxLength": 250},
        "githubLabels": {**_names(), "default": list(config.DEFAULT_GITHUB_LABELS)},
        "githubAssignees": _names(),
        "protocol": {**_optional({"enum": list(config.PROTOCOLS)}), "default": "auto"},
        "minConfidence": {**_number(0, 100), "default": 50},
        "timeout": {**duration, "default": "10m"},
        "window": {**duration, "default": "10m"},
        "attachLogs": {**_boolean(), "default": False},
        "policy": _policy(),
        "remediation": _optional_object({"allowed": {**_boolean(), "default": False}}),
        "auth": _auth(),
    }


def _policy() -> Schema:
    # No argument stands for minLines: what comes from one is a string, and a count is none.
    return _optional_object(
        {
            "minLines": {"type": ["integer", "null"], "minimum": 0, "maximum": 10_000_000},
            "minDuration": _optional(_text(40, _DURATION)),
            "sensitivity": {
                "anyOf": [{"enum": [*SENSITIVITIES, None]}, _ARGUMENT],
                "default": "normal",
            },
            "accepted": _list(100, {"type": "string", "maxLength": 1000}),
            "waive": _list(50, _or_argument({"enum": list(WAIVABLE)})),
        }
    )


def _auth() -> Schema:
    reserved = "|".join(_any_case(name) for name in sorted(RESERVED_HEADERS))
    name: Schema = {"not": {"type": "string", "pattern": f"^({reserved})$"}}
    secret: Schema = {"type": ["string", "null"], "maxLength": config.MAX_SECRET}
    fields: dict[str, Schema] = {
        "token": _optional(_text(config.MAX_SECRET, _HEADER_VALUE)),
        "header": {**_optional(_text(100, _HEADER_NAME, name)), "default": "Authorization"},
        "caFile": {"type": ["string", "null"], "maxLength": 4096},
        "ca": secret,
        "cert": secret,
        "key": secret,
    }
    together = (("header", "token"), ("cert", "key"), ("key", "cert"))
    return {
        **_optional_object(fields),
        "allOf": [{"if": _given(one), "then": _given(other)} for one, other in together],
    }


def _object(fields: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _optional_object(fields: dict[str, Schema]) -> Schema:
    return {**_object(fields), "type": ["object", "null"]}


def _text(longest: int, pattern: str, *further: Schema) -> Schema:
    text: Schema = {"type": "string", "maxLength": longest, "pattern": pattern}
    return {**text, "allOf": list(further)} if further else text


def _list(longest: int, item: Schema) -> Schema:
    return {"type": ["array", "null"], "maxItems": longest, "items": item}


def _names() -> Schema:
    return _list(config.MAX_NAMES, {"type": "string", "maxLength": config.MAX_NAME})


def _number(low: float, high: float) -> Schema:
    number: Schema = {"type": "number", "minimum": low, "maximum": high}
    return _optional({"anyOf": [number, {"type": "string", "pattern": _NUMBER}]})


def _boolean() -> Schema:
    words = {"type": "string", "pattern": f"^({_any_case('true')}|{_any_case('false')})$"}
    return _optional({"anyOf": [{"type": "boolean"}, words]})


def _optional(schema: Schema) -> Schema:
    return {"anyOf": [schema, _ARGUMENT, _LEFT_OUT]}


def _or_argument(schema: Schema) -> Schema:
    return {"anyOf": [schema, _ARGUMENT]}


def _given(name: str) -> Schema:
    return {
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "string", "minLength": 1}},
    }


def _any_case(word: str) -> str:
    """A pattern for the word in any mixture of capitals; JSON Schema's patterns have no flags."""
    return "".join(
        f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter for letter in word
    )


def _described(name: str, schema: Schema) -> Schema:
    return {"description": _DESCRIPTIONS[name], **schema}


_DESCRIPTIONS = {
    "agentUrl": "Address of the agent: http or https, without user, query or fragment.",
    "stableLabel": "Kubernetes label selector of the stable pods.",
    "canaryLabel": "Kubernetes label selector of the canary pods.",
    "extraPrompt": "Advice for the agent, at most 8192 bytes.",
    "githubUrl": "Repository that issues and pull requests are about.",
    "baseBranch": "Branch that a pull request would go to.",
    "githubLabels": "Labels of an issue.",
    "githubAssignees": "Accounts that an issue is assigned to.",
    "protocol": "What the agent speaks; auto asks for an A2A card first.",
    "minConfidence": "0 to 100: a promote below it is Inconclusive.",
    "timeout": "10s to 2h, from submission to verdict.",
    "window": "1s to 24h: logs since the later of the canary pods' start and so long ago.",
    "attachLogs": "The plugin reads both sides' logs and sends them along.",
    "policy": "What the evidence must be like.",
    "remediation": "Whether the agent may write to the repository.",
    "auth": "What the plugin proves itself with, and whom it trusts; values may come from a Secret.",
}
