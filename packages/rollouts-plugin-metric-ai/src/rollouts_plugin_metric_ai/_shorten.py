"""Cuts logs down to what may be sent, the oldest lines first."""

from collections.abc import Sequence
from dataclasses import replace

from canary_verdict import AttachedLog


def shortened(logs: Sequence[AttachedLog], total: int, each: int) -> tuple[AttachedLog, ...]:
    """The same logs within `total` bytes of UTF-8 together and `each` bytes of one.

    Small logs stay whole; the large ones share what is left evenly. A log that is cut begins with a
    whole line, unless it has none, and says that it is truncated.
    """
    sizes = [min(each, len(log.text.encode())) for log in logs]
    return tuple(_newest(log, size) for log, size in zip(logs, _shares(sizes, total), strict=True))


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    shares = [0] * len(sizes)
    by_size = sorted(range(len(sizes)), key=sizes.__getitem__)
    for position, index in enumerate(by_size):
        shares[index] = min(sizes[index], total // (len(sizes) - position))
        total -= shares[index]
    return shares


def _newest(log: AttachedLog, size: int) -> AttachedLog:
    data = log.text.encode()
    if len(data) <= size:
        return log
    kept = data[len(data) - size :]
    if data[len(data) - size - 1 : len(data) - size] != b"\n":
        kept = kept.partition(b"\n")[2] or kept
    return replace(log, text=kept.decode(errors="ignore"), truncated=True)
