"""`make cluster`, and that a control plane whose owner is killed leaves nothing running."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from control_plane import built_programs
from running import wait_for

pytestmark = pytest.mark.e2e

_PARTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "rollouts-controller",
    "canary-agent",
    "-m kubelet",
    "-m shop.traffic",
    "-m shop --version",
)


def test_a_killed_cluster_leaves_nothing_running(
    playground: subprocess.Popen[bytes], folder: Path
) -> None:
    commands = descendants(playground.pid)
    for program in _PARTS:
        assert any(program in command for command in commands.values()), (program, commands)

    output = (folder / "output").read_text()
    settings = dict(word.split("=", 1) for word in output.split() if "=" in word)
    kubectl = built_programs().path("kubectl")
    environment = os.environ | {"KUBECONFIG": settings["KUBECONFIG"]}
    listed = subprocess.run(
        [kubectl, "get", "rollout,pod", "--namespace=shop"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert "rollout.argoproj.io/shop" in listed.stdout

    playground.send_signal(signal.SIGKILL)
    playground.wait(10)

    def ended() -> bool:
        return not any(alive(pid, command) for pid, command in commands.items())

    wait_for(ended)


def descendants(root: int) -> dict[int, str]:
    """The command lines of all processes below one, by process id."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: dict[int, str] = {}
    above = {root}
    while above := {pid for pid, parent in parents.items() if parent in above} - found.keys():
        found |= {pid: command_of(pid) for pid in above}
    return found


def command_of(pid: int) -> str:
    """Its command line; empty for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def alive(pid: int, command: str) -> bool:
    """Whether that very program still runs: ids are used again."""
    return bool(command) and command_of(pid) == command
