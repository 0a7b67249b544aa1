"""From files to findings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from metric_ai.cluster import Json, mapping, name_of, text

from ._config_map import config_problems, is_ours
from ._documents import BrokenYamlError, Document, read_documents
from ._findings import Finding, Level
from ._templates import KINDS, asks_us, template_problems


@dataclass
class Checked:
    """What was looked at, and what was found.

    Attributes:
        templates: those that ask our plugin, each with its file and lines.
        objects: how many objects there was something to check in.
    """

    findings: list[Finding] = field(default_factory=list)
    templates: list[tuple[str, Document]] = field(default_factory=list)
    objects: int = 0


def check_text(file: str, content: str, checked: Checked) -> None:
    """Adds what is found in one file."""
    try:
        for document in read_documents(content):
            for part in _objects(document):
                _check_object(file, part, checked)
    except BrokenYamlError as error:
        what = f"no YAML from here on: {error.what}, column {error.column}"
        checked.findings.append(Finding(file, error.line, "error", "", what))
    checked.findings.sort(key=lambda one: (one.file, one.line))


def _objects(document: Document) -> Iterator[Document]:
    kind = text(document.value, "kind")
    items = mapping(document.value).get("items")
    if kind.endswith("List") and isinstance(items, list):
        for index in range(len(items)):
            yield document.below(("items", index))
    else:
        yield document


def _check_object(file: str, document: Document, checked: Checked) -> None:
    value = mapping(document.value)
    if text(value, "kind") in KINDS and asks_us(value):
        checked.templates.append((file, document))
        lines = [(document.line(one.path), one) for one in template_problems(value)]
    elif text(value, "kind") == "ConfigMap" and is_ours(value):
        lines = list(config_problems(document, value))
    else:
        return
    checked.objects += 1
    about = about_of(value)
    for line, problem in lines:
        checked.findings.append(Finding(file, line, problem.level, about, problem.text))
    for path in document.doubles:
        level: Level = "error"
        what = f"{path[-1]!a} stands here twice; Kubernetes takes the last one, or none"
        checked.findings.append(Finding(file, document.line(path), level, about, what))


def about_of(value: Json) -> str:
    """As kubectl names an object."""
    return f"{text(value, 'kind')} {name_of(value) or '(no name)'}"
