"""How good the agent's verdicts are: recorded logs of real programs, pairs made of them, and a report.

`python -m bench.verdicts --help`. The form of a set of cases is described in `_cases`.
"""
