"""What killed plugins leave behind is swept by the next one, and nothing else is."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from goplugin.runtime._private_folder import PrivateFolder, sweep


def dead_folder(parent: Path) -> Path:
    """The folder of a plugin that was killed, with its socket."""
    code = (
        "import os, socket, sys\n"
        "from goplugin.runtime._private_folder import PrivateFolder\n"
        "folder = PrivateFolder(sys.argv[1])\n"
        "socket.socket(socket.AF_UNIX).bind(folder.path + '/socket')\n"
        "print(folder.path, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, parent],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    path = Path(done.stdout.strip())
    assert (path / "socket").is_socket()
    return path


def test_the_folder_of_a_killed_plugin_is_removed_and_that_of_a_living_one_stays(
    tmp_path: Path,
) -> None:
    living = PrivateFolder(str(tmp_path))
    dead = [dead_folder(tmp_path) for _ in range(2)]
    assert sweep(str(tmp_path)) == 2
    assert not any(path.exists() for path in dead)
    assert list(tmp_path.iterdir()) == [Path(living.path)]
    living.close()
    living.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["plugin12345", "plugin" + "G" * 16, "other" + "0" * 16])
def test_a_folder_of_another_name_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert sweep(str(tmp_path)) == 0
    assert (tmp_path / name).is_dir()


def test_a_link_and_a_file_of_such_a_name_stay(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "socket").touch()
    (tmp_path / f"plugin{'0' * 16}").symlink_to(target)
    (tmp_path / f"plugin{'1' * 16}").touch()
    assert sweep(str(tmp_path)) == 0
    assert (target / "socket").exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_with_anything_else_in_it_stays(tmp_path: Path) -> None:
    folder = dead_folder(tmp_path)
    (folder / "other").touch()
    sweep(str(tmp_path))
    assert (folder / "other").exists()


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert sweep(str(tmp_path / "none")) == 0


def test_a_folder_taken_for_a_dead_one_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = fcntl.flock, 0

    def taken_once(descriptor: int, operation: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise BlockingIOError
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", taken_once)
    folder = PrivateFolder(str(tmp_path))
    assert calls == 2
    assert Path(folder.path).is_dir()
    folder.close()


def test_it_gives_up_where_folders_are_taken_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(descriptor: int, operation: int) -> None:
        raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", taken)
    with pytest.raises(OSError, match="keep sweeping"):
        PrivateFolder(str(tmp_path))


def test_without_locks_it_works_and_nothing_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    folder = PrivateFolder(str(tmp_path))
    assert sweep(str(tmp_path)) == 0
    assert os.path.isdir(folder.path)  # noqa: PTH112 - the path is a text
    folder.close()
    assert not list(tmp_path.iterdir())
