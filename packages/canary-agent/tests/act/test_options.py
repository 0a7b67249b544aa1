"""What an operator may say about GitHub, and what is said about mistakes."""

import json
from pathlib import Path

import pytest

from canary_agent.act import ActSettings, PullRequests, concerns, search_link
from canary_agent.cli import main

TOKEN = "ghp_planted0planted0"


def refused(
    capsys: pytest.CaptureFixture[str],
    logs: Path,
    monkeypatch: pytest.MonkeyPatch,
    **variables: str,
) -> str:
    """What `canary-agent serve` says when it does not start."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--logs", str(logs)]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CANARY_AGENT_GITHUB_ALLOWED": "github.com/a/b"}, "expected host/owner, such as"),
        ({"CANARY_AGENT_GITHUB_PULL_REQUESTS": "all"}, "expected none, rollback, fix"),
        (
            {"CANARY_AGENT_GITHUB_PULL_REQUESTS": "rollback"},
            "no file may be changed; set --github-paths",
        ),
        ({"GITHUB_APP_ID": "17"}, "found one of the two, expected both"),
        (
            {"GITHUB_APP_ID": "17", "GITHUB_APP_KEY_FILE": "/nowhere.pem"},
            "GITHUB_APP_KEY_FILE: /nowhere.pem cannot be read",
        ),
    ],
)
def test_a_mistake_is_named_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    variables: dict[str, str],
    said: str,
) -> None:
    said_so = refused(capsys, tmp_path, monkeypatch, GITHUB_TOKEN=TOKEN, **variables)
    assert said in said_so
    assert TOKEN not in said_so


def test_a_key_file_without_a_key_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.pem").write_text("nothing")
    key = str(tmp_path / "app.pem")
    said = refused(capsys, tmp_path, monkeypatch, GITHUB_APP_ID="17", GITHUB_APP_KEY_FILE=key)
    assert "found no private key in PEM" in said


def test_what_is_not_installed_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canary_agent.act._options.find_spec", lambda _: None)
    allowed = {"GITHUB_TOKEN": TOKEN, "CANARY_AGENT_GITHUB_ALLOWED": "github.com/acme"}
    assert "install canary-agent[github]" in refused(capsys, tmp_path, monkeypatch, **allowed)


def test_without_a_token_or_an_owner_it_is_off() -> None:
    assert ActSettings().off == "GITHUB_TOKEN not configured"
    assert ActSettings(token=TOKEN).off == "CANARY_AGENT_GITHUB_ALLOWED not configured"
    assert not ActSettings(app_id="1", app_key="key", allowed="github.com/acme").off
    assert ActSettings().pull_requests is PullRequests.NONE
    assert TOKEN not in repr(ActSettings(token=TOKEN, app_key=TOKEN))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"remediation": {"allowed": False}}, False),
        ({"remediation": {}}, False),
        ({"repository": {"url": ""}}, False),
        ({"dryRun": True}, False),
    ],
)
def test_only_a_rollback_that_may_be_written_about_concerns_it(
    *, changed: dict[str, object], expected: bool
) -> None:
    request: dict[str, object] = {
        "remediation": {"allowed": True},
        "repository": {"url": "https://github.com/acme/shop"},
        "dryRun": False,
    }
    asked = json.dumps(request | changed)
    assert concerns(asked, '{"verdict": "rollback"}') is expected
    assert not concerns(asked, '{"verdict": "promote"}')
    assert not concerns("", '{"verdict": "rollback"}')


def test_no_link_is_made_up_for_what_is_not_allowed() -> None:
    assert search_link(ActSettings(allowed="github.com/acme"), "{}") == ""
