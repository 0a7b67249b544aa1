"""What the project's speed is, beside something else wherever there is something: `make bench`.

Figures only: nothing here passes or fails. Each bench is a module with a `BENCH`; `python -m bench --list` names them.
"""
