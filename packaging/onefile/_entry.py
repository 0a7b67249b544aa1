"""The program without its modules: main.c linked with CPython and the system's static libraries."""

import hashlib
from pathlib import Path

from ._cache import cached
from ._interpreter import Interpreter
from ._steps import run, say
from ._sysroot import Sysroot
from ._target import Target

_SOURCE = Path(__file__).with_name("main.c")
_COMPILE = ("-O2", "-Wall", "-Wextra", "-Werror")
_LINK = ("-static", "-s", "-Wl,--gc-sections", "-Wl,-O1", "-Wl,--build-id=none")
_SECONDS = 300.0


def entry(interpreter: Interpreter, target: Target, sysroot: Sysroot) -> Path:
    """The stripped program, linked when the cache does not have it."""
    inputs = {
        "interpreter": interpreter.folder.name,
        "source": hashlib.sha256(_SOURCE.read_bytes()).hexdigest(),
        "compile": _COMPILE,
        "link": _LINK,
    }

    def link(folder: Path) -> None:
        say("link main.c with CPython, OpenSSL, zlib and glibc")
        log = folder / "log"
        compiler = target.tool("gcc")
        objects = folder / "main.o"
        include = f"-I{interpreter.folder / 'include'}"
        run([compiler, *_COMPILE, include, "-c", _SOURCE, "-o", objects], log=log, seconds=_SECONDS)
        archives = sorted(interpreter.link.glob("*.a"), key=lambda path: path.name != "libpython.a")
        flags = (interpreter.link / "flags").read_text().split()
        # The linker warns of getservbyname and the like, which would look for shared libraries where
        # nsswitch.conf names some; main.c has it name none.
        run(
            [
                *(compiler, *_LINK),
                *("-o", folder / "metric-ai"),
                *(objects, *archives),
                *(*sysroot.link_flags.split(), *flags),
            ],
            log=log,
            seconds=_SECONDS,
        )

    return cached(f"entry-{target.arch}", inputs, link) / "metric-ai"
