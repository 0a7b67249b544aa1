"""A small round of recorded pods, made by hand, and cases made of it."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).resolve().parents[2])
)  # bench is run from here, not installed

from bench.verdicts._pairs import choose_pairs
from bench.verdicts._recordings import RecordedPod, Round
from bench.verdicts._write import write_cases

MakePod = Callable[..., RecordedPod]
MakeRound = Callable[..., Round]


def _log(lines: int, errors: int) -> bytes:
    """A service's log: one line in ten is a warning, and there are `errors` refused connections."""
    text = [
        f"2026-01-31T12:00:{n % 60:02}Z {'WARN slow' if n % 10 == 9 else 'INFO served'} request {n}"
        for n in range(lines)
    ]
    text += [
        f"2026-01-31T12:01:{n % 60:02}Z ERROR connection to db:5432 refused ({n})"
        for n in range(errors)
    ]
    return "".join(f"{line}\n" for line in text).encode()


@pytest.fixture
def pod_of() -> MakePod:
    def make(name: str, level: str, fault: str = "", **facts: object) -> RecordedPod:
        return RecordedPod(
            {
                "name": name,
                "scenario": name.partition(".")[0],
                "fault": fault,
                "level": level,
                "requests": 100,
                "sign": "ERROR .*refused" if fault else "",
                "startedAt": 1_790_000_000.0,
                "running": True,
                "ready": True,
                "ends": [],
                "probeFailures": 0,
                **facts,
            }
        )

    return make


@pytest.fixture
def round_of(pod_of: MakePod) -> MakeRound:
    def make(*canaries: RecordedPod, errors: Mapping[str, int] | None = None) -> Round:
        pods = [*(pod_of(f"stable-{n}", "stable") for n in range(1, 5)), *canaries]
        logs = {f"{pod.name}.log": _log(200, (errors or {}).get(pod.name, 0)) for pod in pods}
        return Round("orders", 1, 20.0, pods, logs)

    return make


@pytest.fixture
def mixed_round(pod_of: MakePod, round_of: MakeRound) -> Round:
    """A healthy canary, one with many errors, and one that crashes again and again without a word."""
    ends = [{"at": 1_790_000_005.0 + n, "exitCode": 1, "reason": "Error"} for n in range(3)]
    return round_of(
        pod_of("next.full-1", "full"),
        pod_of("down.full-1", "full", "connection-refused"),
        pod_of("gone.full-1", "full", "killed", sign="", ends=ends, running=False, ready=False),
        errors={"down.full-1": 40},
    )


@pytest.fixture
def cases(mixed_round: Round, tmp_path: Path) -> Path:
    """A folder of cases, some of each kind."""
    folder = tmp_path / "cases"
    write_cases(choose_pairs([mixed_round], 40, seed=1), folder, seed=1)
    return folder
