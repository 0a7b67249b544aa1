"""From the parts of a message to the question in it."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from a2a.helpers.proto_helpers import get_data_parts
from a2a.types import Message, Part

from canary_verdict import REQUEST_MEDIA_TYPE, CanaryRequest, ContractError, parse_request

_FENCE = re.compile(r"^```[\w+.-]*[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_MEDIA_TYPE_KEYS = ("mediaType", "mimeType", "contentType")


def read_request(message: Message) -> CanaryRequest:
    """Finds the one request in a message and reads it.

    A data part of our media type comes first; then a data part of no type, as A2A 0.3 has them; then
    the one JSON object in the text parts, fenced or bare.

    Raises:
        ContractError: there is none, there are several, or the one there is breaks the contract.
    """
    documents = (
        list(_data_parts(message.parts, typed=True))
        or list(_data_parts(message.parts, typed=False))
        or [document for part in message.parts for document in json_objects(part.text)]
    )
    if len(documents) != 1:
        found = f"{len(documents)} JSON objects" if documents else "no JSON object"
        raise ContractError(
            "message.parts",
            found,
            f"one data part of media type {REQUEST_MEDIA_TYPE}, or one JSON object in the text",
        )
    return parse_request(documents[0])


def _data_parts(parts: Iterable[Part], *, typed: bool) -> Iterable[object]:
    for part in parts:
        if part.HasField("data"):
            media_type = _media_type(part)
            if media_type == REQUEST_MEDIA_TYPE if typed else not media_type:
                yield _decoded(part)


def _media_type(part: Part) -> str:
    """The part's own field; A2A 0.3 has none, and senders put it in the metadata."""
    if part.media_type:
        return part.media_type
    named = (part.metadata[key] for key in _MEDIA_TYPE_KEYS if key in part.metadata)
    return next((name for name in named if isinstance(name, str)), "")


def _decoded(part: Part) -> object:
    try:
        return _whole_numbers(get_data_parts([part])[0])
    except Exception as error:  # protobuf's own, which has no typed name
        raise ContractError("message.parts", "data that is no JSON", "a JSON object") from error


def _whole_numbers(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Makes the numbers of a data part what they were: all travel as doubles."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return value


def json_objects(text: str) -> Sequence[object]:
    """The JSON objects of a text: each fenced one, or the text itself where nothing is fenced."""
    candidates = _FENCE.findall(text) or [text]
    found = []
    for candidate in candidates:
        try:
            document = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            found.append(document)
    return found
