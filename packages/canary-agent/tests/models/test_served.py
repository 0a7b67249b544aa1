"""The serving agent with a model: the vote is in its answer, the key nowhere."""

import json
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from model_providers import Provider, Reply, named
from voting import CLEAN, opinion

PLANTED = "planted-Key-0123456789-abcdef"


@pytest.mark.timeout(300)
def test_a_served_verdict_has_the_vote_and_no_key(tmp_path: Path) -> None:
    for side, text in (("stable", CLEAN.stable), ("canary", CLEAN.canary)):
        folder = tmp_path / "logs" / side / f"{side}-1"
        folder.mkdir(parents=True)
        (folder / "app.log").write_text(text)
    (tmp_path / "key").write_text(PLANTED)
    with Provider("openai") as provider:
        provider.replies = [Reply(json.dumps(opinion("rollback", analysis=f"key {PLANTED}")))]
        environment = {
            "PATH": "/usr/bin:/bin",
            "OPENAI_API_KEY_FILE": str(tmp_path / "key"),
            "MODELS": named(provider),
        }
        said = _served(tmp_path, environment)
    document = json.loads(said)
    assert document["promote"] is False
    assert document["votingRationale"].startswith("1 model was asked; votes that count")
    [result] = document["modelResults"]
    assert (result["modelName"], result["error"]) == ("openai:gpt-5", "")
    assert provider.asked[0].headers["authorization"] == f"Bearer {PLANTED}"
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "key"]
    assert {path.suffix for path in written} >= {".sqlite", ".zip", ".err"}
    for path in written:
        assert PLANTED.encode() not in path.read_bytes(), path
    [bundle] = (tmp_path / "bundles").iterdir()
    with zipfile.ZipFile(bundle) as archive:
        assert all(PLANTED.encode() not in archive.read(name) for name in archive.namelist())
    assert PLANTED not in said


def _served(folder: Path, environment: dict[str, str]) -> str:
    """Starts the agent, asks it in the older dialect, and ends it."""
    options: list[str | Path] = [
        "--logs",
        folder / "logs",
        "--state",
        folder / "agent.sqlite",
        "--port",
        "0",
    ]
    options += ["--bundles", folder / "bundles", "--log-level", "debug", "--grace", "0"]
    with (
        (folder / "agent.err").open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "canary_agent.cli", "serve", *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as agent,
    ):
        try:
            assert agent.stdout is not None
            address = agent.stdout.readline().decode().split()[-1]
            context = {
                "namespace": "default",
                "rolloutName": "shop",
                "stableSelector": "role=stable",
                "canarySelector": "role=canary",
            }
            body = {"userId": "t", "memoryId": "r", "prompt": "judge", "context": context}
            asked = urllib.request.Request(
                f"{address}/a2a/analyze",
                json.dumps(body).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(asked, timeout=200) as answer:
                return str(answer.read().decode())
        finally:
            agent.terminate()
            agent.wait(30)
