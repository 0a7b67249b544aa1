"""The two commands' options, and what they print."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from canary_agent.collect import CollectError
from canary_agent.models import ModelsError, Panel, PanelSettings, parse_models, read_models

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = ("replay", "eval")
_REPLAY = """\
Judges what bundles hold with another model, prompt or policy, and compares. With none of them the recorded
answers of models count again, and nobody is asked. Keys come from the environment, as for serve.
"""
_EVAL = """\
Scores the agent on labelled cases, DATASET/<case>/case.json with `expected` (promote, rollback or not-promote)
beside stable/, canary/ and kubernetes.json, and writes a report as one HTML file. Without --model the evidence
alone is scored. Needs canary-agent[eval].
"""
_MAX_FILE = 1 << 20


class OfflineError(Exception):
    """A command cannot be done; says what was found and what to do."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds both commands to the program's."""
    replay = commands.add_parser(
        "replay",
        help="judge bundles with another model, prompt or policy, and compare",
        description=_REPLAY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE")
    replay.add_argument(
        "--prompt-file", type=Path, metavar="FILE", help="what models are told before the digest"
    )
    replay.add_argument(
        "--extra-prompt", metavar="TEXT", help="instead of the request's extraPrompt"
    )
    replay.add_argument(
        "--policy", type=Path, metavar="FILE", help="JSON, instead of the request's policy"
    )
    score = commands.add_parser(
        "eval",
        help="score the agent on labelled cases",
        description=_EVAL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.add_argument("dataset", type=Path, metavar="DATASET")
    score.add_argument("--prompt-file", type=Path, metavar="FILE", help="as for replay")
    score.add_argument(
        "--html", type=Path, metavar="FILE", default=Path("eval.html"), help="report (eval.html)"
    )
    for command in (replay, score):
        command.add_argument("--model", metavar="NAMES", default="", help="as --models of serve")
        command.add_argument(
            "--model-seconds",
            type=float,
            default=60.0,
            metavar="SECONDS",
            help="for one model (60)",
        )
        command.add_argument(
            "-o", "--output", choices=("table", "json"), default="table", help="what is printed"
        )


def run(parsed: argparse.Namespace) -> int:
    """Runs one of the commands; returns its exit code: 1 where a bundle or case has no verdict."""
    try:
        panel = _panel(parsed)
        document, text = (
            _replay(parsed, panel) if parsed.command == "replay" else _eval(parsed, panel)
        )
    except (ModelsError, OfflineError) as error:
        print(f"canary-agent: {error}", file=sys.stderr)
        return 2
    print(json.dumps(document, indent=1, ensure_ascii=False) if parsed.output == "json" else text)
    return 1 if document["summary"]["errors"] else 0


def _panel(parsed: argparse.Namespace) -> Panel | None:
    if not parsed.model:
        if parsed.prompt_file:
            raise OfflineError("--prompt-file: a model has to read it; name one with --model")
        return None
    settings = PanelSettings(seconds=parsed.model_seconds)
    models = read_models(os.environ, parsed.model, settings)
    from canary_agent.models.asking import model_panel  # noqa: PLC0415 - takes seconds

    return model_panel(models, _text(parsed.prompt_file) if parsed.prompt_file else "")


def _replay(parsed: argparse.Namespace, panel: Panel | None) -> "tuple[Mapping[str, Any], str]":
    from ._replay import Changes, replay, summary_of, table_of  # noqa: PLC0415 - as above

    policy = _text(parsed.policy) if parsed.policy else None
    rows = replay(parsed.bundles, panel, Changes(policy, parsed.extra_prompt))
    document = {"bundles": [row.to_json() for row in rows], "summary": summary_of(rows)}
    return document, table_of(rows)


def _eval(parsed: argparse.Namespace, panel: Panel | None) -> "tuple[Mapping[str, Any], str]":
    try:
        from ._evaluate import evaluate  # noqa: PLC0415 - an extra
        from ._html import page  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise OfflineError(
            f"eval needs the package {error.name}, which is not installed: "
            "pip install 'canary-agent[eval]'"
        ) from error
    try:
        scores = evaluate(parsed.dataset, panel)
    except CollectError as error:
        raise OfflineError(str(error)) from error
    models = parse_models(parsed.model)
    asked = ", ".join("|".join(map(str, voter)) for voter in models) or "evidence alone"
    title = f"{parsed.dataset.resolve().name}, {asked}"
    try:
        parsed.html.write_text(page(scores, title), "utf-8")
    except OSError as error:
        raise OfflineError(f"--html: {parsed.html} cannot be written: {error.strerror}") from error
    return scores.to_json(), f"{scores.table()}\nreport: {parsed.html}"


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MAX_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise OfflineError(f"{path} cannot be read: {error}") from error
