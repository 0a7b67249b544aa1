"""Whether an agent answers as the plugin will want it to: card, health, token."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from metric_ai.cluster import Cluster, ClusterError, text
from metric_ai.diagnosis import Diagnosis
from rollouts_plugin_metric_ai.a2a_client import (
    REST,
    AgentCard,
    AgentClient,
    AgentClientError,
    AgentRefused,
    AgentUnreachable,
    Credentials,
    TaskNotFound,
    parse_address,
)
from rollouts_plugin_metric_ai.operator import (
    TOKEN,
    TOKEN_FILE,
    TOKEN_ORIGIN,
    Operator,
    OperatorError,
)

from . import VERSION
from .exits import CommandError

_SECONDS = 10.0
_NO_TASK = "metric-ai-looks-whether-the-token-is-accepted"
_SERVICE = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?")
TOKEN_VARIABLES = (TOKEN, TOKEN_FILE, TOKEN_ORIGIN)
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """An agent as a stanza names it.

    Attributes:
        token_known: whether `credentials` are those that a measurement would have.
    """

    url: str
    protocol: str = "auto"
    credentials: Credentials = field(default_factory=Credentials)
    token_known: bool = True


def with_operator_token(
    url: str, own: Credentials, environment: Mapping[str, str], *, named: bool = False
) -> Credentials:
    """The stanza's credentials, or the operator's token where that may go to this agent.

    A template's author chooses the address, so the operator's token goes to METRIC_AI_TOKEN_ORIGIN only, as the
    plugin sends it; or to the one agent that whoever types has named himself.

    Args:
        url: the agent's.
        own: what the stanza says.
        environment: METRIC_AI_TOKEN, METRIC_AI_TOKEN_FILE and METRIC_AI_TOKEN_ORIGIN are read.
        named: whether the address was typed.

    Raises:
        CommandError: the variables contradict each other.
    """
    variables = {name: environment[name] for name in TOKEN_VARIABLES if environment.get(name)}
    if own.token or not variables:
        return own
    if named:
        variables.setdefault(TOKEN_ORIGIN, parse_address(url).origin)
    try:
        return Operator.from_environment(variables).credentials_for(url, own)
    except OperatorError as error:
        raise CommandError(str(error), "set both, or name the agent with --agent-url") from error


def probe(asked: AgentAsked, cluster: Cluster | None = None) -> list[Diagnosis]:
    """Asks the agent from here; one that only the cluster reaches is asked through the API server.

    Args:
        asked: whom to ask, and with which credentials.
        cluster: for agents at a Service's name; None: they are not asked.
    """
    try:
        return asyncio.run(_probe(asked))
    except AgentUnreachable as error:
        return list(_from_inside(asked, cluster, str(error)))
    except AgentClientError as error:
        return [Diagnosis("error", f"agent {asked.url}", str(error), _advice(error))]


async def _probe(asked: AgentAsked) -> list[Diagnosis]:
    about = f"agent {asked.url}"
    async with AgentClient(user_agent=f"metric-ai/{VERSION}") as client:
        deadline = asyncio.get_running_loop().time() + _SECONDS
        card = await _card(client, asked, deadline)
        named = " ".join(part for part in (card.name, card.version) if part) or "no name"
        spoken = "older dialect" if card.transport == REST else f"A2A {card.protocol_version}"
        found = [Diagnosis("ok", about, f"serves its card: {named}, {spoken}")]
        if card.transport != REST:
            found += await _health(client, asked, deadline)
            found.append(await _token(client, card, asked, deadline))
    return found


async def _card(client: AgentClient, asked: AgentAsked, deadline: float) -> AgentCard:
    if asked.protocol == "rest":
        return await client.check_rest_health(asked.url, asked.credentials, deadline)
    try:
        return await client.fetch_card(asked.url, asked.credentials, deadline)
    except AgentRefused as error:
        if error.status != _NOT_FOUND or asked.protocol != "auto":
            raise
        return await client.check_rest_health(asked.url, asked.credentials, deadline)


async def _health(client: AgentClient, asked: AgentAsked, deadline: float) -> list[Diagnosis]:
    about = f"agent {asked.url}"
    try:
        await client.check_rest_health(asked.url, asked.credentials, deadline)
    except AgentRefused as error:
        if error.status == _NOT_FOUND:
            return []  # an agent of another make, which has no such address
        advice = "it drains, or its database does not answer: look at its log"
        return [Diagnosis("error", about, f"is not ready: {error}", advice)]
    return [Diagnosis("ok", about, "is ready for an analysis")]


async def _token(
    client: AgentClient, card: AgentCard, asked: AgentAsked, deadline: float
) -> Diagnosis:
    about = f"agent {asked.url}"
    try:
        await client.get_task(card, _NO_TASK, asked.credentials, deadline)
    except TaskNotFound:
        said = "token is accepted" if asked.credentials.token else "asks for no token"
        return Diagnosis("ok", about, said)
    except AgentRefused as error:
        if error.status not in {_UNAUTHORIZED, _FORBIDDEN}:
            return Diagnosis("warning", about, f"the token was not tried: {error}")
        if not asked.token_known:
            text_ = "asks for a token, which is not known here"
            advice = (
                "set METRIC_AI_TOKEN, and METRIC_AI_TOKEN_ORIGIN to this agent's origin, to try one"
            )
            return Diagnosis("unknown", about, text_, advice)
        sent = "the token is not accepted" if asked.credentials.token else "asks for a token"
        advice = (
            "auth.token of the stanza, or METRIC_AI_TOKEN of the controller, must be the agent's"
            " CANARY_AGENT_TOKEN: compare both Secrets"
        )
        return Diagnosis("error", about, f"{sent} (HTTP {error.status})", advice)
    return Diagnosis("ok", about, "token is accepted")


def _from_inside(asked: AgentAsked, cluster: Cluster | None, why: str) -> Iterator[Diagnosis]:
    """What the API server sees of an agent behind a Service, where it lets us ask through it."""
    about = f"agent {asked.url}"
    address = parse_address(asked.url)
    service = _SERVICE.fullmatch(address.host)
    if service is None:
        yield Diagnosis(
            "error", about, f"does not answer: {why}", "does it run, and is the address right?"
        )
        return
    name, namespace = service[1], service[2]
    forward = (
        f"kubectl port-forward -n {namespace} service/{name} {address.port}, then look again with"
        f" --agent-url http://127.0.0.1:{address.port}"
    )
    if cluster is None:
        yield Diagnosis("unknown", about, "can be reached in its cluster only", forward)
        return
    target = (
        f"{address.scheme}:{name}:{address.port}"
        if address.scheme == "https"
        else f"{name}:{address.port}"
    )
    base = f"/api/v1/namespaces/{namespace}/services/{target}/proxy{address.target.rstrip('/')}"
    try:
        card = cluster.calls.get(f"{base}/.well-known/agent-card.json")
        cluster.calls.read(f"{base}/readyz")
    except ClusterError as error:
        if error.status == _NOT_FOUND and f'services "{name}"' in error.what:
            said = f"there is no Service {name} in namespace {namespace}"
            yield Diagnosis("error", about, said, "kubectl apply --server-side -k config/agent")
            return
        said = f"does not answer through the API server: {error.what}"
        yield Diagnosis("error", about, said, forward)
        return
    named = text(card, "name") or "no name"
    yield Diagnosis("ok", about, f"serves its card in the cluster: {named}, and is ready")
    yield Diagnosis("unknown", about, "its token cannot be tried through the API server", forward)


def _advice(error: AgentClientError) -> str:
    if isinstance(error, AgentRefused) and error.status in {_UNAUTHORIZED, _FORBIDDEN}:
        return "the agent, or a proxy before it, asks for credentials even for its card"
    return "is that address an A2A agent's? docs/troubleshooting.md goes by message"
