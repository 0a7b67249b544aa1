"""Reads lines with drain3 and prints the CPU seconds; run by the Python of drain3's own environment.

Usage: python _drain3.py FILE
"""

import importlib
import sys
import time
from pathlib import Path


def main() -> None:
    lines = Path(sys.argv[1]).read_text().splitlines()
    miner = importlib.import_module("drain3").TemplateMiner()
    began = time.process_time()
    for line in lines:
        miner.add_log_message(line)
    print(time.process_time() - began)


if __name__ == "__main__":
    main()
