"""Settings: what is taken from where, and what is refused with which words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from canary_agent.settings import (
    Settings,
    SettingsError,
    is_loopback,
    read_state,
    read_token,
)


def _settings(folder: Path, **fields: Any) -> Settings:
    return Settings(**{"logs": folder, "state": str(folder / "state.sqlite"), **fields})


def test_the_defaults_are_fine(tmp_path: Path) -> None:
    _settings(tmp_path).check()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"logs": Path("/nowhere")}, "--logs: /nowhere is no folder"),
        ({"state": "/nowhere/state.sqlite"}, "--state: the folder of"),
        ({"log_format": "xml"}, "--log-format: found 'xml', expected one of json, text"),
        ({"log_level": "loud"}, "--log-level: found 'loud'"),
        ({"public_url": "agent.example"}, "--public-url"),
        ({"public_url": "http://agent.example/path"}, "--public-url"),
        ({"public_url": "ftp://agent.example"}, "--public-url"),
        ({"host": "0.0.0.0"}, "listens on loopback only"),
        ({"host": "agent.example"}, "listens on loopback only"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, fields: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=r"^--") as raised:
        _settings(tmp_path, **fields).check()
    assert named in str(raised.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "0.0.0.0", "token": "t"},
        {"host": "0.0.0.0", "insecure": True},
        {"host": "localhost"},
        {"host": "::1"},
        {"public_url": "https://agent.example:8443/"},
    ],
)
def test_what_is_right_passes(tmp_path: Path, fields: dict[str, Any]) -> None:
    _settings(tmp_path, **fields).check()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_is_known(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_token_is_not_shown(tmp_path: Path) -> None:
    assert "hush" not in repr(_settings(tmp_path, token="hush"))


def test_a_token_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    assert read_token({}, "") == ""
    assert read_token({"CANARY_AGENT_TOKEN": "from-env"}, "") == "from-env"
    assert read_token({}, str(file)) == "from-file"


@pytest.mark.parametrize(
    ("environment", "content", "named"),
    [
        ({"CANARY_AGENT_TOKEN": ""}, None, "CANARY_AGENT_TOKEN: expected one word"),
        ({"CANARY_AGENT_TOKEN": "two words"}, None, "expected one word"),
        ({"CANARY_AGENT_TOKEN": "a\nb"}, None, "expected one word"),
        ({"CANARY_AGENT_TOKEN": "é"}, None, "expected one word"),
        ({"CANARY_AGENT_TOKEN": "one"}, b"other", "both given"),
        ({}, b"", "expected one word"),
        ({}, b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_token_that_is_none_is_refused(
    tmp_path: Path, environment: Mapping[str, str], content: bytes | None, named: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=named) as raised:
        read_token(environment, "" if content is None else str(file))
    assert "two words" not in str(raised.value)


def test_a_token_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_token({}, str(tmp_path / "missing"))


URL = "postgresql://agent:s3cr%25t@db:5432/canary"


def test_the_state_is_not_shown(tmp_path: Path) -> None:
    assert "s3cr" not in repr(_settings(tmp_path, state=URL))


def test_a_url_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{URL}\n")
    assert read_state({}, "", "") == ""
    assert read_state({"CANARY_AGENT_STATE": URL}, "", "") == URL
    assert read_state({}, "", str(file)) == URL
    assert read_state({"CANARY_AGENT_STATE": URL}, "file.sqlite", "") == "file.sqlite"


def test_a_url_without_password_gets_that_of_the_environment() -> None:
    environment = {"PGPASSWORD": "a&b c"}
    assert read_state(environment, "postgresql://u@h/d", "") == (
        "postgresql://u@h/d?password=a%26b%20c"
    )
    assert read_state(environment, "postgresql://u@h/d?sslmode=require", "") == (
        "postgresql://u@h/d?sslmode=require&password=a%26b%20c"
    )
    assert read_state({**environment, "CANARY_AGENT_STATE": URL}, "", "") == URL
    assert read_state(environment, "file.sqlite", "") == "file.sqlite"


@pytest.mark.parametrize(
    "given",
    [
        URL,
        "postgresql://agent:s3cr#t@db/canary",
        "postgresql://agent:s3cr/t@db/canary",
        "postgresql://agent:[s3cr@db/canary",
        "postgresql:///canary?password=s3cr",
        "other://agent:s3cr@db/canary",
    ],
)
def test_a_password_on_the_command_line_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="seen by everybody") as raised:
        read_state({}, given, "")
    assert "s3cr" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (None, "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"", "expected a URL"),
        (b"file.sqlite", "expected a URL"),
        (b"postgresql://u:s3cr@h/d postgresql://u:s3cr@h/d", "expected a URL"),
    ],
)
def test_a_url_file_that_is_none_is_refused(
    tmp_path: Path, content: bytes | None, named: str
) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=named) as raised:
        read_state({}, "", str(file))
    assert "s3cr" not in str(raised.value)


def test_two_states_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="both given"):
        read_state({"CANARY_AGENT_STATE": URL}, "", str(tmp_path / "url"))


def test_a_url_of_another_database_is_refused_without_being_shown(tmp_path: Path) -> None:
    _settings(tmp_path, state=URL).check()
    with pytest.raises(SettingsError, match="expected a URL such as postgresql://") as raised:
        _settings(tmp_path, state="mysql://agent:s3cr@db/canary").check()
    assert "s3cr" not in str(raised.value)
