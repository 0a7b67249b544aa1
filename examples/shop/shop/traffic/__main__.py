"""`python -m shop.traffic`: customers for a stable shop and its canaries, for a while."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from shop.traffic.plan import Target, plan_visits
from shop.traffic.sender import send


def main(arguments: Sequence[str] | None = None) -> int:
    """Sends the traffic and prints one line a target; ends by itself, or early on a signal."""
    options = _parse(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    targets = [Target("stable", options.stable, 100 - options.canary_weight)] + [
        Target(
            f"canary-{number}" if len(options.canary) > 1 else "canary", url, options.canary_weight
        )
        for number, url in enumerate(options.canary, 1)
    ]
    visits = plan_visits(targets, rate=options.rate, seconds=options.seconds, seed=options.seed)
    try:
        tallies = send(targets, visits, stop)
    except ValueError as error:
        print(f"traffic: {error}", file=sys.stderr)
        return 2
    for name, tally in tallies.items():
        print(f"{name} {tally}", flush=True)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="shop.traffic", description="Customers for a stable shop and its canaries."
    )
    parser.add_argument("--stable", required=True, metavar="URL", help="http://host:port")
    parser.add_argument(
        "--canary",
        required=True,
        action="append",
        metavar="URL",
        help="http://host:port; may be given again, for several canaries beside one stable",
    )
    parser.add_argument(
        "--canary-weight",
        type=float,
        default=20.0,
        metavar="PERCENT",
        help="each canary's share where it stands alone beside stable (default: 20)",
    )
    parser.add_argument(
        "--rate",
        type=float,
        default=50.0,
        help="requests a second in all, 0.1 to 1000 (default: 50)",
    )
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="how long, up to a day (default: 30)"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides who does what (default: 1)")
    options = parser.parse_args(arguments)
    for name, value, least, most in (
        ("--canary-weight", options.canary_weight, 0.1, 99.9),
        ("--rate", options.rate, 0.1, 1000.0),
        ("--seconds", options.seconds, 0.1, 86_400.0),
    ):
        if not least <= value <= most:
            parser.error(f"{name} is {value}; expected {least} to {most}")
    return options


if __name__ == "__main__":
    sys.exit(main())
