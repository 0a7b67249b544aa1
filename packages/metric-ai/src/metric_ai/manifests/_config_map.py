"""The ConfigMap `argo-rollouts-config`, by which the controller finds plugins when it starts.

Source: argo-rollouts v1.9.1, utils/config (`initializeConfig`) and utils/plugin/downloader.
"""

import re
from collections.abc import Iterator

from metric_ai.cluster import Json, mapping, mappings, name_of, text
from metric_ai.names import nearest
from rollouts_plugin_metric_ai import PLUGIN_NAME

from ._documents import BrokenYamlError, Document, read_documents
from ._findings import Problem

NAME = "argo-rollouts-config"
PLUGINS = "metricProviderPlugins"
_PATH: tuple[str | int, ...] = ("data", PLUGINS)
_ENTRY = ("name", "location", "sha256", "args", "headersFrom", "disabled")
_NAME = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE
)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def is_ours(config: Json) -> bool:
    """Whether it is the ConfigMap that names plugins."""
    return name_of(config) == NAME or PLUGINS in mapping(config, "data")


def config_problems(document: Document, config: Json) -> Iterator[tuple[int, Problem]]:
    """What is wrong with the list of metric provider plugins, each with its line."""
    listed = text(config, "data", PLUGINS)
    at = document.line(_PATH)
    if not listed:
        yield (
            at,
            Problem(_PATH, f"data.{PLUGINS}: found nothing, expected a list with {PLUGIN_NAME}"),
        )
        return
    first = document.blocks.get(_PATH, at)
    try:
        parts = list(read_documents(listed))
    except BrokenYamlError as error:
        yield first + error.line - 1, Problem(_PATH, f"data.{PLUGINS}: no YAML: {error.what}")
        return
    inner = parts[0] if parts else Document([], {})
    if not isinstance(inner.value, list):
        yield first, Problem(_PATH, f"data.{PLUGINS}: found no list; each entry begins with a dash")
        return
    for problem in _entries(inner):
        yield first + inner.line(problem.path) - 1, problem


def entry_of(config: Json) -> Json | None:
    """Our plugin's entry; None where there is none that can be read."""
    try:
        for document in read_documents(text(config, "data", PLUGINS)):
            for entry in mappings(document.value):
                if text(entry, "name") == PLUGIN_NAME:
                    return entry
    except BrokenYamlError:
        return None
    return None


def _entries(inner: Document) -> Iterator[Problem]:
    entries = inner.value if isinstance(inner.value, list) else []
    names = [text(entry, "name") for entry in entries]
    if PLUGIN_NAME not in names:
        near = nearest(PLUGIN_NAME, names)
        hint = f"; did you mean it by {near!a}?" if near else ""
        yield Problem((), f"{PLUGINS}: no entry is named {PLUGIN_NAME}{hint}")
    for index, entry in enumerate(entries):
        if text(entry, "name") == PLUGIN_NAME:
            yield from _entry(mapping(entry), index)
        elif not _NAME.fullmatch(text(entry, "name")):
            yield Problem(
                (index, "name"), f"name: found {text(entry, 'name')!a}, expected OWNER/NAME"
            )


def _entry(entry: Json, index: int) -> Iterator[Problem]:
    for name in entry:
        if name not in _ENTRY:
            near = nearest(str(name), _ENTRY)
            hint = f"; did you mean {near}?" if near else ""
            yield Problem((index, str(name)), f"{name!a} is not a field of a plugin's entry{hint}")
    location = text(entry, "location")
    if not location.startswith(("file://", "http://", "https://")):
        expected = "file://PATH in the controller's container, or https://…"
        yield Problem((index, "location"), f"location: found {location!a}, expected {expected}")
    yield from _sha256(entry, location, index)


def _sha256(entry: Json, location: str, index: int) -> Iterator[Problem]:
    digest = text(entry, "sha256")
    if location.startswith("http") and not digest:
        yield Problem(
            (index, "location"),
            "sha256 is missing: whoever serves that address decides what runs in the controller; "
            "the release has it in metric-ai-linux-*.sha256",
            "warning",
        )
    elif digest and not _SHA256.fullmatch(digest):
        yield Problem(
            (index, "sha256"), f"sha256: found {digest[:70]!a}, expected 64 hexadecimal digits"
        )
    elif digest and location.startswith("file://"):
        text_ = "sha256 is not looked at for file://: the controller checks downloads only"
        yield Problem((index, "sha256"), text_, "warning")
