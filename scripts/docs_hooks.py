"""What mkdocs runs over each page: reference text made from the programs, and links to files beside docs/.

    <!-- run: canary-agent serve --help -->    the command's output, in a fence
    <!-- schema: verdict -->                   a table of the fields of a JSON Schema of the contract

A command that fails, or a schema that is not there, fails the build.
"""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ROOT / "build" / "venv" / "demo" / "bin"
SCHEMAS = ROOT / "packages" / "canary-verdict" / "src" / "canary_verdict"
REPOSITORY = "https://github.com/argoproj-labs/rollouts-plugin-metric-ai/blob/main/"

_RUN = re.compile(r"^<!-- run: (.+) -->$", re.MULTILINE)
_SCHEMA = re.compile(r"^<!-- schema: (\w+) -->$", re.MULTILINE)
_OUTSIDE = re.compile(r"\]\(\.\./([^)]+)\)")
_SECONDS = 60


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by mkdocs with each page's text before it is rendered."""
    markdown = _RUN.sub(lambda match: _output(match[1]), markdown)
    markdown = _SCHEMA.sub(lambda match: _table(match[1]), markdown)
    return _OUTSIDE.sub(lambda match: f"]({REPOSITORY}{match[1]})", markdown)


def _output(command: str) -> str:
    program, *arguments = shlex.split(command)
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [PROGRAMS / program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    return f"```text\n{done.stdout.rstrip()}\n```"


def _table(name: str) -> str:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    rows = [f"| `{path}` | {kind} | {text} |" for path, kind, text in _fields(schema, schema, "")]
    return "\n".join(["| field | type | meaning |", "| --- | --- | --- |", *rows])


def _fields(
    root: dict[str, Any], schema: dict[str, Any], prefix: str
) -> Iterator[tuple[str, str, str]]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        resolved, path = _resolved(root, field), prefix + name
        text = resolved.get("description", "").replace("|", "\\|").replace("\n", " ")
        yield path, _kind(resolved) + (", required" if name in required else ""), text
        yield from _fields(root, resolved, f"{path}.")
        items = _resolved(root, resolved.get("items", {}))
        yield from _fields(root, items, f"{path}[].")


def _resolved(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if reference := schema.get("$ref"):
        found = root
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else kind
