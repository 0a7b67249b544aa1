"""Asks Argo again for every recorded condition: `record.py build/conformance/conditions`.

For use after a line without `answer` was added, or with another version of Argo.
"""

import json
import subprocess
import sys
from pathlib import Path

RECORDED = Path(__file__).with_name("recorded.jsonl")
SECONDS = 120


def main(oracle: str) -> None:
    cases = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    questions = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(
        [oracle], input=questions, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    for case, answer in zip(cases, done.stdout.splitlines(), strict=True):
        case["answer"] = json.loads(answer)
    lines = (json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    RECORDED.write_text("".join(lines))


if __name__ == "__main__":
    main(sys.argv[1])
