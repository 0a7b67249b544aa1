"""What a pod of the bench runs: `python -m bench.e2e._chatter SEED` writes half a megabyte of log and stays."""

import sys
import threading

from bench._logs import LINE_BYTES, lines

BYTES = 500_000

if __name__ == "__main__":
    print("\n".join(lines(BYTES // LINE_BYTES, int(sys.argv[1]))), flush=True)
    threading.Event().wait()
