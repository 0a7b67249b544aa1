"""The hard evidence that `policy.waive` may name: findings that roll a canary back by themselves."""

from collections.abc import Iterable
from difflib import get_close_matches

WAIVABLE = (
    "ContainerConfigError",
    "CrashLoopBackOff",
    "CrashSignature",
    "ImagePullBackOff",
    "NonZeroExit",
    "NotReady",
    "OOMKilled",
    "ProbeFailure",
    "Restarts",
)


def wrong_waiver(names: Iterable[str]) -> str:
    """What is wrong with the first name that is none of `WAIVABLE`; empty where all are.

    >>> wrong_waiver(["OomKilled"]).partition(";")[2]
    ' did you mean OOMKilled?'
    """
    for name in names:
        if name not in WAIVABLE:
            by_lower = {known.lower(): known for known in WAIVABLE}
            near = get_close_matches(name.lower(), by_lower, n=1)
            hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
            return f"found {name[:80]!a}, allowed are {', '.join(WAIVABLE)}{hint}"
    return ""
