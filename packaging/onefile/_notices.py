"""The notices of all that the executable holds; `metric-ai --licenses` prints them."""

from pathlib import Path

from ._contents import Contents
from ._interpreter import Interpreter
from ._steps import BuildError

NAME = "rollouts_plugin_metric_ai/NOTICES.txt"
"""Where they lie in the zip; cli.py reads them from there."""

_ROOT = Path(__file__).resolve().parents[2]
_LICENSES = Path("/usr/share/common-licenses")
_RULE = "=" * 78

_ABOUT = """\
metric-ai is licensed under the Apache License 2.0, which follows. This one file also holds, compiled
or linked in, with their notices after it:

  {names}

glibc and relinking
-------------------
This file is statically linked with the GNU C Library {glibc}, which is licensed
under the GNU Lesser General Public License, version 2.1 or later. You may modify that library and relink this program with
your modified version, and you may examine this program as far as debugging such changes needs it.
All that this takes is public: the complete source of metric-ai and its build recipe are the project's
repository at this version, and `make build` there fetches the pinned source of CPython
({python}), compiles it to the archive libpython.a, links that with the
libc.a of the machine's libc6-dev package, and appends the modules. To relink, install your modified glibc in place of that
package (or name it in the linking step, packaging/onefile/_entry.py) and run `make build` again. The
source of glibc {glibc} is Debian's source package of that version.
"""


def notices(interpreter: Interpreter, contents: Contents) -> str:
    """All notices as one text.

    Raises:
        BuildError: one of them is not there.
    """
    pin, libraries = contents.pin, contents.libraries
    foreign = [one for one in contents.packed if not one.ours]
    glibc = next(one for one in libraries if one.name == "glibc")
    named = [f"CPython {pin.upstream}", *(f"{one.name} {one.upstream}" for one in libraries)]
    named += [f"{one.name} {one.version}" for one in foreign]
    about = _ABOUT.format(
        names="\n  ".join(named), glibc=glibc.version, python=f"{pin.source} {pin.version}"
    )
    sections = [("metric-ai", about), ("metric-ai: Apache License 2.0", _read(_ROOT / "LICENSE"))]
    sections += [(f"CPython {pin.upstream}", _read(interpreter.folder / "LICENSE"))]
    sections += [
        (f"CPython {pin.upstream}: software in it", _read(interpreter.folder / "INCORPORATED"))
    ]
    sections += [
        (f"{one.name} {one.upstream} (Debian {one.version})", one.notice) for one in libraries
    ]
    sections += [(f"GNU {name}", _read(_LICENSES / name)) for name in ("LGPL-2.1", "GPL-3")]
    for one in foreign:
        if not one.notices:
            raise BuildError(f"found no license file in {one.name} {one.version}, expected one")
        sections += [(f"{one.name} {one.version}", text) for text in one.notices]
    return "\n".join(f"{_RULE}\n{title}\n{_RULE}\n\n{text.strip()}\n" for title, text in sections)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise BuildError(f"found no {path}, expected a notice there: {error.strerror}") from error
