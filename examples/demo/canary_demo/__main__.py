"""`python -m canary_demo`: what `make demo` runs."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Console, neutral
from .demo import CANARIES, Options, run_demo
from .errors import DemoError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo.

    Returns:
        0 when every verdict is the expected one, 1 when one is not, 2 when the demo could not be
        run, 130 after Ctrl-C, 143 after SIGTERM.
    """
    options = _parse(arguments)
    console = Console()
    try:
        with _ended_by_signals():
            return run_demo(options, console)
    except DemoError as error:
        message = "\n".join(neutral(line) for line in str(error).splitlines())
        print(f"demo: {message}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("demo: ended early; nothing is left running", file=sys.stderr)
        return 130


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A signal unwinds the stack, which ends every child; a second one does not cut that short."""

    def unwind(number: int, _: object) -> None:
        for ignored in _SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, unwind) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parse(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="canary_demo",
        description="A stable shop and its canaries under traffic, judged by plugin and agent.",
    )
    parser.add_argument(
        "--plugin", type=Path, required=True, help="the plugin's file, such as bin/metric-ai"
    )
    parser.add_argument(
        "--agent",
        type=Path,
        default=Path(sys.executable).parent / "canary-agent",
        help="the agent's program (default: beside this Python)",
    )
    parser.add_argument(
        "--canary",
        action="append",
        choices=CANARIES,
        help="only this version; may be given again (default: all)",
    )
    parser.add_argument(
        "--seconds", type=float, default=6.0, help="how long customers come (default: 6)"
    )
    parser.add_argument(
        "--rate", type=float, default=200.0, help="requests a second in all (default: 200)"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides chance (default: 1)")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        default=os.environ.get("DEMO_KEEP") or None,
        help="write all logs there and leave them (DEMO_KEEP; default: a folder that goes)",
    )
    parsed = parser.parse_args(arguments)
    for name, value, most in (("--seconds", parsed.seconds, 600), ("--rate", parsed.rate, 1000)):
        if not 0 < value <= most:
            parser.error(f"{name} is {value}; expected more than 0 and at most {most}")
    return Options(
        plugin=parsed.plugin.resolve(),
        agent=parsed.agent,
        canaries=tuple(parsed.canary or CANARIES),
        seconds=parsed.seconds,
        rate=parsed.rate,
        seed=parsed.seed,
        keep=parsed.keep,
    )


if __name__ == "__main__":
    sys.exit(main())
