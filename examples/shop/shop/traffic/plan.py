"""Which customer does what, where and when: a pure function of the seed."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shop.stock import PRODUCTS

__all__ = ["Step", "Target", "Visit", "plan_visits"]


@dataclass(frozen=True, slots=True)
class Target:
    """One running shop.

    Attributes:
        name: its name in the summary.
        url: such as `http://127.0.0.1:8080`, without a path.
        weight: its share of the visits, in proportion to the other targets' weights; above 0.
    """

    name: str
    url: str
    weight: float


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a visit."""

    request_id: str
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one customer does in one go, at one target.

    Attributes:
        at: when it begins, in seconds after the start of the traffic.
        target: an index into the targets.
        steps: its requests, one after the other.
    """

    at: float
    target: int
    steps: tuple[Step, ...]


_ROUTES = {"browse": 35, "product": 35, "cart": 8, "buy": 20, "lost": 2}
"""Weights of what customers do. `lost` asks for an article that was never sold: a 404."""


def plan_visits(
    targets: Sequence[Target], *, rate: float, seconds: float, seed: int
) -> Iterator[Visit]:
    """Yields visits in order of time, `rate` requests a second for `seconds`.

    A purchase is one visit of two requests, since a cart lives in the shop where it was filled;
    every visit comes from a customer of its own, so that all shops meet the same mix of carts.
    """
    if rate <= 0 or seconds <= 0 or not targets or any(each.weight <= 0 for each in targets):
        raise ValueError("expected a rate, a duration and weights above 0, and a target")
    chance = random.Random(seed)
    weights = [target.weight for target in targets]
    skus = list(PRODUCTS)
    requests = 0
    while requests < rate * seconds:
        at = requests / rate
        (target,) = chance.choices(range(len(targets)), weights)
        (route,) = chance.choices(list(_ROUTES), list(_ROUTES.values()))
        steps = _steps(route, requests, chance.choice(skus), chance.randint(1, 3))
        requests += len(steps)
        yield Visit(at, target, steps)


def _steps(route: str, number: int, sku: str, quantity: int) -> tuple[Step, ...]:
    request_id, cart = f"r-{number:06d}", f"customer-{number:06d}"
    match route:
        case "browse":
            return (Step(request_id, "GET", "/catalogue"),)
        case "product":
            return (Step(request_id, "GET", f"/catalogue/{sku}"),)
        case "cart":
            return (Step(request_id, "GET", f"/cart/{cart}"),)
        case "buy":
            item = json.dumps({"sku": sku, "quantity": quantity}).encode()
            return (
                Step(request_id, "POST", f"/cart/{cart}/items", item),
                Step(f"r-{number + 1:06d}", "POST", f"/checkout/{cart}"),
            )
        case _:
            return (Step(request_id, "GET", f"/catalogue/sold-{number % 100:02d}"),)
