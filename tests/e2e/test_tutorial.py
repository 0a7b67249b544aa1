"""The commands of docs/tutorial.md, in their order, in the cluster that it starts."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
_SECONDS = 180.0


def test_the_tutorial_keeps_what_it_promises(
    playground: subprocess.Popen[bytes], folder: Path
) -> None:
    shell = Shell((folder / "output").read_text())
    begin, bad, good = commands()
    assert "watch" in begin[-1]
    for command in begin[1:-1]:
        shell.run(command)

    set_image, *looks = bad
    shell.run(set_image)
    shell.wait_for_phase("Degraded")
    seen = [shell.run(command) for command in looks]
    assert "Failed" in seen[0]
    assert "rootCause" in seen[1]
    assert "evidence" in seen[1]

    shell.run(good[0])
    shell.wait_for_phase("Healthy")
    assert "Successful" in shell.run(looks[0])


def commands() -> list[list[str]]:
    """Of sections 2 to 4, the lines to type into the second and third terminal."""
    sections = re.split(r"^## ", _PAGE.read_text(), flags=re.MULTILINE)
    found = [
        re.findall(r"^(?:export|kubectl) .*$", section, re.MULTILINE)
        for section in sections
        if section.startswith(("2.", "3.", "4."))
    ]
    assert [len(one) for one in found] == [3, 3, 1]
    return found


class Shell:
    """A terminal into which the playground's `export` line was copied."""

    def __init__(self, output: str) -> None:
        settings = dict(word.split("=", 1) for word in output.split() if "=" in word)
        folder = settings["PATH"].removesuffix(":$PATH")
        path = f"{folder}:{os.environ['PATH']}"
        self._environment = os.environ | {"KUBECONFIG": settings["KUBECONFIG"], "PATH": path}

    def run(self, command: str) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            ["bash", "-c", command],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def wait_for_phase(self, phase: str) -> None:
        """Waits until the shop's Rollout has settled in this phase."""
        # The generation tells that the controller has seen the change at all.
        look = (
            "kubectl get rollout shop -o"
            " jsonpath='{.metadata.generation} {.status.observedGeneration} {.status.phase}'"
        )
        deadline = time.monotonic() + _SECONDS
        while True:
            generation, observed, found = self.run(look).split()
            if generation == observed and found == phase:
                return
            assert time.monotonic() < deadline, self.run("kubectl get analysisruns -o yaml")
            time.sleep(0.5)
