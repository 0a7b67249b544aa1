"""From a name and a key to a model that can be asked. Each provider's library is imported when it is needed."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._transport import CONNECT_SECONDS, GuardedTransport, guarded_client

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

    from ._names import ModelName
    from ._settings import ModelSettings


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a builder is given."""

    name: str
    url: str | None
    key: str
    client: "httpx2.AsyncClient"
    settings: "ModelSettings"

    def option(self, *names: str) -> str | None:
        """The first of the environment's variables that is set."""
        return next(
            (self.settings.options[name] for name in names if name in self.settings.options), None
        )


@contextlib.asynccontextmanager
async def opened(name: "ModelName", settings: "ModelSettings") -> "AsyncIterator[Model]":
    """The model, with connections of its own that reach its provider only."""
    client, transport = guarded_client(settings.panel.seconds)
    async with client:
        wanted = _Wanted(
            name.name, name.url or None, settings.keys.get(name.provider, ""), client, settings
        )
        model = _BUILDERS[name.provider](wanted)
        _allow(transport, model)
        yield model


def _allow(transport: GuardedTransport, model: "Model") -> None:
    # As configured: of what is sent later, nothing can change it.
    if model.base_url:
        transport.allow(model.base_url)


def _google(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

    provider = GoogleProvider(api_key=wanted.key, http_client=wanted.client, base_url=wanted.url)
    return GoogleModel(wanted.name, provider=provider)


def _google_cloud(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
    from pydantic_ai.providers.google_cloud import GoogleCloudProvider  # noqa: PLC0415

    provider = GoogleCloudProvider(
        project=wanted.option("GOOGLE_CLOUD_PROJECT"),
        location=wanted.option("GOOGLE_CLOUD_LOCATION"),
        http_client=wanted.client,
        base_url=wanted.url,
    )
    return GoogleModel(wanted.name, provider=provider)


def _openai(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    provider = OpenAIProvider(
        # Without one here, the library would look for another in the environment.
        base_url=wanted.url or "https://api.openai.com/v1",
        api_key=wanted.key or "none",
        http_client=wanted.client,
    )
    return OpenAIChatModel(wanted.name, provider=provider)


def _anthropic(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(
        api_key=wanted.key,
        base_url=wanted.url or "https://api.anthropic.com",
        http_client=wanted.client,
    )
    return AnthropicModel(wanted.name, provider=provider)


def _azure(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
    from pydantic_ai.providers.azure import AzureProvider  # noqa: PLC0415

    provider = AzureProvider(
        azure_endpoint=wanted.url,
        api_version=wanted.option("OPENAI_API_VERSION"),
        api_key=wanted.key,
        http_client=wanted.client,
    )
    return OpenAIChatModel(wanted.name, provider=provider)


def _mistral(wanted: _Wanted) -> "Model":
    from pydantic_ai.models.mistral import MistralModel  # noqa: PLC0415
    from pydantic_ai.providers.mistral import MistralProvider  # noqa: PLC0415

    provider = MistralProvider(api_key=wanted.key, base_url=wanted.url, http_client=wanted.client)
    return MistralModel(wanted.name, provider=provider)


def _bedrock(wanted: _Wanted) -> "Model":
    """By botocore's own HTTP client, whose one endpoint is the region's; it follows no redirects there."""
    from pydantic_ai.models.bedrock import BedrockConverseModel  # noqa: PLC0415
    from pydantic_ai.providers.bedrock import BedrockProvider  # noqa: PLC0415

    # We try again ourselves, within a deadline; botocore would pay four times for a late answer.
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")
    keys, seconds = wanted.settings.keys, wanted.settings.panel.seconds
    region = wanted.option("AWS_REGION", "AWS_DEFAULT_REGION")
    if wanted.key:
        provider = BedrockProvider(
            api_key=wanted.key,
            region_name=region,
            base_url=wanted.url,
            aws_read_timeout=seconds,
            aws_connect_timeout=min(seconds, CONNECT_SECONDS),
        )
    else:
        provider = BedrockProvider(
            aws_access_key_id=wanted.option("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=keys.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
            profile_name=wanted.option("AWS_PROFILE"),
            region_name=region,
            base_url=wanted.url,
            aws_read_timeout=seconds,
            aws_connect_timeout=min(seconds, CONNECT_SECONDS),
        )
    return BedrockConverseModel(wanted.name, provider=provider)


_BUILDERS: Mapping[str, Callable[[_Wanted], "Model"]] = {
    "google": _google,
    "google-cloud": _google_cloud,
    "openai": _openai,
    "openai-compatible": _openai,
    "anthropic": _anthropic,
    "azure": _azure,
    "mistral": _mistral,
    "bedrock": _bedrock,
}
