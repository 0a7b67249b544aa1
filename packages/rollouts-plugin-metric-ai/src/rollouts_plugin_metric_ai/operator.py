"""What the operator of the controller decides, by its environment; tenants write stanzas only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .a2a_client import AddressRefused, Credentials, CredentialsRefused, HostPolicy, parse_address

ALLOWED_HOSTS = "METRIC_AI_ALLOWED_HOSTS"
RPC_ORIGINS = "METRIC_AI_RPC_ORIGINS"
TOKEN = "METRIC_AI_TOKEN"  # noqa: S105 - the variable's name
TOKEN_FILE = "METRIC_AI_TOKEN_FILE"  # noqa: S105 - the variable's name
TOKEN_ORIGIN = "METRIC_AI_TOKEN_ORIGIN"  # noqa: S105 - the variable's name

_MAX_TOKEN = 64 * 1024


class OperatorError(ValueError):
    """A variable of the environment cannot be used; the text names it and never a token."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator's settings.

    Attributes:
        host_policy: where requests may go.
        origin: the one origin that the operator's token may go to; empty without a token.
        token_file: read at each use, since mounted Secrets rotate; empty where `credentials` holds
            the token itself.
        credentials: the operator's own, bound to `origin`.
    """

    host_policy: HostPolicy
    origin: str = ""
    token_file: str = ""
    credentials: Credentials = field(default_factory=Credentials)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Operator":
        """Reads the variables.

        Raises:
            OperatorError: one of them cannot be used. It is better not to start than to be less
                strict than the operator asked for.
        """
        origin = _origin(environment)
        token, token_file = environment.get(TOKEN, ""), environment.get(TOKEN_FILE, "")
        if token and token_file:
            raise OperatorError(f"{TOKEN} and {TOKEN_FILE}: found both, expected one of them")
        if (token or token_file) and not origin:
            raise OperatorError(
                f"{TOKEN_ORIGIN}: found nothing, expected the one origin that the token may go to, "
                "such as https://agent.example:8443"
            )
        try:
            policy = HostPolicy(_list(environment, ALLOWED_HOSTS), _list(environment, RPC_ORIGINS))
        except AddressRefused as error:
            raise OperatorError(f"{RPC_ORIGINS}: {error}") from error
        try:
            credentials = Credentials(token=token.strip(), origin=origin)
        except CredentialsRefused as error:
            raise OperatorError(f"{TOKEN}: {error}") from error
        return cls(policy, origin, token_file, credentials)

    def credentials_for(self, agent_url: str, own: Credentials) -> Credentials:
        """The stanza's credentials, with the operator's token where they have none.

        The token is added for agents at `origin` only, and stays bound to it: a stanza that names
        another address never sees it, nor does an address that such an agent's card names.

        Raises:
            OperatorError: the token's file cannot be read.
        """
        if own.token or not self.origin or parse_address(agent_url).origin != self.origin:
            return own
        token = self._token_of_file() if self.token_file else self.credentials.token
        try:
            return replace(own, token=token, header="Authorization", origin=self.origin)
        except CredentialsRefused as error:
            raise OperatorError(f"{TOKEN_FILE}: {error}") from error

    def _token_of_file(self) -> str:
        try:
            with Path(self.token_file).open(encoding="ascii") as file:
                token = file.read(_MAX_TOKEN).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not ASCII"
            raise OperatorError(f"{TOKEN_FILE}: found no token to read ({reason})") from error
        if not token:
            raise OperatorError(f"{TOKEN_FILE}: found an empty file, expected a token")
        return token


def _origin(environment: Mapping[str, str]) -> str:
    text = environment.get(TOKEN_ORIGIN, "").strip()
    if not text:
        return ""
    try:
        address = parse_address(text, TOKEN_ORIGIN)
    except AddressRefused as error:
        raise OperatorError(str(error)) from error
    if address.target != "/":
        raise OperatorError(f"{TOKEN_ORIGIN}: found a path, expected scheme, host and port alone")
    return address.origin


def _list(environment: Mapping[str, str], name: str) -> list[str]:
    return [entry for entry in environment.get(name, "").replace(",", " ").split() if entry]
