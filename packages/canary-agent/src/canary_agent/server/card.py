"""The agent card: where the agent answers, in which versions, and that it speaks our extension."""

from typing import Any

from a2a.server.request_handlers.response_helpers import agent_card_to_dict
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentExtension,
    AgentInterface,
    AgentSkill,
    HTTPAuthSecurityScheme,
    SecurityRequirement,
    SecurityScheme,
    StringList,
)
from a2a.utils.constants import TransportProtocol

from canary_verdict import EXTENSION_URI, REQUEST_MEDIA_TYPE, VERDICT_MEDIA_TYPE

_INTERFACES = (
    (TransportProtocol.JSONRPC, "1.0"),
    (TransportProtocol.HTTP_JSON, "1.0"),
    (TransportProtocol.JSONRPC, "0.3"),
    (TransportProtocol.HTTP_JSON, "0.3"),
)


def agent_card(origin: str, version: str, *, bearer: bool) -> dict[str, Any]:
    """The card as JSON, with the fields that A2A 0.3 readers look for.

    Args:
        origin: scheme, host and port under which the reader reached the agent, no slash at the end.
        version: the agent's own.
        bearer: whether a token is asked for.
    """
    card = AgentCard(
        name="canary-agent",
        description="Compares a canary's logs with stable's: promote, rollback or inconclusive.",
        version=version,
        supported_interfaces=[
            AgentInterface(
                # The JSON-RPC endpoint is the root; HTTP+JSON paths are appended to the origin.
                url=f"{origin}/" if binding is TransportProtocol.JSONRPC else origin,
                protocol_binding=binding.value,
                protocol_version=protocol,
            )
            for binding, protocol in _INTERFACES
        ],
        capabilities=AgentCapabilities(
            streaming=False,
            push_notifications=False,
            extensions=[
                AgentExtension(
                    uri=EXTENSION_URI,
                    description="Requests and verdicts as data parts; a sign of life in each "
                    "status's timestamp; the request's lease.",
                    required=False,
                )
            ],
        ),
        default_input_modes=[REQUEST_MEDIA_TYPE, "application/json", "text/plain"],
        default_output_modes=[VERDICT_MEDIA_TYPE, "application/json"],
        skills=[
            AgentSkill(
                id="canary-analysis",
                name="Canary analysis",
                description="Judges the canary of an Argo Rollout by its logs against stable's.",
                tags=["argo-rollouts", "canary", "logs"],
            )
        ],
    )
    if bearer:
        scheme = SecurityScheme(http_auth_security_scheme=HTTPAuthSecurityScheme(scheme="bearer"))
        card.security_schemes["bearer"].CopyFrom(scheme)
        card.security_requirements.append(SecurityRequirement(schemes={"bearer": StringList()}))
    return agent_card_to_dict(card)
