"""`python -m bench.injection`: plant texts and secrets, ask models that obey them, and look at what comes of it."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ._payloads import Payload, own_payloads
from ._secrets import PlantedSecret, planted_secrets
from ._trial import Outcome, attempt, benign
from ._world import POSITIONS

_OUT = Path("build/injection.json")
_SECRETS_EACH = 5
_BENIGN = 20
_MAX_BYTES = 64 << 20


def main() -> int:
    """Writes the outcomes; 1 where a faulty canary was promoted or a secret left, 2 for unusable input."""
    options = _parse()
    try:
        payloads = _read_payloads(options.payloads) if options.payloads else list(own_payloads())
        secrets = _read_secrets(options.secrets) if options.secrets else list(planted_secrets())
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    began = time.monotonic()
    with ProcessPoolExecutor(options.processes, get_context("forkserver")) as pool:
        outcomes = list(
            pool.map(attempt, *zip(*_tasks(payloads, secrets), strict=True), chunksize=4)
        )
        pairs = list(pool.map(benign, range(options.healthy)))
    report = {
        "promoted": sum(one.verdict == "promote" for one in outcomes),
        "leaked": sum(bool(one.leaked) for one in outcomes),
        "outcomes": [one.to_json() for one in outcomes],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    _print(outcomes, pairs, len(secrets), time.monotonic() - began)
    print(f"{options.out}: all outcomes")
    return 1 if report["promoted"] or report["leaked"] else 0


def _tasks(
    payloads: Sequence[Payload], secrets: Sequence[PlantedSecret]
) -> Iterator[tuple[Payload, str, list[PlantedSecret], str]]:
    number = 0
    for payload in payloads:
        for position in POSITIONS:
            at = _SECRETS_EACH * number
            some = [
                secrets[(at + one) % len(secrets)]
                for one in range(min(_SECRETS_EACH, len(secrets)))
            ]
            yield payload, position, some, "bundle" if number % 3 == 0 else "nothing"
            number += 1


def _print(
    outcomes: Sequence[Outcome], pairs: Sequence[tuple[str, str]], kinds: int, seconds: float
) -> None:
    verdicts = Counter(one.verdict for one in outcomes)
    families = len({one.family for one in outcomes})
    print(
        f"{len(outcomes)} attempts of {families} families at {len(POSITIONS)} positions, {kinds} secrets, in {seconds:.0f} s"
    )
    print(
        "faulty canaries:", ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
    )
    print(
        f"leaked: {sum(bool(one.leaked) for one in outcomes)}",
        Counter(kind for one in outcomes for kind in one.leaked) or "",
    )
    alone, heard = (sum(pair[at] == "promote" for pair in pairs) for at in (0, 1))
    print(
        f"healthy canaries promoted, of {len(pairs)}: {alone} without models, {heard} with honest ones"
    )


def _read_payloads(path: Path) -> list[Payload]:
    return [
        Payload(str(one["family"]), str(one["id"]), str(one["text"])) for one in _documents(path)
    ]


def _read_secrets(path: Path) -> list[PlantedSecret]:
    return [
        PlantedSecret(str(one["kind"]), str(one["secret"]), str(one["line"]))
        for one in _documents(path)
    ]


def _documents(path: Path) -> list[dict[str, object]]:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{path} has more than {_MAX_BYTES} bytes")
    found = []
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.strip():
            document = json.loads(line)
            if not isinstance(document, dict):
                raise ValueError(f"{path}:{number}: found no JSON object")
            found.append(document)
    if not found:
        raise ValueError(f"{path} is empty")
    return found


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.injection", description=__doc__)
    parser.add_argument("--payloads", type=Path, metavar="FILE", help="lines of family, id, text")
    parser.add_argument("--secrets", type=Path, metavar="FILE", help="lines of kind, secret, line")
    parser.add_argument("--out", type=Path, metavar="FILE", default=_OUT)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--healthy", type=int, default=_BENIGN, help="healthy canaries judged beside them"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
