"""Writes pairs as cases; see `_cases` for their form."""

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._faults import FAULTS
from ._kubernetes import PodName, event_objects, pod_object
from ._pairs import Pair
from ._recordings import RecordedPod

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # those of Kubernetes' own names


def write_cases(pairs: Sequence[Pair], folder: Path, seed: int) -> None:
    """Replaces the cases of `folder` by these, `<program>-<number>` each; the same pairs, the same bytes."""
    if folder.exists():
        shutil.rmtree(folder)
    numbers: dict[str, int] = {}
    for pair in pairs:
        program = pair.round.program
        numbers[program] = number = numbers.get(program, 0) + 1
        name = f"{program}-{number:03}"
        _write(pair, folder / name, random.Random(f"{seed}:{name}"))


def _write(pair: Pair, folder: Path, chance: random.Random) -> None:
    pods: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for side, recorded in (("stable", pair.stable), ("canary", pair.canary)):
        template_hash = _letters(chance, 9)
        for pod in recorded:
            name = PodName(
                pair.round.program,
                side,
                template_hash,
                f"{pair.round.program}-{template_hash}-{_letters(chance, 5)}",
            )
            _write_logs(pair, pod, folder / side / name.name)
            pods.append(pod_object(pod, name))
            events.extend(event_objects(pod, name))
    if pair.kubernetes:
        _write_json(folder / "kubernetes.json", {"pods": pods, "events": events})
    _write_json(folder / "case.json", _case(pair))


def _write_logs(pair: Pair, pod: RecordedPod, folder: Path) -> None:
    folder.mkdir(parents=True)
    for ending in (".log", ".previous.log"):
        content = pair.round.logs.get(pod.name + ending)
        if content is not None:
            (folder / f"app{ending}").write_bytes(content)


def _case(pair: Pair) -> dict[str, Any]:
    return {
        "expected": pair.expected,
        "fault": pair.fault or "none",
        "source": pair.round.program,
        "canaryShare": pair.share,
        "rootCause": FAULTS[pair.fault].cause if pair.fault else "",
        "evident": pair.evident,
        "scenario": pair.scenario,
        "recording": f"{pair.round.program}/round-{pair.round.number:02}",
        "recordedPods": {
            "stable": [pod.name for pod in pair.stable],
            "canary": [pod.name for pod in pair.canary],
        },
    }


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n")


def _letters(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(_LETTERS, k=count))
