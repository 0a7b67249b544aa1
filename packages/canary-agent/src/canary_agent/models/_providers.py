"""The providers that can be named, with what each needs: an extra, keys, an address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    Attributes:
        extra: of this distribution, that brings the provider's library.
        module: by which that library is known to be installed.
        model: module of pydantic-ai that speaks to it.
        keys: environment variables of its key, the first that is set counts; each may be given as
            `<name>_FILE`, too.
        keyless: whether it can do without: by an account of the machine, or a server of one's own.
        url: environment variable of its address; empty: it has none.
        needs_url: whether there is no address of its own.
        more: further environment variables that it needs and that are no secrets.
    """

    extra: str
    module: str
    model: str
    keys: tuple[str, ...]
    keyless: bool = False
    url: str = ""
    needs_url: bool = False
    more: tuple[str, ...] = ()


PROVIDERS = {
    "google": Provider("google", "google.genai", "google", ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
    "google-cloud": Provider("google", "google.genai", "google", (), keyless=True, more=("GOOGLE_CLOUD_PROJECT",)),
    "openai": Provider("openai", "openai", "openai", ("OPENAI_API_KEY",), url="OPENAI_BASE_URL"),
    "openai-compatible": Provider(
        "openai", "openai", "openai", ("OPENAI_COMPATIBLE_API_KEY",),
        keyless=True, url="OPENAI_COMPATIBLE_BASE_URL", needs_url=True,
    ),
    "anthropic": Provider("anthropic", "anthropic", "anthropic", ("ANTHROPIC_API_KEY",), url="ANTHROPIC_BASE_URL"),
    "azure": Provider(
        "azure", "openai", "openai", ("AZURE_OPENAI_API_KEY",),
        url="AZURE_OPENAI_ENDPOINT", needs_url=True, more=("OPENAI_API_VERSION",),
    ),
    "bedrock": Provider(
        "bedrock", "boto3", "bedrock", ("AWS_BEARER_TOKEN_BEDROCK",), keyless=True, more=("AWS_REGION",)
    ),
    "mistral": Provider("mistral", "mistralai", "mistral", ("MISTRAL_API_KEY",)),
}  # fmt: skip
"""By the name before the colon."""

SECRETS = (
    *(name for provider in PROVIDERS.values() for name in provider.keys),
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "ANTHROPIC_AUTH_TOKEN",
)
"""Environment variables that hold keys: the processes that read foreign logs are started without them."""
