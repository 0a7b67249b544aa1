"""The demo shop of this repository, with the releases that come with it."""

import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._traffic import HttpClient, Request, drive

_FOLDER = Path(__file__).resolve().parents[4] / "examples" / "shop"
_SKUS = [f"{('mug', 'shirt', 'lamp', 'book', 'chair', 'clock')[n % 6]}-{n:02d}" for n in range(24)]


class Shop:
    """One release a scenario."""

    name = "shop"
    rest = 3.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("healthy"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("crash-loop", "missing-environment", r"^KeyError"),
        Scenario("error-burst", "null-reference", r"ERROR .*unhandled TypeError"),
        Scenario("slow", "slow-version"),
        Scenario("quiet-errors", "wrong-status", r"status=500"),
        Scenario("injection", "connection-refused", r"ERROR .*ConnectionRefusedError"),
        Scenario("killed", "killed"),
        Scenario("port-taken", "port-in-use", r"cannot listen on"),
    )

    def prepare(self, tools: Path) -> None:
        """It is part of the repository."""

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """The release that the scenario is named after."""
        name = scenario.name.replace("-", "_")
        version = scenario.name if (_FOLDER / f"shop/versions/{name}.py").exists() else "stable"
        taken = place.backend.rpartition(":")[2]
        port = taken if scenario.name == "port-taken" else str(place.port)
        argv = ["/usr/bin/python3", "-u", "-m", "shop", "--version", version]
        return Launch(
            [*argv, "--port", port, "--seed", str(place.port)],
            {"PYTHONPATH": str(_FOLDER)},
            user=65534,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            live_path=f"{place.port}/healthz",
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Customers who look and buy."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    sku, cart = chance.choice(_SKUS), f"customer-{chance.randrange(6):06d}"
    routes = {
        "list": (35, Request("GET", "/catalogue")),
        "show": (35, Request("GET", f"/catalogue/{sku}")),
        "cart": (8, Request("GET", f"/cart/{cart}")),
        "add": (
            16,
            Request(
                "POST",
                f"/cart/{cart}/items",
                f'{{"sku": "{sku}", "quantity": {chance.randint(1, 3)}}}',
            ),
        ),
        "buy": (16, Request("POST", f"/checkout/{cart}")),
        "lost": (2, Request("GET", f"/catalogue/sold-{chance.randrange(100):02d}")),
    }
    weights = [weight for weight, _ in routes.values()]
    return chance.choices([request for _, request in routes.values()], weights)[0]
