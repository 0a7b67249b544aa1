"""The customers: how they are planned, and that they come to no harm."""

import socket
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop.traffic import Target, Visit, plan_visits, send
from shop.traffic.__main__ import main


def targets(*weights: float) -> list[Target]:
    return [Target(f"t{number}", "http://127.0.0.1:9", w) for number, w in enumerate(weights)]


def planned(seed: int, *weights: float, rate: float = 100, seconds: float = 20) -> list[Visit]:
    return list(plan_visits(targets(*weights), rate=rate, seconds=seconds, seed=seed))


def test_a_seed_decides_everything() -> None:
    assert planned(3, 80, 20) == planned(3, 80, 20)
    assert planned(3, 80, 20) != planned(4, 80, 20)


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0.5, 200),
    seconds=st.floats(0.5, 10),
)
def test_a_plan_keeps_to_its_rate_and_its_time(seed: int, rate: float, seconds: float) -> None:
    plan = planned(seed, 80, 20, rate=rate, seconds=seconds)
    requests = 0
    for visit in plan:
        assert visit.at == pytest.approx(requests / rate)
        assert visit.at < seconds
        requests += len(visit.steps)
    assert rate * seconds <= requests < rate * seconds + 2
    ids = [step.request_id for visit in plan for step in visit.steps]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("canary", [5.0, 20.0, 50.0])
def test_traffic_is_split_by_weight(canary: float) -> None:
    plan = planned(1, 100 - canary, canary, rate=1000)
    share = sum(visit.target for visit in plan) / len(plan)
    assert share == pytest.approx(canary / 100, abs=0.01)


def test_both_sides_meet_the_same_mix_of_routes() -> None:
    plan = planned(1, 50, 50, rate=2000)
    mixes = [
        Counter(visit.steps[-1].method for visit in plan if visit.target == side) for side in (0, 1)
    ]
    shares = [mix["POST"] / mix.total() for mix in mixes]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


@pytest.mark.parametrize(("rate", "seconds", "weight"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_plan_without_traffic_is_refused(rate: float, seconds: float, weight: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        planned(1, weight, rate=rate, seconds=seconds)


def test_an_address_that_is_not_http_is_refused() -> None:
    with pytest.raises(ValueError, match="expected http://host:port"):
        send([Target("a", "ftp://localhost", 1)], [], threading.Event())


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_dead_canary_takes_nothing_from_stable(run_shop: Any) -> None:
    shop = run_shop("stable")
    sides = [
        Target("stable", shop.url, 50),
        Target("canary", f"http://127.0.0.1:{closed_port()}", 50),
    ]
    plan = list(plan_visits(sides, rate=200, seconds=1, seed=1))
    tallies = send(sides, plan, threading.Event())
    expected = sum(len(visit.steps) for visit in plan if visit.target == 0)
    assert tallies["stable"].statuses.total() == expected
    assert tallies["stable"].unreachable == tallies["stable"].dropped == 0
    assert tallies["canary"].statuses.total() == 0
    assert tallies["canary"].unreachable == sum(visit.target for visit in plan)
    assert str(tallies["canary"]) == f"unreachable={tallies['canary'].unreachable} dropped=0"


def test_a_canary_that_never_answers_costs_a_bounded_queue() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        side = Target("canary", f"http://127.0.0.1:{silent.getsockname()[1]}", 1)
        plan = list(plan_visits([side], rate=1e6, seconds=0.001, seed=1))
        stop = threading.Event()

        def visits_then_stop() -> Any:
            yield from plan
            stop.set()

        tally = send([side], visits_then_stop(), stop)["canary"]
    assert tally.dropped >= len(plan) - 64 - 8
    assert tally.statuses.total() == 0


def test_the_command_sends_prints_a_line_a_target_and_ends(run_shop: Any) -> None:
    shop = run_shop("stable")
    sides = ["--stable", shop.url, "--canary", shop.url, "--canary", shop.url]
    done = subprocess.run(
        [sys.executable, "-m", "shop.traffic", *sides, "--rate", "100", "--seconds", "0.5"],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == ["stable", "canary-1", "canary-2"]
    assert shop.stop() == 0
    assert sum("shop.access" in line for line in shop.lines) in {50, 51}


@pytest.mark.parametrize("flag", ["--rate", "--seconds", "--canary-weight"])
def test_the_command_refuses_what_has_no_bound(flag: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--stable", "http://x", "--canary", "http://y", flag, "1e9"])
