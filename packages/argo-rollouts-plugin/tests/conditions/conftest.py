"""Answers recorded from Argo, and Argo itself."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from go_programs import go_program

HERE = Path(__file__).parent
SECONDS = 100


@pytest.fixture
def recorded_conditions() -> list[dict[str, Any]]:
    """Conditions with Argo's answers; `refused` marks those that this package refuses."""
    lines = (HERE / "recorded.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def from_oracle_json() -> Callable[[Any], Any]:
    """Undoes what stands for floats that JSON cannot say."""

    def decode(value: Any) -> Any:
        if isinstance(value, dict):
            if "$float" in value:
                return float(value["$float"])
            return {key: decode(item) for key, item in value.items()}
        return [decode(item) for item in value] if isinstance(value, list) else value

    return decode


@pytest.fixture(scope="session")
def ask_oracle() -> Callable[[list[dict[str, Any]]], list[dict[str, str]]]:
    """What Argo makes of conditions: `{"phase": ...}` or `{"error": ...}` for each."""

    def ask(questions: list[dict[str, Any]]) -> list[dict[str, str]]:
        done = subprocess.run(
            [go_program("conditions")],
            input="".join(json.dumps(question) + "\n" for question in questions),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask
