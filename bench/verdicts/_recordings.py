"""The recordings of this repository: rounds of pods that ran side by side; see record/README.md."""

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).resolve().parent / "recordings"

PARTS = ("development", "test")
"""The engine is tuned on the first; the second is opened for the report only."""

DEVELOPMENT = frozenset({
    "apache", "etcd", "express", "fastapi", "flask", "go", "haproxy", "java", "nginx", "postgres",
    "redis", "shop",
})  # fmt: skip
"""Programs that the engine has been tuned on. All others are for the test: a program can be moved here, and
never back."""


def programs_of(part: str, folder: Path = RECORDINGS) -> list[str]:
    """The programs of one of `PARTS` that have recordings, by name."""
    recorded = {path.parent.name for path in folder.glob("*/round-*.tar.xz")}
    return sorted(name for name in recorded if (name in DEVELOPMENT) == (part == "development"))


@dataclass(frozen=True, slots=True)
class RecordedPod:
    """What is known of one pod; `facts` as `record._round` writes them."""

    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name within the round."""
        return str(self.facts["name"])

    @property
    def group(self) -> str:
        """What its siblings of the same scenario and level share: `dependency-down.twins`."""
        return self.name.rpartition("-")[0]

    @property
    def fault(self) -> str:
        """The kind of fault injected; empty for a healthy version."""
        return str(self.facts["fault"])

    @property
    def ends(self) -> Sequence[Mapping[str, Any]]:
        """How its earlier instances ended, oldest first."""
        return list(self.facts["ends"])

    @property
    def failed_hard(self) -> bool:
        """Whether Kubernetes itself would tell: its program ended on its own, or never became ready."""
        own = [end for end in self.ends if end["reason"] != "Unknown"]
        return bool(own) or self.facts["probeFailures"] >= 3 or not self.facts["ready"]


@dataclass(frozen=True, slots=True)
class Round:
    """Pods that ran side by side, and their logs by file name."""

    program: str
    number: int
    seconds: float
    pods: Sequence[RecordedPod]
    logs: Mapping[str, bytes]


def read_rounds(program: str, folder: Path = RECORDINGS) -> list[Round]:
    """All rounds of a program, in order.

    Raises:
        FileNotFoundError: there are none.
    """
    paths = sorted((folder / program).glob("round-*.tar.xz"))
    if not paths:
        raise FileNotFoundError(f"found no recordings of {program} in {folder}")
    return [_read(path) for path in paths]


def _read(path: Path) -> Round:
    with tarfile.open(path, "r:xz") as archive:
        files = {
            member.name: content.read()
            for member in archive
            if (content := archive.extractfile(member)) is not None
        }
    facts = json.loads(files.pop("round.json"))
    number = int(path.name.removeprefix("round-").split(".")[0])
    pods = [RecordedPod(pod) for pod in facts["pods"]]
    return Round(facts["program"], number, facts["seconds"], pods, files)
