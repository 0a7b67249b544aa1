"""The oracle, live: what Go writes now is read here, and what is written here is read by Go."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("go") is None, reason="needs Go, see https://go.dev/dl"),
]

MODULE = Path(__file__).parents[4] / "tests" / "conformance"
BUILD_SECONDS = 800  # the first build compiles Argo Rollouts
RUN_SECONDS = 60


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    program = tmp_path_factory.mktemp("oracle") / "gobvectors"
    build = ["go", "build", "-o", str(program), "./cmd/gobvectors"]
    subprocess.run(build, cwd=MODULE, check=True, timeout=BUILD_SECONDS)

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [str(program), *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            text=True,
            timeout=RUN_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("arguments", [(), ("-random", "100")], ids=["fixed", "random"])
def test_both_directions(
    arguments: tuple[str, ...],
    oracle: Callable[..., str],
    codec: Any,
    reencode: Callable[[Any], Any],
) -> None:
    streams = codec.parse(oracle(*arguments))
    for stream in streams:
        values = codec.decode(stream.data)
        assert len(values) == len(stream.values)
        for (_, value), description in zip(values, stream.values, strict=True):
            codec.same(value, description)

    ours = json.dumps([reencode(stream).to_json() for stream in streams])
    read_by_go = codec.parse(oracle("-read", stdin=ours))

    for stream, read in zip(streams, read_by_go, strict=True):
        codec.same_descriptions(read.values, stream.values)


def test_the_recorded_streams_are_those_of_the_program(
    oracle: Callable[..., str], codec: Any, recorded: dict[str, Any]
) -> None:
    streams = codec.parse(oracle())

    assert [stream.name for stream in streams] == list(recorded)
    for stream in streams:
        codec.same_descriptions(stream.values, recorded[stream.name].values)
