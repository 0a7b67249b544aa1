"""An agent's card in the measurement's metadata: what a later process needs to reach the task again."""

import json
from dataclasses import replace
from functools import lru_cache

from .a2a_client import AgentCard

_MAX = 8192
_MAX_FIELD = 2048
_MAX_EXTENSIONS = 20


class CardTextError(ValueError):
    """The metadata holds no card."""


def write_card(card: AgentCard) -> str:
    """The card as one line of JSON, without what is for people only."""
    return json.dumps(
        {
            "url": card.url,
            "protocolVersion": card.protocol_version,
            "transport": card.transport,
            "tenant": card.tenant,
            "extensions": sorted(card.extensions)[:_MAX_EXTENSIONS],
        },
        separators=(",", ":"),
    )


# Each poll reads the same card several times.
@lru_cache(maxsize=256)
def read_card(text: str) -> AgentCard:
    """Reads what `write_card` wrote.

    Raises:
        CardTextError: the text is no such card; metadata can be edited by people.
    """
    try:
        document = json.loads(text) if len(text) <= _MAX else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise CardTextError("the measurement's metadata has no readable agentCard")
    extensions = document.get("extensions")
    if not isinstance(extensions, list):
        extensions = []
    return AgentCard(
        url=_field(document, "url"),
        protocol_version=_field(document, "protocolVersion"),
        transport=_field(document, "transport"),
        tenant=_field(document, "tenant"),
        extensions=frozenset(each for each in extensions if isinstance(each, str)),
    )


def with_version(text: str, protocol_version: str) -> str:
    """The card of an agent that answered in `protocol_version`."""
    card = read_card(text)
    if card.protocol_version == protocol_version:
        return text
    return write_card(replace(card, protocol_version=protocol_version))


def _field(document: dict[str, object], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > _MAX_FIELD:
        raise CardTextError(
            f"the measurement's metadata has an agentCard without a readable {name}"
        )
    return value
