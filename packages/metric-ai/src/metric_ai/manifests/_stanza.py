"""The plugin's stanza: each field is read by the plugin's own code, what holds arguments by the JSON Schema.

So a message here is the one that a measurement would show, all fields are looked at and not only the first wrong
one, and what only a run will tell (`{{args.x}}`) is left to the schema, which knows arguments.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

import jsonschema_rs

from rollouts_plugin_metric_ai.config import parse_settings
from rollouts_plugin_metric_ai.stanza_schema import stanza_schema

from ._arguments import is_open
from ._findings import Problem

Path = tuple[str | int, ...]

_AGENT = {"agentUrl": "http://agent.example"}
# Their fields are looked at one by one; those of auth belong together.
_OBJECTS = ("policy", "remediation")
_KNOWN = re.compile(r" \(known: [^()]*\)$")
_NAMED = re.compile(r"'?([A-Za-z]+(?:\.[A-Za-z]+)*)")


def stanza_problems(stanza: object, path: Path) -> Iterator[Problem]:
    """What is wrong in a stanza, its arguments resolved as far as they are known.

    Args:
        stanza: the value in the manifest.
        path: of it in the document.
    """
    if not isinstance(stanza, Mapping):
        yield _of_plugin(stanza, path)
        return
    if "agentUrl" not in stanza:
        yield _of_plugin({}, path)
    wrong: set[str] = set()
    for part in _parts(stanza):
        if is_open(part):
            continue
        problem = _refused(part, path)
        if problem:
            wrong.add(next(name for name in part if name in stanza))
            yield problem
    yield from _of_schema(stanza, wrong, path)
    for name in ("stableLabel", "canaryLabel"):
        if not stanza.get(name):
            default = "role=" + name.removesuffix("Label")
            yield Problem(path, f"{name} is not set: {default} is used", "warning")
    yield from _in_clear(stanza, path)


def _parts(stanza: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Pieces that can be read on their own."""
    for name, value in stanza.items():
        if name in _OBJECTS and isinstance(value, Mapping) and value:
            for inner, item in value.items():
                yield {name: {inner: item}}
        else:
            yield {name: value}


def _refused(part: Mapping[str, object], path: Path) -> Problem | None:
    whole = part if "agentUrl" in part else {**_AGENT, **part}
    try:
        parse_settings(json.dumps(whole, default=str).encode())
    except ValueError as error:
        # All the names are too much where the nearest one is told.
        told = _KNOWN.sub("", str(error)) if "did you mean" in str(error) else str(error)
        return Problem(_place(part, told, path), told)
    return None


def _of_plugin(stanza: object, path: Path) -> Problem:
    try:
        parse_settings(json.dumps(stanza, default=str).encode())
    except ValueError as error:
        return Problem(path, str(error))
    raise AssertionError("the plugin takes a stanza that is none")


def _place(part: Mapping[str, object], message: str, path: Path) -> Path:
    """The path that the message begins with, as far as it stands in the manifest."""
    named = _NAMED.match(message)
    names = named[1].split(".") if named else []
    (first,) = part
    if not names or names[0] != first:
        return (*path, first)
    return (*path, *names)


def _of_schema(stanza: Mapping[str, object], wrong: set[str], path: Path) -> Iterator[Problem]:
    told: set[str] = set()
    for error in _validator().iter_errors(json.loads(json.dumps(stanza, default=str))):
        place = tuple(error.instance_path)
        name = str(place[0]) if place else ""
        if not name or name in wrong or name in told or name not in _descriptions():
            continue
        told.add(name)
        expected = _descriptions()[name]
        yield Problem((*path, *place), f"{name}: found what does not fit; expected: {expected}")


def _in_clear(stanza: Mapping[str, object], path: Path) -> Iterator[Problem]:
    auth = stanza.get("auth")
    for name in ("token", "key"):
        secret = auth.get(name) if isinstance(auth, Mapping) else None
        if isinstance(secret, str) and secret and not is_open(secret):
            yield Problem(
                (*path, "auth", name),
                f"auth.{name} stands here in clear; put it in a Secret and write"
                f' "{{{{args.agent-{name}}}}}"',
                "warning",
            )


@cache
def _validator() -> "jsonschema_rs.Draft202012Validator":
    return jsonschema_rs.Draft202012Validator(stanza_schema())


@cache
def _descriptions() -> dict[str, str]:
    properties = stanza_schema()["properties"]
    found = properties if isinstance(properties, Mapping) else {}
    return {
        str(name): str(schema.get("description", ""))
        for name, schema in found.items()
        if isinstance(schema, Mapping)
    }
