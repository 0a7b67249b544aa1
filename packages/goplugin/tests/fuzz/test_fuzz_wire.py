"""A short run of the mutation fuzzer; the long one is `python bench/fuzz_wire.py`."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

FUZZER = Path(__file__).parents[4] / "bench" / "fuzz_wire.py"


@pytest.fixture(scope="module")
def fuzzer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_wire", FUZZER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_wire"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("batch", range(4))
def test_every_outcome_is_a_value_or_a_remote_protocol_error(
    fuzzer: ModuleType, batch: int
) -> None:
    report = fuzzer.run_batch(seed=20_240, batch=batch, count=700)
    assert report.failures == []
    assert report.outcomes.total() == 700


def test_valid_conversations_are_read_to_the_end(fuzzer: ModuleType) -> None:
    """Else the fuzzer would try nothing but the first lines of each layer."""
    for name, target in fuzzer.TARGETS.items():
        assert fuzzer.judge(target, [target.seeds[0]]) == fuzzer.VALUE, name


def test_the_same_seed_makes_the_same_inputs(fuzzer: ModuleType) -> None:
    target = fuzzer.TARGETS["stack"]
    first, second = (fuzzer.make_input(random.Random(5), target) for _ in range(2))
    assert first == second


def test_what_is_not_a_remote_protocol_error_is_reported(
    fuzzer: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(pieces: list[bytes]) -> bool:
        raise KeyError(pieces[0])

    assert fuzzer.judge(fuzzer.Target(broken, [b"x"]), [b"x"]) == "KeyError"
    assert "KeyError: b'x'" in capsys.readouterr().err
