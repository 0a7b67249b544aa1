"""The executable copies itself: an image that holds nothing else needs no shell to hand it on."""

import contextlib
import os
import shutil
from pathlib import Path


class CopyError(Exception):
    """The executable could not be copied; the text names what is in the way."""


def copy_executable(target: Path, module: str = __file__) -> None:
    """Writes this executable to `target`, in one step: whoever looks sees all of it or nothing.

    Args:
        target: the new file; its folder must be there.
        module: where this code was loaded from; a path that leads through the executable.

    Raises:
        CopyError: this is no packed executable, or the file cannot be written.
    """
    source = next((path for path in Path(module).parents if path.is_file()), None)
    if source is None:
        raise CopyError(
            "found the package's sources, expected the packed executable: see make build"
        )
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, draft)
        draft.chmod(0o755)  # the controller runs as another user than the one who copies
        draft.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise CopyError(f"cannot write {target}: {error.strerror or error}") from error
