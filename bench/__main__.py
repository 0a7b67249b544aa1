"""`python -m bench [NAME...]`: measure, and print tables."""

import argparse
import json
import sys
import time
from pathlib import Path

from . import evidence, fuzz, gob, judge, ping, polls, redaction, run, start
from ._context import ROOT, Context, our_plugin
from ._figures import show
from ._machine import describe, go_programs, load_average, machine

BENCHES = {
    module.BENCH.name: module.BENCH
    for module in (start, gob, run, ping, polls, fuzz, evidence, judge, redaction)
}


def main() -> int:
    arguments = _parse()
    if arguments.list:
        for bench in BENCHES.values():
            print(f"{bench.name:8} {bench.summary}")
        return 0
    began = time.monotonic()
    print("building the Go programs to compare with (minutes the first time)", file=sys.stderr)
    context = Context(
        our_plugin(arguments.plugin), go_programs(wanted=not arguments.no_go), long=arguments.long
    )
    found = machine()
    print(describe(found))
    if context.go_folder is None:
        print(
            "left out: everything beside Go; our own host takes the place of Go's, and its threads' waits "
            "for each other are in the figures"
        )
    report: dict[str, object] = {"machine": found, "long": arguments.long}
    for name in arguments.names or BENCHES:
        report[name] = _play(name, context)
    if not arguments.long:
        print(
            "\nleft out: agents that take up to 60 s, 5,000,000 inputs, twice the rounds (python -m bench --long)"
        )
    print(f"\ndone in {time.monotonic() - began:.0f} s, {load_average()}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def _play(name: str, context: Context) -> dict[str, object]:
    bench = BENCHES[name]
    began, load = time.monotonic(), load_average()
    findings = bench.measure(context)
    seconds = time.monotonic() - began
    print(f"\n{name}: {bench.summary} ({seconds:.0f} s, {load} before)")
    show(findings)
    return {
        "seconds": seconds,
        "loadBefore": load,
        "figures": [figure.to_json() for figure in findings.figures],
        "notes": list(findings.notes),
    }


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benches to run (default: all)")
    parser.add_argument("--list", action="store_true", help="list the benches and end")
    parser.add_argument(
        "--plugin",
        type=Path,
        metavar="FILE",
        default=ROOT / "bin" / "metric-ai",
        help="measure this executable (default: bin/metric-ai)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    parser.add_argument(
        "--long",
        action="store_true",
        help="agents that take 5 to 60 s, 5,000,000 inputs, twice the rounds",
    )
    parser.add_argument(
        "--no-go", action="store_true", help="do without Go, as where there is none"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"found {', '.join(unknown)}, expected names among {', '.join(BENCHES)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
