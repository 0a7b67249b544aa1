"""`metric-ai --copy-to`: how the init container hands the executable on."""

import os
import subprocess
from pathlib import Path

import pytest
from running import plugin_file

from rollouts_plugin_metric_ai.copying import CopyError, copy_executable


def copied(target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [plugin_file(), "--copy-to", target],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )


def test_the_copy_is_the_same_file_and_everybody_may_run_it(tmp_path: Path) -> None:
    target = tmp_path / "metric-ai"
    done = copied(target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_bytes() == plugin_file().read_bytes()
    assert target.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["metric-ai"]
    again = subprocess.run(
        [target, "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert again.stdout.startswith("metric-ai ")


def test_an_older_copy_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "metric-ai"
    target.write_text("old")
    assert copied(target).returncode == 0
    assert target.read_bytes() == plugin_file().read_bytes()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = copied(tmp_path / "none" / "metric-ai")
    assert done.returncode == 1
    assert (
        done.stderr
        == f"metric-ai: cannot write {tmp_path}/none/metric-ai: No such file or directory\n"
    )


def test_a_target_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "metric-ai"
    target.mkdir()
    assert "cannot write" in copied(target).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["metric-ai"]


def test_sources_are_no_executable(tmp_path: Path) -> None:
    with pytest.raises(CopyError, match="expected the packed executable"):
        copy_executable(tmp_path / "metric-ai")
    assert list(tmp_path.iterdir()) == []
