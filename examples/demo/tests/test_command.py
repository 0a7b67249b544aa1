"""The command line: what it refuses, and how it ends when it cannot run."""

import sys
from pathlib import Path

import pytest
from canary_demo.__main__ import main


@pytest.mark.parametrize("arguments", [[], ["--plugin", "x", "--rate", "0"], ["--canary", "y"]])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


def test_a_missing_plugin_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "metric-ai"
    assert main(["--plugin", str(missing), "--agent", sys.executable]) == 2
    assert f"the plugin's program {missing} is not there" in capsys.readouterr().err


def test_a_folder_with_something_in_it_is_not_written_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    program = ["--plugin", sys.executable, "--agent", sys.executable]
    assert main([*program, "--keep", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_agent_that_does_not_come_up_is_shown_with_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = tmp_path / "agent"
    agent.write_text("#!/bin/sh\necho no port for me\nexit 3\n")
    agent.chmod(0o755)
    short = ["--seconds", "0.2", "--canary", "healthy"]
    assert main(["--plugin", sys.executable, "--agent", str(agent), *short]) == 2
    error = capsys.readouterr().err
    assert "canary-agent ended with 3" in error
    assert "no port for me" in error
