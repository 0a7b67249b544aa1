"""Models that vote: what they add to an analysis, and what they read and cost beside the whole log.

Tokens are characters / 4, for both, since each provider counts otherwise; prices are those that genai-prices
knows of the model named, for input alone: an answer has the same length either way.
"""

import json
import subprocess
import sys

from genai_prices import Usage, calc_price

from ._context import ROOT, Context
from ._figures import Bench, Beside, Figure, Findings

SIZES_MB = (1, 10, 100)
ROUNDS = 3
OVERHEAD_MS = 50.0
MODEL, PROVIDER = "gemini-2.5-flash", "google"
_CHARACTERS = 4
_TIMEOUT = 600


def measure(context: Context) -> Findings:
    figures = []
    for size in SIZES_MB:
        context.progress(f"judge: a pair of {size} MB")
        found = [_vote(size) for _ in range(context.rounds(ROUNDS))]
        tokens = [one["characters"] / _CHARACTERS for one in found]
        whole = size * 1e6 / _CHARACTERS
        figures += [
            Figure(f"pair of {size} MB: three votes and the verdict, CPU, without the models", "ms", [one["milliseconds"] for one in found], at_most=OVERHEAD_MS),
            Figure(f"pair of {size} MB: a model reads", "tokens", tokens, [Beside("the whole log", [whole])]),
            Figure(f"pair of {size} MB: reading costs", "$", [_dollars(one) for one in tokens], [Beside("the whole log", [_dollars(whole)])]),
        ]  # fmt: skip
    return Findings(
        figures, [f"Tokens are characters / 4; prices of {PROVIDER}:{MODEL}, input only."]
    )


def _vote(megabytes: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench._judge", "vote", str(megabytes)],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=_TIMEOUT,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _dollars(tokens: float) -> float:
    usage = Usage(input_tokens=int(tokens), output_tokens=0)
    return float(calc_price(usage, model_ref=MODEL, provider_id=PROVIDER).input_price)


BENCH = Bench("judge", "what models add, read and cost beside the whole log", measure)
