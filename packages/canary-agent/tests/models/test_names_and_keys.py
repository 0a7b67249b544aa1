"""Which models are named how, where their keys come from, and what is refused at start with which words."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from canary_agent.models import SECRETS, ModelsError, PanelSettings, parse_models, read_models
from canary_agent.models._building import opened

ALL = {
    "GOOGLE_API_KEY": "key-g",
    "OPENAI_API_KEY": "key-o",
    "ANTHROPIC_API_KEY": "key-a",
    "MISTRAL_API_KEY": "key-m",
    "AZURE_OPENAI_API_KEY": "key-z",
    "AZURE_OPENAI_ENDPOINT": "https://shop.openai.azure.com",
    "OPENAI_API_VERSION": "2025-03-01-preview",
    "AWS_BEARER_TOKEN_BEDROCK": "key-b",
    "AWS_REGION": "eu-central-1",
}


def test_nothing_named_is_nobody_asked() -> None:
    for environment in ({}, {"GOOGLE_API_KEY": "key"}, {"MODELS": " , "}):
        assert read_models(environment).voters == ()


def test_gemini_model_is_a_model_of_google_and_models_goes_before_it() -> None:
    environment = ALL | {"GEMINI_MODEL": "models/gemini-2.5-pro"}
    assert read_models(environment).names == "google:gemini-2.5-pro"
    assert read_models(environment | {"MODELS": "openai:gpt-5"}).names == "openai:gpt-5"
    assert read_models(environment, "mistral:small").names == "mistral:small"


def test_vertex_takes_the_place_of_the_gemini_api() -> None:
    environment = {"GEMINI_MODEL": "g", "GOOGLE_GENAI_USE_VERTEXAI": "True"}
    with pytest.raises(ModelsError, match="google-cloud:g needs GOOGLE_CLOUD_PROJECT"):
        read_models(environment)
    settings = read_models(environment | {"GOOGLE_CLOUD_PROJECT": "shop"})
    assert settings.names == "google-cloud:g"
    assert settings.options == {"GOOGLE_CLOUD_PROJECT": "shop"}


def test_order_addresses_and_several_voters() -> None:
    voters = parse_models(
        "openai-compatible:org/qwen3:8b@http://vllm:8000/v1/ | openai:gpt-5 , bedrock:eu.x-v1:0"
    )
    assert [[str(name) for name in voter] for voter in voters] == [
        ["openai-compatible:org/qwen3:8b", "openai:gpt-5"],
        ["bedrock:eu.x-v1:0"],
    ]
    assert voters[0][0].url == "http://vllm:8000/v1"


@pytest.mark.parametrize(
    ("models", "environment", "words"),
    [
        ("gpt-5", {}, "found 'gpt-5', expected provider:name"),
        ("openai:", {}, "expected provider:name"),
        ("openai:a b", {}, "expected provider:name"),
        ("oppenai:x", {}, "'oppenai' is no provider; expected one of google,"),
        ("openai:a, openai:a", {}, "openai:a is named twice"),
        (",".join(f"openai:m{n}" for n in range(9)), {}, "found 9 voters, expected at most 8"),
        ("|".join(f"openai:m{n}" for n in range(5)), {}, r"found 5 with \| between"),
        ("openai:x@http://user:hidden@h/v1", {}, "the address is none such as"),
        ("openai:x@https://h/v1?key=hidden", {}, "without user or query"),
        ("openai:x@https://h:99999", {}, "the address is none"),
        ("google:x", {}, "needs a key; set GOOGLE_API_KEY, or GOOGLE_API_KEY_FILE"),
        ("openai:x", {"OPENAI_API_KEY": ""}, "needs a key; set OPENAI_API_KEY"),
        ("anthropic:x@https://h", {}, "needs a key; set ANTHROPIC_API_KEY"),
        ("azure:x", {"AZURE_OPENAI_API_KEY": "k"}, "needs an address; set AZURE_OPENAI_ENDPOINT"),
        ("openai-compatible:x", {}, "needs an address; set OPENAI_COMPATIBLE_BASE_URL"),
        ("openai:x", {"OPENAI_API_KEY": "two\nlines"}, "OPENAI_API_KEY: expected one line"),
        ("openai:x", {"OPENAI_API_KEY": "hidden", "OPENAI_API_KEY_FILE": "f"}, "are both set"),
        ("openai:x", {"OPENAI_API_KEY_FILE": "/nowhere"}, "/nowhere cannot be read: No such file"),
        ("openai:x", {"OPENAI_BASE_URL": "ftp://h"}, "OPENAI_BASE_URL: the address is none"),
    ],
)
def test_what_is_wrong_is_named_and_never_shown(
    models: str, environment: Mapping[str, str], words: str
) -> None:
    with pytest.raises(ModelsError, match=words) as raised:
        read_models(environment, models)
    assert "hidden" not in str(raised.value)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "boto3" else name)
    assert read_models(ALL, "openai:x").voters
    with pytest.raises(ModelsError, match=r"pip install 'canary-agent\[bedrock\]'"):
        read_models(ALL, "bedrock:x")


def test_a_key_from_a_mounted_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    settings = read_models({"OPENAI_API_KEY_FILE": str(tmp_path / "key")}, "openai:x")
    assert settings.keys == {"openai": "from-a-file"}
    (tmp_path / "key").write_text("\n")
    with pytest.raises(ModelsError, match="is empty; expected a key"):
        read_models({"OPENAI_API_KEY_FILE": str(tmp_path / "key")}, "openai:x")


def test_settings_hide_keys_and_reach_a_child() -> None:
    settings = read_models(ALL, "google:a, openai:b|mistral:c", PanelSettings(seconds=7.0))
    assert repr(settings) == str(settings) == "ModelSettings(google:a, openai:b|mistral:c)"
    child = pickle.loads(pickle.dumps(settings))
    assert (child, child.keys) == (
        settings,
        {"google": "key-g", "mistral": "key-m", "openai": "key-o"},
    )
    # Only what is named is carried along, and every variable that holds a key is known as such.
    assert {name for name in ALL if name.endswith(("_KEY", "_BEDROCK"))} <= set(SECRETS)


@pytest.mark.parametrize(
    ("model", "origin"),
    [
        ("google:gemini-2.5-flash", "https://generativelanguage.googleapis.com"),
        ("openai:gpt-5", "https://api.openai.com"),
        ("openai-compatible:qwen@http://vllm:8000/v1", "http://vllm:8000"),
        ("anthropic:claude-sonnet-4-5", "https://api.anthropic.com"),
        ("azure:gpt-5", "https://shop.openai.azure.com"),
        ("bedrock:eu.anthropic.x-v1:0", "https://bedrock-runtime.eu-central-1.amazonaws.com"),
        ("mistral:mistral-small", "https://api.mistral.ai"),
    ],
)
async def test_every_provider_can_be_opened(model: str, origin: str) -> None:
    settings = read_models(ALL, model)
    async with opened(settings.voters[0][0], settings) as model_of:
        assert (model_of.base_url or "").startswith(origin)
