"""The first process of the namespaces that `empty_root` makes: mounts, servers, then the program.

Usage: inside_empty_root.py FOLDER < RUN > OUTCOME, both JSON (`empty_root.Run`, `empty_root.Outcome`).
"""

import asyncio
import fcntl
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from empty_root import AGENT_PORT, HOME, USER, Outcome, Run
from loopback_dns import name_server
from provider_world import PROMOTE
from scripted_agent import Answer, ScriptedAgent, public, serve

_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFREQ = "16sH22x"


def prepare(root: Path, run: Run) -> None:
    """Fills the root and makes it read-only."""
    _mount("tmpfs", root, "mode=755")
    for path, source in run.programs.items():
        target = _below(root, path)
        shutil.copyfile(source, target)
        target.chmod(0o755)
    for path, text in run.files.items():
        _below(root, path).write_text(text)
    for path in ("/proc", "/tmp", HOME):
        (_below(root, path)).mkdir(parents=True, exist_ok=True)
    _mount("proc", root / "proc", "nosuid,nodev,noexec")
    _mount("tmpfs", root / "tmp", f"mode=1777,{run.tmp}")
    # The emptyDir that the controller copies plugins to.
    _mount("tmpfs", root / HOME[1:], f"size=100m,uid={USER},gid={USER}")
    subprocess.run(["mount", "-o", "remount,ro", root], check=True, timeout=20)


def _below(root: Path, path: str) -> Path:
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _mount(kind: str, target: Path, options: str) -> None:
    subprocess.run(["mount", "-t", kind, "-o", options, kind, target], check=True, timeout=20)


def loopback_up() -> None:
    """Switches the new network namespace's only interface on (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = struct.pack(_IFREQ, b"lo", 0)
        flags = struct.unpack(_IFREQ, fcntl.ioctl(sock, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack(_IFREQ, b"lo", flags | 1))


@asynccontextmanager
async def agent(run: Run, folder: Path) -> AsyncIterator[ScriptedAgent]:
    """An agent at port 8443 that promotes at the first question for a task."""
    context = None
    if run.certificate:
        file = folder.with_name("agent.pem")
        file.write_text(run.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
    scripted = ScriptedAgent(url=run.agent_url)

    async def promote(params: Answer) -> Answer:
        scripted.finish(params["id"], PROMOTE)
        return public(scripted.tasks[params["id"]])

    scripted.handlers["GetTask"] = promote

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(scripted, reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", AGENT_PORT, ssl=context)
    try:
        yield scripted
    finally:
        server.close()


async def play(root: Path, run: Run) -> Outcome:
    """Runs the program beside its servers."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)

    async with agent(run, root) as scripted, name_server(run.names) as names:
        process = await asyncio.create_subprocess_exec(
            *run.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(run.environment),
            preexec_fn=enter,
        )
        try:
            out, err = await asyncio.wait_for(
                process.communicate(run.stdin.encode()), timeout=run.seconds
            )
        finally:
            if process.returncode is None:
                process.kill()
        left = sorted(str(path.relative_to(root)) for path in (root / "tmp").rglob("*"))
        return Outcome(
            process.returncode or 0,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            left,
            names.asked,
            scripted.methods(),
        )


def main() -> None:
    """Plays what stdin says."""
    root = Path(sys.argv[1])
    run = Run(**json.load(sys.stdin))
    prepare(root, run)
    loopback_up()
    json.dump(asdict(asyncio.run(play(root, run))), sys.stdout)


if __name__ == "__main__":
    main()
