"""The whole build, from the pinned source to the executable with its hash and bill of materials."""

import hashlib
import os
import tempfile
from pathlib import Path

from . import _archive
from ._contents import Contents
from ._deps import require
from ._distributions import distributions
from ._entry import entry
from ._interpreter import interpreter
from ._linked import libraries
from ._notices import NAME, notices
from ._sbom import bill
from ._source import read_pin
from ._steps import say
from ._sysroot import sysroot
from ._target import Target

_EXECUTABLE = 0o755


def build(target: Target, packages: Path, output: Path) -> Path:
    """Writes `metric-ai-linux-<arch>`, `.sha256` and `.cdx.json` beside it.

    For this machine's architecture `metric-ai` becomes that same file.

    Args:
        target: what to build for.
        packages: the folder that scripts/collect-plugin filled.
        output: the folder to write to.

    Returns:
        The executable.

    Raises:
        BuildError: it cannot be built.
    """
    pin = read_pin()
    libs = sysroot(target, require(target))
    python = interpreter(pin, target, libs)
    program = entry(python, target, libs)
    packed = distributions(packages, packages.with_name(f"{packages.name}.report.json"))
    contents = Contents(target, pin, libraries(target, libs), packed)
    with tempfile.TemporaryDirectory(prefix="metric-ai-build-") as scratch:
        staged, compiled = Path(scratch) / "staged", Path(scratch) / "compiled"
        _archive.stage(packages, staged)
        modules = _archive.compile_modules(python, staged, compiled)
        texts = {NAME: notices(python, contents)}
        data = _archive.executable(program, _archive.zip_of(compiled, staged, texts))
    path = output / f"metric-ai-linux-{target.arch}"
    digest = hashlib.sha256(data).hexdigest()
    _archive.replace(path, data, _EXECUTABLE)
    _archive.replace(path.with_name(f"{path.name}.sha256"), f"{digest}  {path.name}\n".encode())
    text = bill(path.name, digest, contents)
    _archive.replace(path.with_name(f"{path.name}.cdx.json"), text.encode())
    if target.native:
        _same_file(path, output / "metric-ai")
    say(f"{path}: {len(data) / 1e6:.1f} MB, {len(modules)} modules, sha256 {digest}")
    return path


def _same_file(path: Path, link: Path) -> None:
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    os.link(path, draft)
    draft.replace(link)
