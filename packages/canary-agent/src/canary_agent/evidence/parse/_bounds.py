"""Bounds that all who read logs keep."""

MAX_LINE_BYTES = 64 << 10
"""What is kept of one line; the rest of a longer one is dropped, up to its newline."""
