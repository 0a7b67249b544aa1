"""From a question, in whichever dialect it came, to the task that is kept of it."""

import json
import time

from canary_agent.store import NewTask
from canary_verdict import CanaryRequest

LONGEST_ANALYSIS = 24 * 3600.0
"""Seconds; a deadline further away is taken for this one."""
SHORTEST_LEASE = 10
"""Seconds; a shorter lease is taken for this one."""


def new_task(request: CanaryRequest, message_id: str, context_id: str) -> NewTask:
    """The task to keep; `message_id` is what makes it the same question when it comes again."""
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
        deadline_at=min(request.deadline.timestamp(), time.time() + LONGEST_ANALYSIS),
        lease_seconds=max(request.lease_seconds, SHORTEST_LEASE),
    )


def _storable(text: str) -> str:
    """The text without what a database may refuse: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()
