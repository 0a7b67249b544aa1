"""Two folders of logs, one a side, in whatever form people have them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from canary_agent.collect import CollectError, ContainerLog, Sample, Side
from canary_verdict import CanaryRequest, SideName

_CHUNK = 1 << 20
_PREVIOUS = ".previous.log"
_MOST_FILES = 2000


class TwoFolders:
    """A source: stable's logs in one folder, the canary's in another.

    A folder holds `<pod>/<container>.log`, or plain files `<name>.log`, each of which counts as a pod of that
    name. Unlike the agent's `FolderSource`, which serves one folder of a strict form.
    """

    def __init__(self, stable: Path, canary: Path) -> None:
        self._stable = stable
        self._canary = canary

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`.

        Raises:
            CollectError: a folder is missing, or has no logs in it.
        """
        del request, cancelled
        return Sample(_side("stable", self._stable), _side("canary", self._canary))


def _side(name: SideName, folder: Path) -> Side:
    if not folder.is_dir():
        raise CollectError(f"--{name}-logs: {folder} is no folder")
    try:
        files = sorted(path for path in folder.rglob("*.log") if path.is_file())
    except OSError as error:
        raise CollectError(f"--{name}-logs: {folder}: {error.strerror or error}") from error
    if not files:
        raise CollectError(f"--{name}-logs: {folder} has no file *.log in it")
    if len(files) > _MOST_FILES:
        raise CollectError(
            f"--{name}-logs: {folder} has {len(files)} logs, expected at most {_MOST_FILES}"
        )
    return Side(tuple(_log(folder, path) for path in files))


def _log(folder: Path, path: Path) -> ContainerLog:
    container = path.name.removesuffix(_PREVIOUS).removesuffix(".log")
    parent = path.parent.relative_to(folder)
    return ContainerLog(
        pod=str(parent) if parent.name else container,
        container=container,
        read=lambda: _chunks(path),
        previous=path.name.endswith(_PREVIOUS),
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
