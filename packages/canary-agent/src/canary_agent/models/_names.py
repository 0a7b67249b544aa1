"""How models are named: `MODELS="google:gemini-2.5-flash|openai:gpt-5, anthropic:claude-sonnet-4-5"`."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ._errors import ModelsError
from ._providers import PROVIDERS

_MOST_VOTERS = 8
_MOST_IN_ORDER = 4
_NAME = re.compile(r"[\w.:/@+-]{1,200}")
_ADDRESS = re.compile(r"@(?=https?://)")


@dataclass(frozen=True, slots=True, order=True)
class ModelName:
    """One model of one provider; `url` is the server's, empty for the provider's own."""

    provider: str
    name: str
    url: str = ""

    def __str__(self) -> str:
        """The name under which it votes: without the address."""
        return f"{self.provider}:{self.name}"


def parse_models(text: str) -> tuple[tuple[ModelName, ...], ...]:
    """Reads `MODELS`: voters with commas between them; `a|b` is one, where b is asked when a fails.

    >>> [[str(model) for model in voter] for voter in parse_models("openai:gpt-5|mistral:small, google:g")]
    [['openai:gpt-5', 'mistral:small'], ['google:g']]

    Raises:
        ModelsError: a name that is none, an unknown provider, too many, or the same voter twice.
    """
    voters = tuple(_voter(one) for one in text.split(",") if one.strip())
    if len(voters) > _MOST_VOTERS:
        raise ModelsError(f"MODELS: found {len(voters)} voters, expected at most {_MOST_VOTERS}")
    first = [str(voter[0]) for voter in voters]
    if twice := {name for name in first if first.count(name) > 1}:
        raise ModelsError(f"MODELS: {min(twice)} is named twice; a model has one vote")
    return voters


def _voter(text: str) -> tuple[ModelName, ...]:
    names = tuple(_model(one.strip()) for one in text.split("|"))
    if len(names) > _MOST_IN_ORDER:
        raise ModelsError(f"MODELS: found {len(names)} with | between, expected {_MOST_IN_ORDER}")
    return names


def _model(text: str) -> ModelName:
    named, *address = _ADDRESS.split(text, maxsplit=1)
    provider, separator, name = named.partition(":")
    if not separator or not _NAME.fullmatch(name):
        raise ModelsError(
            f"MODELS: found {text[:80]!a}, expected provider:name such as google:gemini-2.5-flash"
        )
    if provider not in PROVIDERS:
        raise ModelsError(
            f"MODELS: {provider[:40]!a} is no provider; expected one of {', '.join(PROVIDERS)}"
        )
    return ModelName(provider, name, checked_url(address[0], "MODELS") if address else "")


def checked_url(url: str, where: str) -> str:
    """A server's address without its last slash.

    Raises:
        ModelsError: not http or https, or with a user, a query or a fragment.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        # Not shown: a mistyped address may hold a password.
        raise ModelsError(
            f"{where}: the address is none such as https://host/v1 without user or query"
        )
    return url.rstrip("/")
