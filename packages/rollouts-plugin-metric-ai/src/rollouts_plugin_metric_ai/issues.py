"""GitHub issues on failure, loaded with the first of them: most plugins at rest have no use for it."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from canary_verdict import CanaryRequest, CanaryVerdict

from .config import Settings

if TYPE_CHECKING:
    from .github import Reporter

log = logging.getLogger(__name__)

TOKEN = "GITHUB_TOKEN"  # noqa: S105 - the variable's name
ALLOWED = "METRIC_AI_GITHUB_ALLOWED"
CA_FILE = "METRIC_AI_GITHUB_CA_FILE"
JOURNAL = "METRIC_AI_JOURNAL"
DEFAULT_JOURNAL = "/tmp/metric-ai-journal"  # noqa: S108 - see `github._journal` for what guards it


class LazyIssues:
    """Opens one GitHub issue for one AnalysisRun and metric that failed, where the operator allows it."""

    def __init__(self, environment: Mapping[str, str], user_agent: str = "metric-ai") -> None:
        """Opens nothing.

        Args:
            environment: the operator's; GITHUB_TOKEN and METRIC_AI_GITHUB_ALLOWED turn it on.
            user_agent: as GitHub sees it.
        """
        self._environment = environment
        self._user_agent = user_agent
        self._reporter: Reporter | None = None
        self._opening = asyncio.Lock()

    async def prepare(self) -> None:
        """Goes on with what an ended process has left, where there is something."""
        journal = Path(self._environment.get(JOURNAL) or DEFAULT_JOURNAL)
        if not self._off() and await asyncio.to_thread(lambda: any(journal.glob("*.json"))):
            (await self._open()).go_on()

    async def report(
        self,
        measurement: Measurement,
        verdict: CanaryVerdict,
        request: CanaryRequest,
        settings: Settings,
        since: datetime,
    ) -> Measurement:
        """The measurement, with a link where it failed and an issue tells of it; see `Reporter.report`."""
        if measurement.phase is not AnalysisPhase.FAILED:
            return measurement
        if why := _why_not(verdict, request, settings) or self._off():
            about = {"namespace": request.run.namespace, "run": request.run.name}
            log.info("Skipping GitHub issue creation (%s)", why, extra=about)
            return measurement
        try:
            reporter = await self._open()
        except (ImportError, OSError):  # the executable was taken away, for instance
            log.exception("Skipping GitHub issue creation (what it needs cannot be loaded)")
            return measurement
        return await reporter.report(measurement, verdict, request, settings, since)

    async def aclose(self) -> None:
        """Ends what is under way; the journal keeps it."""
        if self._reporter is not None:
            await self._reporter.aclose()

    def _off(self) -> str:
        if not self._environment.get(TOKEN, "").strip():
            return f"{TOKEN} not configured"
        if not self._environment.get(ALLOWED, "").strip():
            return f"{ALLOWED} not configured: no host and owner may see the token"
        return ""

    async def _open(self) -> "Reporter":
        async with self._opening:
            if self._reporter is None:
                # Beside the event loop, which goes on meanwhile.
                await asyncio.to_thread(import_module, f"{__package__}.github")
                from .github import Reporter  # noqa: PLC0415 - loaded by now

                self._reporter = Reporter(
                    token=self._environment[TOKEN].strip(),
                    allowed=self._environment[ALLOWED],
                    journal=Path(self._environment.get(JOURNAL) or DEFAULT_JOURNAL),
                    ca_file=self._environment.get(CA_FILE, ""),
                    user_agent=self._user_agent,
                )
            return self._reporter


def _why_not(verdict: CanaryVerdict, request: CanaryRequest, settings: Settings) -> str:
    if not settings.github_url:
        return "githubUrl not configured"
    if request.dry_run:
        return "the metric is a dry run"
    if settings.remediation_allowed:
        return "remediation is allowed: the agent opens it"
    return "the agent has opened one" if verdict.issue_link else ""
