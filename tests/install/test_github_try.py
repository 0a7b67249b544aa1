"""The script for the real GitHub does what it says, tried on a server of our own."""

import os
import subprocess
import sys
from pathlib import Path

import github_api
from github_api import TOKEN, GitHubServer

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "github-try"


def tried(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def on(github: GitHubServer, path: str) -> subprocess.CompletedProcess[str]:
    return tried(
        f"{github.url}/{path}",
        GITHUB_TOKEN=TOKEN,
        METRIC_AI_GITHUB_ALLOWED=f"{github.url}/acme",
    )


def test_it_opens_one_issue_and_finds_it_again() -> None:
    with github_api.serving() as github:
        done = on(github, "acme/shop")
        assert done.returncode == 0, done.stderr
        assert "found again, and not opened twice: yes" in done.stdout
        assert f"the measurement's issueLink: {github.url}/acme/shop/issues/1" in done.stdout
        assert len(github.issues["acme/shop"]) == 1
        assert TOKEN not in done.stdout + done.stderr


def test_what_goes_wrong_is_said_with_the_next_step() -> None:
    with github_api.serving() as github:
        done = on(github, "acme/not-there")
        assert done.returncode == 1
        assert "there is no repository acme/not-there" in done.stdout
        refused = on(github, "others/shop")
        assert refused.returncode == 1
        assert "expected one that the operator allows" in refused.stdout


def test_without_an_address_it_says_how_it_is_used() -> None:
    done = tried()
    assert done.returncode == 2
    assert "Usage: GITHUB_TOKEN=" in done.stderr
