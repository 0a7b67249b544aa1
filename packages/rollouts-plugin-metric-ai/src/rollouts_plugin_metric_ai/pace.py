"""When to ask again: learnt from how long each agent took before.

Each Running answer costs the controller a status patch (about 40 a second in all), so the first poll
comes when an answer is likely, and short steps follow it.
"""

import math
from collections import OrderedDict, deque
from datetime import UTC, datetime, timedelta

_REMEMBERED = 64  # latencies an agent
_AGENTS = 256
_FIRST_STEP = 1.0
_LONGEST_STEP = 3.0
_GROWTH = 0.05
_MARGIN = 0.1


class Pace:
    """Learns agents' latencies; forgets the agent that was longest without one."""

    def __init__(self) -> None:
        self._latencies: OrderedDict[str, deque[float]] = OrderedDict()

    def learn(self, agent: str, seconds: float) -> None:
        """Remembers that `agent` took `seconds` from submission to verdict."""
        if agent not in self._latencies and len(self._latencies) >= _AGENTS:
            self._latencies.popitem(last=False)
        self._latencies.setdefault(agent, deque(maxlen=_REMEMBERED)).append(seconds)
        self._latencies.move_to_end(agent)

    def next_poll(self, agent: str, elapsed: float, longest: float) -> float:
        """Seconds until the next poll.

        Before the agent's fifth percentile of latencies nothing is to be expected, so the poll waits
        for it: a later one would let more verdicts wait than one in twenty. After it, or for an
        unknown agent, steps grow with the time waited from 1 s to 3 s.

        Args:
            agent: whose latencies to look at.
            elapsed: seconds since the submission.
            longest: no wait is longer than this many seconds.
        """
        likely = self._fifth_percentile(agent) + _MARGIN
        if elapsed < likely:
            wait = likely - elapsed
        else:
            wait = min(_LONGEST_STEP, max(_FIRST_STEP, _GROWTH * elapsed))
        return min(wait, longest)

    def _fifth_percentile(self, agent: str) -> float:
        known = sorted(self._latencies.get(agent, ()))
        return known[len(known) // 20] if known else 0.0


def resume_at(now: datetime, seconds: float) -> datetime:
    """`now + seconds`, rounded up to a whole second.

    Kubernetes keeps times in whole seconds and cuts the rest off: an unrounded time would come back
    as one already past, and the poll would be early.
    """
    moment = now + timedelta(seconds=seconds)
    return datetime.fromtimestamp(math.ceil(moment.timestamp()), UTC)
