"""From a question, in whichever dialect it came, to the task that is kept of it."""

import json
import re
import time

from canary_agent.store import NewTask
from canary_verdict import CanaryRequest

LONGEST_ANALYSIS = 24 * 3600.0
"""Seconds; a deadline further away is taken for this one."""
SHORTEST_LEASE = 10
"""Seconds; a shorter lease is taken for this one."""

# W3C Trace Context, version 00: neither id may be all zeros.
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_task(request: CanaryRequest, message_id: str, context_id: str, trace: str = "") -> NewTask:
    """The task to keep.

    Args:
        request: the question.
        message_id: makes it the same question when it comes again.
        context_id: the sender's, or one of ours.
        trace: the sender's W3C traceparent; anything else is left out.
    """
    document = request.to_json()
    # Attached logs are forgotten with the answer; what is left of the question goes beside it.
    asked = {name: value for name, value in document.items() if not name.startswith("attached")}
    return NewTask(
        message_id=message_id,
        context_id=context_id,
        run_uid=_storable(request.run.uid),
        request=json.dumps(document),
        asked=json.dumps(asked),
        namespace=_storable(request.run.namespace),
        rollout=_storable(request.rollout),
        trace=trace if _TRACE.fullmatch(trace) else "",
        deadline_at=min(request.deadline.timestamp(), time.time() + LONGEST_ANALYSIS),
        lease_seconds=max(request.lease_seconds, SHORTEST_LEASE),
    )


def _storable(text: str) -> str:
    """The text without what a database may refuse: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()
