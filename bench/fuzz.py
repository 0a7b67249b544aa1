"""The mutation fuzzer over the wire, with as many inputs as the project promises."""

import os
import time

from . import fuzz_wire
from ._context import Context
from ._figures import Bench, Figure, Findings

INPUTS = 1_000_000
_SEED = 1
_EXPECTED = {fuzz_wire.VALUE, fuzz_wire.INCOMPLETE, fuzz_wire.REFUSED}


def measure(context: Context) -> Findings:
    inputs = INPUTS * (5 if context.long else 1)
    context.progress(f"fuzz: {inputs:,} inputs")
    began = time.monotonic()
    report = fuzz_wire.run(inputs, _SEED, os.cpu_count() or 2)
    seconds = time.monotonic() - began
    totals = dict.fromkeys(sorted(_EXPECTED), 0)
    for (_, outcome), count in report.outcomes.items():
        totals[outcome] = totals.get(outcome, 0) + count
    figures = [
        Figure("inputs", "", [report.outcomes.total()], at_least=INPUTS),
        *(Figure(f"  {name}", "", [count]) for name, count in totals.items()),
        Figure("anything else", "", [len(report.failures)], at_most=0),
        Figure("inputs a second", "", [inputs / seconds]),
        Figure("slowest input", "ms", [report.slowest * 1000]),
    ]
    return Findings(figures, [failure[:500] for failure in report.failures[:10]])


BENCH = Bench("fuzz", "mutated conversations read by the wire", measure)
