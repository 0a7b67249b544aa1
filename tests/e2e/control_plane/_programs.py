"""The programs of the control plane, as scripts/build-control-plane left them in the cache."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Programs", "ProgramsMissingError", "built_programs"]

_ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = _ROOT / "scripts" / "build-control-plane"
_WHERE_SECONDS = 60


class ProgramsMissingError(Exception):
    """Nobody has built the control plane of this revision yet."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of executables: etcd, kube-apiserver, kube-controller-manager, kubectl,
    kubectl-argo-rollouts, rollouts-controller, kustomize and helm, and of Argo's own manifests.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """An executable; raises ProgramsMissingError where it is not there."""
        found = self.folder / name
        if not found.is_file():
            raise ProgramsMissingError(f"{found} is not there: remove the folder, build it again")
        return found

    def argo_manifests(self, file: str = "install.yaml") -> list[dict[str, Any]]:
        """The objects of one of Argo Rollouts' own manifest files."""
        text = (self.folder / "manifests" / file).read_text()
        # A third of a megabyte of CRDs: the loader in C reads it in half a second.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return [one for one in yaml.load_all(text, loader) if one]


def built_programs() -> Programs:
    """What was built for the pinned versions.

    Raises:
        ProgramsMissingError: nothing was; the text says how to.
    """
    answer = subprocess.run(
        [_SCRIPT, "--where"], capture_output=True, text=True, timeout=_WHERE_SECONDS, check=False
    )
    if answer.returncode:
        raise ProgramsMissingError(answer.stderr.strip())
    return Programs(Path(answer.stdout.strip()))
