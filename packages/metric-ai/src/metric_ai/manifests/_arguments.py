"""`{{args.x}}` in a metric: which are declared, and what is known of their values."""

import re
from collections.abc import Iterator, Mapping

from metric_ai.cluster import Json, mappings, text
from metric_ai.names import nearest

from ._findings import Problem

# As valyala/fasttemplate, which Argo Rollouts resolves them with.
_USE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_PREFIX = "args."


def declared(spec: Json) -> dict[str, str | None]:
    """The arguments of a template, with their values where they have one of their own."""
    return {
        text(one, "name"): str(one["value"]) if isinstance(one.get("value"), str) else None
        for one in mappings(spec.get("args"))
        if text(one, "name")
    }


def resolved(value: object, known: Mapping[str, str | None]) -> object:
    """`value` with the arguments whose values are known; the others stay as they are."""
    match value:
        case str():
            return _USE.sub(lambda use: _value(use, known), value)
        case Mapping():
            return {name: resolved(item, known) for name, item in value.items()}
        case list():
            return [resolved(item, known) for item in value]
        case _:
            return value


def is_open(value: object) -> bool:
    """Whether an argument is left in it whose value only a run will tell."""
    match value:
        case str():
            return _USE.search(value) is not None
        case Mapping():
            return any(is_open(item) for item in value.values())
        case list():
            return any(is_open(item) for item in value)
        case _:
            return False


def undeclared(
    value: object, known: Mapping[str, str | None], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    """The places where an argument is used that the template does not declare."""
    match value:
        case str():
            for use in _USE.finditer(value):
                yield from _problem(use[1], known, path)
        case Mapping():
            for name, item in value.items():
                yield from undeclared(item, known, (*path, str(name)))
        case list():
            for index, item in enumerate(value):
                yield from undeclared(item, known, (*path, index))


def _problem(
    used: str, known: Mapping[str, str | None], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    name = used.removeprefix(_PREFIX)
    if not used.startswith(_PREFIX):
        yield Problem(path, f"found {{{{{used}}}}}, expected {{{{args.NAME}}}}")
    elif name not in known:
        near = nearest(name, known)
        hint = f"; did you mean {near}?" if near else "; declare it under spec.args"
        yield Problem(path, f"the argument {name!a} is not declared{hint}")


def _value(use: re.Match[str], known: Mapping[str, str | None]) -> str:
    value = known.get(use[1].removeprefix(_PREFIX)) if use[1].startswith(_PREFIX) else None
    return use[0] if value is None else value
