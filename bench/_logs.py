"""Log lines of a service under traffic, 137 bytes each with their newline, the same for the same seed."""

import random

LINE_BYTES = 137

_FORMS = (
    (60, "INFO  [http-{a}] shop.http: GET /api/v1/item/{n} status=200 bytes={n} duration={d:.3f}ms ip=10.0.{a}.{b}"),
    (20, 'INFO  [worker-{a}] shop.orders: order "{n:x}" stored for customer {n} in warehouse {a} after {a} tries'),
    (15, "DEBUG [cache-{a}] shop.cache: refreshed {b} entries of region eu-{a} generation {n} hit ratio {d:.3f}"),
    (4, "WARN  [pool-{a}] shop.db: slow query {b} ms: select * from items where id = {n} and region = {a}"),
    (1, "ERROR [http-{a}] shop.pay: payment declined for order {n} reason code {b} gateway 10.0.0.{b}"),
)  # fmt: skip


def lines(count: int, seed: int) -> list[str]:
    """Lines without their newlines."""
    rng = random.Random(seed)
    weights = [weight for weight, _ in _FORMS]
    return [_line(rng, form) for _, form in rng.choices(_FORMS, weights, k=count)]


def _line(rng: random.Random, form: str) -> str:
    text = form.format(
        a=rng.randrange(8), b=rng.randrange(255), n=rng.randrange(10**7), d=rng.lognormvariate(2, 1)
    )
    time = f"2026-01-31T12:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}Z"
    return f"{time} {text} ".ljust(LINE_BYTES - 1, "x")[: LINE_BYTES - 1]
