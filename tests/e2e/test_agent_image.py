"""The one step of the agent's image, run into a folder: what is in it starts, and nothing spare is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from manifests import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/canary-agent of the image; half a gigabyte, installed from the locked requirements."""
    target = tmp_path_factory.mktemp("image") / "canary-agent"
    done = subprocess.run(
        [ROOT / "images" / "agent" / "install.sh", target],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return target


def run(*command: str | Path) -> str:
    done = subprocess.run(
        command,
        cwd="/",
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_agent_starts_from_it(folder: Path) -> None:
    assert run(folder / "bin" / "canary-agent", "--version").startswith("canary-agent ")
    imports = "import canary_agent.cluster, canary_agent.server, canary_agent.analysis"
    run(folder / "bin" / "python", "-c", imports)


def test_every_provider_github_and_tracing_are_in_it(folder: Path) -> None:
    imports = (
        "import anthropic, boto3, githubkit, google.genai, mistralai, openai, opentelemetry.sdk"
    )
    run(folder / "bin" / "python", "-c", imports)


def test_it_is_no_link_into_the_repository(folder: Path) -> None:
    where = run(
        folder / "bin" / "python", "-c", "import canary_agent; print(canary_agent.__file__)"
    )
    assert where.startswith(str(folder))


def test_what_only_the_installation_needed_is_gone(folder: Path) -> None:
    names = "import importlib.metadata as m; print(*(one.name for one in m.distributions()))"
    found = set(run(folder / "bin" / "python", "-c", names).split())
    assert {"canary-agent", "canary-verdict", "numpy"} <= found
    assert not found & {"pip", "setuptools", "flit_core", "pytest", "goplugin"}


def test_it_holds_the_notices_of_all_that_is_in_it(folder: Path) -> None:
    text = (folder / "THIRD-PARTY-NOTICES.txt").read_text()
    for said in ("psycopg 3", "LGPL-3.0-only", "numpy 2", "Copyright (c) 2005"):
        assert said in text
    assert "canary-agent 0" not in text
