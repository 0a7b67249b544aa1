"""The demo: real shops under real traffic, judged by the real plugin and the real agent.

`python -m canary_demo --plugin bin/metric-ai` starts one stable shop and six canaries, sends them
customers for some seconds, and asks the plugin about each canary as the controller would.
"""

from .demo import Options, run_demo
from .report import Row, exit_code, expected_phase

__all__ = ["Options", "Row", "exit_code", "expected_phase", "run_demo"]
