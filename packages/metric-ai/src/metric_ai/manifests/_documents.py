"""YAML files as values that know the line of each of their fields."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, TypeAlias

import yaml

from metric_ai.exits import CommandError

Path_: TypeAlias = tuple[str | int, ...]

_MOST_BYTES = 16 << 20
_MOST_NODES = 200_000
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:binary"})


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file, or one item of a List in it.

    Attributes:
        lines: of each field, by its path; the field's name where it has one. 1 is the first.
        doubles: paths of fields that stand there twice.
        blocks: lines of the first content line of block scalars (`|`, `>`), by path.
    """

    value: object
    lines: dict[Path_, int]
    doubles: tuple[Path_, ...] = ()
    blocks: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        """The line of a field, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def below(self, path: Path_) -> "Document":
        """The part of it at `path`."""
        value = self.value
        for name in path:
            value = value[name]  # type: ignore[index]  # the caller has seen it there
        depth = len(path)
        lines = {one[depth:]: line for one, line in self.lines.items() if one[:depth] == path}
        blocks = {one[depth:]: line for one, line in self.blocks.items() if one[:depth] == path}
        doubles = tuple(one[depth:] for one in self.doubles if one[:depth] == path)
        return Document(value, lines, doubles, blocks)


class BrokenYamlError(Exception):
    """Text that is no YAML; `line` and `column` count from 1."""

    def __init__(self, what: str, line: int, column: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column


def read_text(path: Path | str, stdin: TextIO) -> str:
    """A file's text, or standard input's where `path` is `-`.

    Raises:
        CommandError: it cannot be read, is too large or no UTF-8.
    """
    try:
        if str(path) == "-":
            data = stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(
            f"{path}: {error.strerror or error}", "name YAML files, or - for stdin"
        ) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: byte {error.start} is no UTF-8", "save it as UTF-8") from error
    if len(data) > _MOST_BYTES:
        raise CommandError(
            f"{path}: it is larger than {_MOST_BYTES >> 20} MiB", "is it a manifest?"
        )
    return text


def read_documents(text: str) -> Iterator[Document]:
    """The documents of a file; those before a fault in it too.

    Raises:
        BrokenYamlError: at the first place that is no YAML.
    """
    loader = None
    try:
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield _Reader(loader).document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" ({error.context})" if error.context else ""
        # What is missing at the end is told of the line after it.
        last = max(1, len(text.splitlines()))
        line, column = (min(last, mark.line + 1), mark.column + 1) if mark else (1, 1)
        raise BrokenYamlError(f"{error.problem}{context}", line, column) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        what = f"the character {error.character!a} is not allowed in YAML"
        raise BrokenYamlError(what, before.count("\n") + 1) from error
    except (RecursionError, ValueError, yaml.YAMLError) as error:
        deep = isinstance(error, RecursionError)
        raise BrokenYamlError("it is nested too deep" if deep else str(error)[:200], 1) from error
    finally:
        if loader is not None:
            loader.dispose()


class _Reader:
    """Turns nodes into values and remembers where they stood."""

    def __init__(self, loader: "yaml.SafeLoader") -> None:
        self._loader = loader
        self._lines: dict[Path_, int] = {}
        self._blocks: dict[Path_, int] = {}
        self._doubles: list[Path_] = []

    def document(self, node: yaml.Node) -> Document:
        self._lines[()] = node.start_mark.line + 1
        value = self._value(node, ())
        return Document(value, self._lines, tuple(self._doubles), self._blocks)

    def _value(self, node: yaml.Node, path: Path_) -> object:
        # Aliases of aliases grow without end.
        if len(self._lines) > _MOST_NODES:
            raise ValueError(f"it has more than {_MOST_NODES} values, aliases counted")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            self._blocks[path] = node.start_mark.line + 2
        # A date is a string to Kubernetes, which reads YAML as JSON.
        return node.value if node.tag in _TEXTS else self._loader.construct_object(node)

    def _item(self, node: yaml.Node, path: Path_) -> object:
        self._lines[path] = node.start_mark.line + 1
        return self._value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, object]:
        own = {key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"}
        if len(own) < len([key for key, _ in node.value]):
            self._note_doubles(node, path)
        self._loader.flatten_mapping(node)
        found: dict[str, object] = {}
        for key, value in node.value:
            name = str(key.value)
            self._lines[(*path, name)] = key.start_mark.line + 1
            found[name] = self._value(value, (*path, name))
        return found

    def _note_doubles(self, node: yaml.MappingNode, path: Path_) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                self._doubles.append((*path, name))
            seen.add(name)
