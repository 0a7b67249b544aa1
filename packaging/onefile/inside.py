"""Finds and compiles the modules to be packed; runs in the interpreter that was just built.

It stands alone, because that interpreter sees no other module of this recipe. Usage:
`python -IS -X no_debug_ranges inside.py < REQUEST > ANSWER`, both JSON:

- request: `packages` and `library`, folders with sources; `absent`, names of modules and packages that
  are not packed; `excluded`, the same, but only where the library imports them: what the packages
  import is needed; `roots`, modules of the library imported by name only; `output`, where compiled
  modules go.
- answer: `modules`, the names packed; `missing`, names that are imported and not there, with the modules
  that import them.
"""

import ast
import importlib.util
import json
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path

# Docstrings of the standard library stay out; the project's own and its dependencies' modules are
# compiled as they are, since dataclasses look at theirs.
_NO_DOCSTRINGS = 2
# PEP 552: compiled from a source of that hash, which nobody looks at again.
_UNCHECKED = (1).to_bytes(4, "little")


class Closure:
    """All modules that can be reached from the packages by import statements, wherever they stand.

    Args:
        packages: the folder of the plugin's packages; all of their modules are reached.
        library: the standard library's folder.
        absent: names that are passed by.
        excluded: names that are passed by where the library imports them.
    """

    def __init__(
        self, packages: Path, library: Path, absent: frozenset[str], excluded: frozenset[str]
    ) -> None:
        self._packages = packages
        self._folders = (packages, library)
        self._absent = absent
        self._excluded = excluded
        self.modules: dict[str, Path] = {}
        self.missing: dict[str, set[str]] = {}

    def add(self, name: str, importer: str) -> bool:
        """Takes a module in, with its parents and all that it imports; False when there is none."""
        if self._passed_by(name, importer):
            return True
        if name in self.modules or name in sys.builtin_module_names:
            return True
        path = self._find(name)
        if path is None:
            return False
        parent = name.rpartition(".")[0]
        if parent:
            self.add(parent, importer)
        self.modules[name] = path
        self._follow(name, path)
        return True

    def _passed_by(self, name: str, importer: str) -> bool:
        parts = name.split(".")
        names = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if names & self._absent:
            return True
        home = self.modules.get(importer)
        return bool(names & self._excluded) and home is not None and self._in_library(home)

    def _in_library(self, path: Path) -> bool:
        return not path.is_relative_to(self._packages)

    def _find(self, name: str) -> Path | None:
        relative = Path(*name.split("."))
        for folder in self._folders:
            for path in (folder / relative / "__init__.py", folder / relative.with_suffix(".py")):
                if path.is_file():
                    return path
        return None

    def _follow(self, name: str, path: Path) -> None:
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for wanted, parts in _imports(ast.parse(path.read_bytes()), package):
            if not self.add(wanted, name):
                self.missing.setdefault(wanted, set()).add(name)
            for part in parts:  # a module, or else a name in one
                self.add(f"{wanted}.{part}", name)


def _imports(tree: ast.AST, package: str) -> Iterator[tuple[str, list[str]]]:
    """Each import statement that runs: the module, and the names taken from it."""
    for node in _running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, []
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            wanted = importlib.util.resolve_name(base, package) if node.level else base
            yield wanted, [alias.name for alias in node.names]


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module, without what only type checkers read."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for statement in child.orelse:
                yield statement
                yield from _running(statement)
        else:
            yield child
            yield from _running(child)


def compile_module(name: str, path: Path, output: Path, optimize: int) -> None:
    """Writes `a/b.pyc`: never compared with a source, and with no path of this machine in it."""
    relative = Path(*name.split("."))
    if path.name == "__init__.py":
        relative /= "__init__"
    source = path.read_bytes()
    shown = f"{relative}.py"
    code = compile(source, shown, "exec", dont_inherit=True, optimize=optimize)
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source)
    target = output / f"{relative}.pyc"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(header + marshal.dumps(code))


def _names(packages: Path) -> Iterator[str]:
    for path in sorted(packages.rglob("*.py")):
        parts = path.relative_to(packages).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def main() -> None:
    """Answers the request on stdin."""
    request = json.load(sys.stdin)
    packages, library = Path(request["packages"]), Path(request["library"])
    absent, excluded = frozenset(request["absent"]), frozenset(request["excluded"])
    closure = Closure(packages, library, absent, excluded)
    for name in (*_names(packages), *request["roots"]):
        if not closure.add(name, "the request"):
            closure.missing.setdefault(name, set()).add("the request")
    for name, path in closure.modules.items():
        optimize = _NO_DOCSTRINGS if path.is_relative_to(library) else 0
        compile_module(name, path, Path(request["output"]), optimize)
    answer = {
        "modules": sorted(closure.modules),
        "missing": {name: sorted(by) for name, by in sorted(closure.missing.items())},
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
