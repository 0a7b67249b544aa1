"""Which models are asked, with which keys and within which limits."""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ._errors import ModelsError
from ._names import ModelName, checked_url, parse_models
from ._panel import Panel, PanelSettings
from ._providers import PROVIDERS, Provider

_YES = ("1", "true", "yes")
_LONGEST_KEY = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What an operator says about models; without voters none is asked.

    Attributes:
        voters: each has one vote; of several models of one voter the next is asked when one fails.
        keys: by the provider's name; never shown.
        options: what is no secret, by the environment variable's name.
    """

    voters: tuple[tuple[ModelName, ...], ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    panel: PanelSettings = field(default_factory=PanelSettings)

    def __repr__(self) -> str:
        """The models' names."""
        return f"ModelSettings({self.names})"

    @property
    def names(self) -> str:
        """The voters as `MODELS` has them, without addresses."""
        return ", ".join("|".join(map(str, voter)) for voter in self.voters)


def panel_for(settings: ModelSettings | None) -> Panel | None:
    """The models that are to be asked; None where there are none."""
    if settings is None or not settings.voters:
        return None
    # Loads pydantic-ai, which an agent without models need not have.
    from .asking import model_panel  # noqa: PLC0415

    return model_panel(settings)


def modules_for(settings: ModelSettings) -> tuple[str, ...]:
    """What the children's parent loads once, so that an analysis need not."""
    if not settings.voters:
        return ()
    used = {PROVIDERS[name.provider].model for voter in settings.voters for name in voter}
    return ("canary_agent.models.asking", *(f"pydantic_ai.models.{one}" for one in sorted(used)))


def read_models(
    environment: Mapping[str, str], models: str = "", panel: PanelSettings | None = None
) -> ModelSettings:
    """Reads names, keys and addresses.

    Args:
        environment: the process's own.
        models: the command line's; else `MODELS`, else `GEMINI_MODEL` as a model of Google.
        panel: how they are asked.

    Raises:
        ModelsError: a name or an address is wrong, a key or a package is missing.
    """
    gemini = environment.get("GEMINI_MODEL", "").removeprefix("models/")
    text = models or environment.get("MODELS", "") or (f"google:{gemini}" if gemini else "")
    voters = parse_models(text)
    if environment.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower() in _YES:
        voters = tuple(tuple(_on_vertex(name) for name in voter) for voter in voters)
    voters = tuple(tuple(_addressed(name, environment) for name in voter) for voter in voters)
    used = sorted({name.provider for voter in voters for name in voter})
    keys = {name: _key(PROVIDERS[name], environment) for name in used}
    for voter in voters:
        for name in voter:
            _check(name, keys[name.provider], environment)
    return ModelSettings(
        voters=voters,
        keys={name: key for name, key in keys.items() if key} | _aws(used, environment),
        options={name: environment[name] for name in _OPTIONS if environment.get(name)},
        panel=panel or PanelSettings(),
    )


_OPTIONS = (
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "OPENAI_API_VERSION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
)


def _on_vertex(name: ModelName) -> ModelName:
    return replace(name, provider="google-cloud") if name.provider == "google" else name


def _addressed(name: ModelName, environment: Mapping[str, str]) -> ModelName:
    variable = PROVIDERS[name.provider].url
    given = environment.get(variable, "") if variable else ""
    return replace(name, url=checked_url(given, variable)) if given and not name.url else name


def _check(name: ModelName, key: str, environment: Mapping[str, str]) -> None:
    provider = PROVIDERS[name.provider]
    if not (_installed("pydantic_ai") and _installed(provider.module)):
        raise ModelsError(
            f"MODELS: {name} needs packages that are not installed; "
            f"install them: pip install 'canary-agent[{provider.extra}]'"
        )
    if not key and not provider.keyless and not (name.url and name.provider == "openai"):
        first = provider.keys[0]
        raise ModelsError(
            f"MODELS: {name} needs a key; set {first}, or {first}_FILE to a file of it"
        )
    if provider.needs_url and not name.url:
        raise ModelsError(
            f"MODELS: {name} needs an address; set {provider.url}, or name it {name}@https://host/path"
        )
    for variable in provider.more:
        # A region has a second name and may stand in a profile.
        if variable != "AWS_REGION" and not environment.get(variable):
            raise ModelsError(f"MODELS: {name} needs {variable}; set it")


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _key(provider: Provider, environment: Mapping[str, str]) -> str:
    found = ((name, _secret(name, environment)) for name in provider.keys)
    return next((key for _, key in found if key), "")


def _aws(used: list[str], environment: Mapping[str, str]) -> dict[str, str]:
    if "bedrock" not in used:
        return {}
    names = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {name: key for name in names if (key := _secret(name, environment))}


def _secret(name: str, environment: Mapping[str, str]) -> str:
    """A key from the environment or from a file; the error's text never holds one."""
    value, path = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if value and path:
        raise ModelsError(f"{name} and {name}_FILE are both set; use one of them")
    if path:
        try:
            value = Path(path).read_text("utf-8")[: _LONGEST_KEY + 1].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ModelsError(f"{name}_FILE: {path} cannot be read: {_reason(error)}") from error
        if not value:
            raise ModelsError(f"{name}_FILE: {path} is empty; expected a key")
    if value and (len(value) > _LONGEST_KEY or not value.isascii() or not value.isprintable()):
        raise ModelsError(f"{name}: expected one line of printable ASCII characters")
    return value


def _reason(error: Exception) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not UTF-8"
