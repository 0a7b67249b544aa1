"""The JSON Schemas (draft 2020-12) of request and verdict, for agents in other languages."""

import json
from typing import cast

REQUEST_SCHEMA = "request.schema.json"
VERDICT_SCHEMA = "verdict.schema.json"


def load_schema(name: str) -> dict[str, object]:
    """The schema document `REQUEST_SCHEMA` or `VERDICT_SCHEMA`.

    Raises:
        FileNotFoundError: there is no schema of that name.
    """
    from importlib.resources import files  # noqa: PLC0415 - 1 MB that most readers have no use for

    text = files("canary_verdict").joinpath(name).read_text("utf-8")
    return cast("dict[str, object]", json.loads(text))
