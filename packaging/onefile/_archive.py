"""The zip of compiled modules, and the executable that carries it."""

import io
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ._interpreter import Interpreter
from ._modules import ABSENT, EXCLUDED, ROOTS
from ._steps import BuildError

_EPOCH = (1980, 1, 1, 0, 0, 0)
_COMPILE_SECONDS = 600.0
_SEAL = b"METRIC-AI-FILE-SIZE:"
_SEAL_DIGITS = 20
_HERE = Path(__file__).parent
_NO_DATA = {".py", ".pyc", ".pyi", ".typed"}


def stage(packages: Path, folder: Path) -> None:
    """Copies the plugin's packages to `folder`, without what describes their distributions.

    Raises:
        BuildError: there is a shared library among them, which the executable could not load.
    """
    ignored = shutil.ignore_patterns("*.dist-info", "__pycache__", "bin")
    shutil.copytree(packages, folder, ignore=ignored)
    foreign = [path.name for path in folder.rglob("*") if path.suffix in {".so", ".pyd"}]
    if foreign:
        raise BuildError(f"found shared libraries {foreign}, expected pure Python only")


def compile_modules(interpreter: Interpreter, packages: Path, output: Path) -> list[str]:
    """Compiles all modules that the packages reach.

    Returns:
        Their names.

    Raises:
        BuildError: something is imported that is neither there nor in the reviewed list.
    """
    request = {
        "packages": str(packages),
        "library": str(interpreter.library),
        "absent": ABSENT,
        "excluded": EXCLUDED,
        "roots": ROOTS,
        "output": str(output),
    }
    done = subprocess.run(
        [interpreter.build_python, "-IS", "-X", "no_debug_ranges", _HERE / "inside.py"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=_COMPILE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"inside.py failed: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout)
    if answer["missing"]:
        lines = [f"{name} (by {', '.join(by[:3])})" for name, by in answer["missing"].items()]
        raise BuildError(
            f"imported and not found: {'; '.join(lines)}; a module that the plugin needs has to be "
            f"compiled in (_interpreter.py), one that it does not belongs in _modules.py"
        )
    modules: list[str] = answer["modules"]
    return modules


def zip_of(compiled: Path, staged: Path, texts: Mapping[str, str]) -> bytes:
    """A stored zip with sorted entries and fixed times, so that the same inputs give the same bytes.

    Args:
        compiled: the folder of compiled modules.
        staged: the packages, for files that they read, such as JSON schemas.
        texts: further files by name.
    """
    content: dict[str, bytes] = {name: text.encode() for name, text in texts.items()}
    for path in compiled.rglob("*.pyc"):
        content[path.relative_to(compiled).as_posix()] = path.read_bytes()
    for path in staged.rglob("*"):
        if path.is_file() and path.suffix not in _NO_DATA:
            content[path.relative_to(staged).as_posix()] = path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content[name])
    return buffer.getvalue()


def executable(entry: Path, archive: bytes) -> bytes:
    """The program with its modules behind it, and its own size written into it.

    Raises:
        BuildError: the program has no place for its size.
    """
    program = entry.read_bytes()
    if program.count(_SEAL) != 1:
        raise BuildError(f"found {program.count(_SEAL)} seals in {entry}, expected 1")
    start = program.index(_SEAL) + len(_SEAL)
    size = f"{len(program) + len(archive):0{_SEAL_DIGITS}d}".encode()
    return program[:start] + size + program[start + _SEAL_DIGITS :] + archive


def replace(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes a file in one step: a process that runs the older one is not disturbed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.chmod(mode)
    draft.replace(path)
