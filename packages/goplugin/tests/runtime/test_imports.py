"""What is imported, and when: the handshake line waits for all that comes before it."""

import subprocess
import sys

import pytest

from goplugin import wire

BEFORE_THE_LINE = "from goplugin import HandshakeConfig, ServeConfig, serve"
HEAVY = ("asyncio", "logging", "pathlib", "ssl", "subprocess", "tempfile", "cryptography")
LAYERS = ("goplugin.wire.gob", "goplugin.wire.netrpc", "goplugin.wire.yamux")


def modules_after(code: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )  # fmt: skip
    return set(run.stdout.split())


def test_nothing_heavy_is_imported_before_the_handshake_line() -> None:
    assert modules_after(BEFORE_THE_LINE).isdisjoint({*HEAVY, *LAYERS})


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_of_the_wire_is_imported_when_it_is_used(layer: str) -> None:
    name = layer.rpartition(".")[2]
    for code in (
        f"from goplugin.wire import {name}",
        f"import goplugin.wire; goplugin.wire.{name}",
    ):
        assert layer in modules_after(code)


def test_every_public_name_of_the_wire_is_there() -> None:
    assert all(hasattr(wire, name) for name in wire.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = wire.nothing  # type: ignore[attr-defined]
