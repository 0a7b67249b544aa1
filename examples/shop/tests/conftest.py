"""Real shops in child processes, each with its log collected by a thread."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SHOP_FOLDER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SHOP_FOLDER))  # the shop is run from its folder, not installed

START_SECONDS = 30.0
END_SECONDS = 20.0


class RunningShop:
    """One `python -m shop` and the lines that it wrote so far."""

    folder = SHOP_FOLDER

    def __init__(self, *arguments: str) -> None:
        self.lines: list[str] = []
        self._listening = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shop", *arguments],
            cwd=SHOP_FOLDER,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def url(self) -> str:
        """The address that the shop printed."""
        if not self._listening.wait(START_SECONDS):
            pytest.fail(f"the shop does not listen after {START_SECONDS} s; its log:\n{self.log}")
        found = re.search(r"listening on (http://\S+)", self.log)
        assert found, self.log
        return found[1]

    def wait(self) -> int:
        """The exit code, once the process has ended by itself and its log is complete."""
        code = self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        return code

    def stop(self) -> int:
        self.process.terminate()
        return self.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "listening on " in line:
                self._listening.set()
        self._listening.set()  # it ended: nobody needs to wait any longer


@pytest.fixture
def run_shop() -> Iterator[Callable[..., RunningShop]]:
    """Starts shops that end with the test."""
    running: list[RunningShop] = []

    def start(version: str, *arguments: str) -> RunningShop:
        running.append(RunningShop("--version", version, *arguments))
        return running[-1]

    yield start
    for shop in running:
        shop.close()
