"""The command `metric-ai`, and `kubectl metric-ai`: what a person at a terminal asks about canaries.

Each command is a package or module of its own with a `command.py` (what may be typed) and the work beside it.
Nothing is imported here or in `cli` that `--help` does not need.
"""

VERSION = "0.1.0"
"""The distribution's; not asked of its metadata, whose reader takes 60 ms."""

__all__ = ["VERSION"]
