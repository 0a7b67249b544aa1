"""CPython without shared libraries: configured, compiled, and kept as archives to link against."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ._cache import cache_folder, cached
from ._deps import require
from ._source import Pin, fetch
from ._steps import run, say
from ._sysroot import Sysroot, sysroot
from ._target import Target, target_named

# Bump it when this file changes in a way that the options below do not tell.
_RECIPE = 2
_COMPILE_SECONDS = 5400.0
_CONFIGURE_SECONDS = 1800.0
_FILES = 290  # about as many are compiled

# Extension modules that neither the plugin nor what it imports needs. Without them no further
# library has to be linked, and the file is smaller.
MODULES_OFF = (
    *(
        "_bz2",
        "_codecs_cn",
        "_codecs_hk",
        "_codecs_iso2022",
        "_codecs_jp",
        "_codecs_kr",
        "_codecs_tw",
    ),
    *(
        "_csv",
        "_ctypes",
        "_ctypes_test",
        "_curses",
        "_curses_panel",
        "_dbm",
        "_decimal",
        "_elementtree",
    ),
    *("_gdbm", "_interpchannels", "_interpqueues", "_interpreters", "_lsprof", "_lzma"),
    *("_multibytecodec", "_multiprocessing", "_posixshmem", "_scproxy", "_sqlite3", "_statistics"),
    *("_tkinter", "_uuid", "_xxtestfuzz", "_zoneinfo", "cmath", "mmap", "pyexpat", "readline"),
    *("syslog", "xxlimited", "xxlimited_35", "xxsubtype"),
)
CONFIGURE = (
    "--prefix=/metric-ai",
    "--disable-shared",
    "--disable-test-modules",
    "--without-doc-strings",
    "--without-ensurepip",
    "--without-mimalloc",
    "--without-readline",
)
ENVIRONMENT = {
    "MODULE_BUILDTYPE": "static",
    "LDFLAGS": "-static",
    "LINKFORSHARED": " ",
    "CFLAGS": "-g0 -ffunction-sections -fdata-sections",
    "SOURCE_DATE_EPOCH": "315532800",  # what __DATE__ says; the first day that a zip can tell
    "LC_ALL": "C.UTF-8",
    **{f"py_cv_module_{name}": "n/a" for name in MODULES_OFF},
}
# Parts of the standard library that are large and never packed.
_LEFT_OUT = ("__pycache__", "ensurepip", "idlelib", "lib2to3", "test", "tkinter", "turtledemo")


@dataclass(frozen=True)
class Interpreter:
    """A compiled CPython, as a folder.

    Attributes:
        folder: `lib/` the standard library's sources, `link/` archives, `include/` headers, notices.
        build_python: runs on this machine; of the same version.
    """

    folder: Path
    build_python: Path

    @property
    def library(self) -> Path:
        """The standard library's sources."""
        return next((self.folder / "lib").iterdir())

    @property
    def link(self) -> Path:
        """`libpython.a`, further archives, and `flags`: what they need from the system."""
        return self.folder / "link"


def interpreter(pin: Pin, target: Target, libraries: Sysroot) -> Interpreter:
    """The interpreter for `target`, compiled when the cache does not have it."""
    native = None if target.native else _native_python(pin)
    inputs = {
        "recipe": _RECIPE,
        "source": vars(pin),
        "arch": target.arch,
        "configure": CONFIGURE,
        "environment": ENVIRONMENT,
        "packages": dict(libraries.versions),
    }
    folder = cached(
        f"cpython-{target.arch}",
        inputs,
        lambda draft: _Build(target, libraries, draft, native).make(pin),
    )
    return Interpreter(folder, native or folder / "bin" / "python")


def _native_python(pin: Pin) -> Path:
    """Another machine's CPython is built, and its modules compiled, with one of this machine."""
    here = target_named(None)
    return interpreter(pin, here, sysroot(here, require(here))).build_python


class _Build:
    """One compilation, in a scratch folder beside the cache."""

    def __init__(self, target: Target, sysroot: Sysroot, into: Path, native: Path | None) -> None:
        self._target = target
        self._sysroot = sysroot
        self._into = into
        self._native = native
        self._scratch = cache_folder() / f"work-{target.arch}-{os.getpid()}"
        self._log = cache_folder() / f"cpython-{target.arch}.log"

    def make(self, pin: Pin) -> None:
        self._scratch.mkdir()
        self._log.unlink(missing_ok=True)
        try:
            source = fetch(pin, self._scratch)
            objects = self._scratch / "objects"
            objects.mkdir()
            self._compile(source, objects)
            self._keep(pin, source, objects)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _compile(self, source: Path, objects: Path) -> None:
        say(f"configure CPython for {self._target.arch} (2 minutes; log: {self._log})")
        flags = f"{ENVIRONMENT['CFLAGS']} {self._sysroot.compile_flags}"
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "CFLAGS": flags.strip(),
            "LDFLAGS": f"{ENVIRONMENT['LDFLAGS']} {self._sysroot.link_flags}".strip(),
        }
        run(
            # The folder is named relatively, so that no path of this machine gets into the file.
            [f"../{source.name}/configure", *CONFIGURE, *self._cross()],
            log=self._log,
            seconds=_CONFIGURE_SECONDS,
            cwd=objects,
            env=environment,
        )
        jobs = os.cpu_count() or 1
        say(f"compile CPython with {jobs} processes (7 minutes on two idle cores, 20 on busy ones)")
        run(
            ["make", f"-j{jobs}", "python"],
            log=self._log,
            seconds=_COMPILE_SECONDS,
            cwd=objects,
            env=environment,
            progress=lambda: f"{sum(1 for _ in objects.rglob('*.o'))} of about {_FILES} files",
        )

    def _cross(self) -> list[str]:
        if self._native is None:
            return []
        return [
            f"--build={os.uname().machine}-linux-gnu",
            f"--host={self._target.triplet}",
            f"--with-build-python={self._native}",
            "ac_cv_file__dev_ptmx=yes",
            "ac_cv_file__dev_ptc=no",
            "ac_cv_buggy_getaddrinfo=no",
        ]

    def _keep(self, pin: Pin, source: Path, objects: Path) -> None:
        say("keep what linking needs")
        library = self._into / "lib" / pin.source
        ignored = shutil.ignore_patterns(*_LEFT_OUT)
        shutil.copytree(source / "Lib", library, ignore=ignored)
        (library / "lib-dynload").mkdir()  # looked for at the start, and missed with a warning
        shutil.copytree(source / "Include", self._into / "include")
        shutil.copy2(objects / "pyconfig.h", self._into / "include" / "pyconfig.h")
        shutil.copy2(source / "LICENSE", self._into / "LICENSE")
        shutil.copy2(source / "Doc" / "license.rst", self._into / "INCORPORATED")
        link = self._into / "link"
        link.mkdir()
        (archive,) = objects.glob("libpython3.*.a")
        shutil.copy2(archive, link / "libpython.a")
        self._keep_flags(objects, link)
        if self._native is None:
            self._keep_python(objects)

    def _keep_flags(self, objects: Path, link: Path) -> None:
        printed = link / "flags"
        run(
            [
                *("make", "--no-print-directory", "--silent"),
                *("--eval", "print-flags: ; @echo $(LIBS) $(MODLIBS) $(SYSLIBS)", "print-flags"),
            ],
            log=printed,
            seconds=60.0,
            cwd=objects,
        )
        flags = []
        for flag in printed.read_text().split():
            if flag.endswith(".a"):
                shutil.copy2(objects / flag, link / Path(flag).name)
            else:
                flags.append(flag)
        printed.write_text(" ".join(flags) + "\n")

    def _keep_python(self, objects: Path) -> None:
        """The plain interpreter: compiles the modules, here and for other machines."""
        python = self._into / "bin" / "python"
        python.parent.mkdir()
        shutil.copy2(objects / "python", python)
        run(["strip", python], log=self._log, seconds=60.0)
