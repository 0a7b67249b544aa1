"""attachLogs, loaded when a stanza first asks for it: most never do, and memory is counted."""

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from canary_verdict import CanaryRequest

from .clock import Clock

if TYPE_CHECKING:
    from .kube import KubeApi, LogAttacher


class LazyAttacher:
    """Reads logs of the cluster that the controller runs in."""

    def __init__(self, clock: Clock, kube: "KubeApi | None" = None) -> None:
        """Opens nothing; `kube` is another cluster's API, or None."""
        self._clock = clock
        self._kube = kube
        self._attacher: LogAttacher | None = None

    async def attach(self, request: CanaryRequest, secrets: Sequence[str]) -> CanaryRequest:
        """See `kube.LogAttacher.attach`."""
        if self._attacher is None:
            from .kube import KubeApi, LogAttacher, find_access  # noqa: PLC0415

            api = self._kube or KubeApi(partial(find_access, os.environ))
            self._attacher = LogAttacher(api, self._clock)
        return await self._attacher.attach(request, secrets)
