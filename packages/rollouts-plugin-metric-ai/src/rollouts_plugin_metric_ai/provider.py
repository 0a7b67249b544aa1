"""The metric provider: Run submits, Resume asks, Terminate cancels; nothing waits for an analysis.

All that Resume needs is in the measurement's metadata (`ticket`). What is kept here are steps under
way, so that a slow agent costs the controller's worker no more than `BUDGET`.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from argo_rollouts_plugin import MetricProvider
from argo_rollouts_plugin.v1alpha1 import AnalysisRun, Measurement, Metric
from canary_verdict import CanaryVerdict

from . import PLUGIN_NAME
from ._fields import ConfigError
from .a2a_client import AgentClient, Message, Task, TaskState, UnreadableAnswer, read_answer
from .adoption import OPEN
from .agents import Agents, Question, about
from .attaching import LazyAttacher
from .clock import Clock, utc_now
from .config import Settings, describe_settings, parse_settings
from .exchange import ANALYSIS_FAILED, AnalysisError, Exchange, Step
from .issues import LazyIssues
from .mapping import Frame, concluded, failed_to_measure, inconclusive, still_running
from .open_measurements import OpenMeasurements
from .operator import Operator, OperatorError
from .pace import Pace, resume_at
from .question import LEASE_SECONDS, canary_request
from .report_link import with_own_report
from .summary import one_line, without
from .ticket import Ticket, TicketError, context_id
from .watching import LazyRunWatch

if TYPE_CHECKING:
    from .kube import KubeApi

log = logging.getLogger(__name__)

BUDGET = 1.0
"""Seconds that Run and Resume wait for an agent before they answer Running."""

_LONGEST_WAIT = min(30.0, LEASE_SECONDS / 3)
_NEEDS_A_PERSON = {
    TaskState.INPUT_REQUIRED: "the agent asks for more input, which nobody can give it",
    TaskState.AUTH_REQUIRED: "the agent asks for credentials; set auth in the stanza",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """One call of the controller's, read and checked."""

    run: AnalysisRun
    metric: Metric
    settings: Settings
    question: Question
    frame: Frame


class MetricAiProvider(MetricProvider):
    """Asks an A2A agent whether a canary may be promoted."""

    def __init__(  # noqa: PLR0913 - what it is made of, most by keyword
        self,
        client: AgentClient,
        operator: Operator,
        *,
        clock: Clock = utc_now,
        kube: "KubeApi | None" = None,
        watch: LazyRunWatch | None = None,
        issues: LazyIssues | None = None,
    ) -> None:
        """Opens nothing; all that is given is used on the event loop that the methods run on.

        Args:
            client: speaks to agents.
            operator: what the operator's environment says.
            clock: the time now, in UTC.
            kube: the cluster whose logs are attached; by default the one that the controller runs in.
            watch: of the cluster's AnalysisRuns; without one, aborts are noticed by the lease alone.
            issues: opens GitHub issues; without one, none is opened.
        """
        self._operator = operator
        self._clock = clock
        self._client = client
        attacher = LazyAttacher(clock, kube)
        self._exchange = Exchange(Agents(client, attacher, clock), clock)
        self._pace = Pace()
        self._watch = watch
        self._issues = issues or LazyIssues({})
        self._open = OpenMeasurements(LEASE_SECONDS, watch)
        self._steps: dict[str, asyncio.Task[Step]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    async def init(self) -> None:
        """Lets what is heavy be imported in the background, so that the first Run need not wait."""
        self._errand(self._client.prepare())
        if self._watch is not None:
            self._errand(self._watch.prepare())
        self._errand(self._issues.prepare())

    async def run(self, analysis_run: AnalysisRun, metric: Metric) -> Measurement:
        """Submits the question, or goes on with what an earlier try has left at the agent."""
        now = self._clock()
        frame = Frame(now, now)
        try:
            settings = self._settings(metric)
        except (ConfigError, OperatorError) as error:
            return _logged(analysis_run, metric, failed_to_measure(str(error), frame), now)
        for warning in settings.warnings:
            log.warning("%s", warning, extra={"run": analysis_run.metadata.name})
        log.debug("Configuration", extra={"settings": describe_settings(settings)})
        result = analysis_run.metric_result(metric.name)
        errors = result.error if result is not None else 0
        ticket = Ticket(
            context_id=context_id(analysis_run, metric),
            # Agents that cannot list tasks: each Error so far stands for an attempt.
            attempt=errors + 1,
            submitted_at=now,
            deadline=now + timedelta(seconds=settings.timeout),
            last_contact=now,
            agent_url=settings.agent_url,
        )
        case = self._case(analysis_run, metric, settings, ticket, frame)
        return _reported(case, await self._advance(case, ticket, first=errors == 0))

    async def resume(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        """Asks for the task, which an earlier process may have submitted."""
        now = self._clock()
        frame = Frame(measurement.started_at, now, measurement.metadata)
        try:
            settings = self._settings(metric)
            ticket = _ticket(measurement, settings)
        except (ConfigError, OperatorError, TicketError) as error:
            return _logged(analysis_run, metric, failed_to_measure(str(error), frame), now)
        case = self._case(analysis_run, metric, settings, ticket, frame)
        return _reported(case, await self._advance(case, ticket, first=False))

    async def terminate(
        self, analysis_run: AnalysisRun, metric: Metric, measurement: Measurement
    ) -> Measurement:
        """Cancels the task. Inconclusive: there is no verdict, and none may be made up."""
        now = self._clock()
        frame = Frame(measurement.started_at, now, measurement.metadata)
        try:
            settings = self._settings(metric)
            ticket = _ticket(measurement, settings)
        except (ConfigError, OperatorError, TicketError) as error:
            return inconclusive(f"terminated before a verdict ({error})", frame)
        case = self._case(analysis_run, metric, settings, ticket, frame)
        await self._give_up(case.question, ticket)
        return inconclusive("terminated before a verdict", frame)

    async def type(self) -> str:
        """The provider's type, as shown to users."""
        return "MetricAI"

    async def metadata(self, metric: Metric) -> Mapping[str, str]:
        """Who is asked about which pods. A stanza with mistakes shows nothing here: Run says why."""
        try:
            settings = parse_settings(metric.provider.plugin.get(PLUGIN_NAME))
        except ConfigError:
            return {}
        return {
            "agentUrl": settings.agent_url,
            "stableLabel": settings.stable_label,
            "canaryLabel": settings.canary_label,
        }

    async def _advance(self, case: _Case, ticket: Ticket, *, first: bool) -> Measurement:
        key = ticket.context_id
        if why := self._open.given_up(key):
            return inconclusive(f"terminated before a verdict ({why})", case.frame)
        if case.frame.now >= ticket.deadline:
            await self._give_up(case.question, ticket)
            waited = (case.frame.now - ticket.submitted_at).total_seconds()
            away = (case.frame.now - ticket.last_contact).total_seconds()
            return failed_to_measure(
                f"{ANALYSIS_FAILED}: no verdict after {waited:.0f} s (timeout "
                f"{case.settings.timeout:g} s), the last contact with the agent {away:.0f} s ago",
                case.frame,
            )
        step = self._steps.get(key)
        if step is None:
            if not ticket.task_id:
                ticket = replace(ticket, sends=ticket.sends + 1)
            step = asyncio.create_task(
                self._exchange.advance(ticket, case.question, first=first), name=f"step {key}"
            )
            # A step that nobody asks for any more may fail without a complaint from asyncio.
            step.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._steps[key] = step
        self._renew(case.question, ticket)
        done, _ = await asyncio.wait({step}, timeout=_budget(len(self._steps)))
        if not done or step.cancelled():
            return self._running(case, ticket, None)
        self._steps.pop(key, None)
        try:
            outcome = step.result()
        except AnalysisError as error:
            self._open.release(key)
            return failed_to_measure(str(error), case.frame)
        self._renew(case.question, outcome.ticket)
        return await self._judge(case, outcome)

    async def _judge(self, case: _Case, step: Step) -> Measurement:
        answer = step.answer
        if answer is None or not _has_ended(step):
            return self._running(case, step.ticket, step)
        self._open.release(step.ticket.context_id)
        frame = Frame(case.frame.started_at, case.frame.now, step.ticket.to_metadata())
        if isinstance(answer, Task) and answer.state is not TaskState.COMPLETED:
            return await self._ended_without_verdict(case, step.ticket, answer, frame)
        try:
            answered = _verdict(answer, case.question.request.run.uid)
        except UnreadableAnswer as error:
            return failed_to_measure(f"{ANALYSIS_FAILED}: {error}", frame)
        verdict = with_own_report(answered, case.settings.agent_url, self._operator.host_policy)
        took = _ready_at(step, case.frame.now) - step.ticket.submitted_at
        self._pace.learn(step.ticket.agent_url, took.total_seconds())
        figures = {"analysisSeconds": f"{took.total_seconds():.1f}"}
        frame = replace(frame, metadata={**frame.metadata, **figures})
        measurement = concluded(verdict, case.metric, case.settings.min_confidence, frame)
        # An earlier measurement of the same metric may have opened the issue already.
        since = case.run.metadata.creation_timestamp or frame.started_at or frame.now
        return await self._issues.report(
            measurement, verdict, case.question.request, case.settings, since
        )

    async def _ended_without_verdict(
        self, case: _Case, ticket: Ticket, task: Task, frame: Frame
    ) -> Measurement:
        why = _status_text(task)
        need = _NEEDS_A_PERSON.get(task.state)
        if need is not None:
            await self._give_up(case.question, ticket)
            return inconclusive(f"{need}{why}", frame)
        return failed_to_measure(
            f"{ANALYSIS_FAILED}: the agent's task ended as {task.state.value}{why}", frame
        )

    def _running(self, case: _Case, ticket: Ticket, step: Step | None) -> Measurement:
        elapsed = (case.frame.now - ticket.submitted_at).total_seconds()
        wait = self._pace.next_poll(ticket.agent_url, elapsed, _LONGEST_WAIT)
        if step is not None and step.answer is None:
            wait = min(max(wait, step.wait), _LONGEST_WAIT)
        frame = Frame(case.frame.started_at, case.frame.now, ticket.to_metadata())
        return still_running(frame, resume_at(self._clock(), wait))

    def _settings(self, metric: Metric) -> Settings:
        """The stanza's settings, with the operator's token where the agent may have it."""
        settings = parse_settings(metric.provider.plugin.get(PLUGIN_NAME))
        own = settings.credentials
        return replace(
            settings, credentials=self._operator.credentials_for(settings.agent_url, own)
        )

    def _case(
        self,
        run: AnalysisRun,
        metric: Metric,
        settings: Settings,
        ticket: Ticket,
        frame: Frame,
    ) -> _Case:
        request = canary_request(run, metric, settings, ticket.deadline)
        question = Question(
            settings.agent_url,
            settings.protocol,
            settings.credentials,
            request,
            attach_logs=settings.attach_logs,
        )
        started = frame.started_at or ticket.submitted_at
        frame = Frame(started, frame.now, {**frame.metadata, **ticket.to_metadata()})
        return _Case(run, metric, settings, question, frame)

    async def _give_up(self, question: Question, ticket: Ticket) -> None:
        """Lets the agent know, without waiting longer than `BUDGET` for it."""
        if self._open.given_up(ticket.context_id):
            return  # it knows
        self._open.release(ticket.context_id)
        step = self._steps.pop(ticket.context_id, None)
        errand = self._errand(self._cancel_after(step, question, ticket))
        await asyncio.wait({errand}, timeout=BUDGET)

    async def _cancel_after(
        self, step: asyncio.Task[Step] | None, question: Question, ticket: Ticket
    ) -> None:
        # A message on its way may have started a task whose name only its reply will tell.
        if step is not None:
            await asyncio.wait({step}, timeout=2 * BUDGET)
            if not step.done():
                step.cancel()
            elif not step.cancelled() and step.exception() is None:
                ticket = step.result().ticket
                if _has_ended(step.result()):
                    return
        await self._exchange.cancel(ticket, question)

    def _renew(self, question: Question, ticket: Ticket) -> None:
        """The controller has asked; the case itself is not kept, since its AnalysisRun may be large."""

        def abandon(why: str) -> None:
            log.info("Giving the analysis up, %s", why, extra=about(ticket))
            step = self._steps.pop(ticket.context_id, None)
            self._errand(self._cancel_after(step, question, ticket))

        self._open.renew(ticket.context_id, question.request.run, abandon)

    def _errand(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._errands.add(task)  # the loop itself keeps weak references only
        task.add_done_callback(self._errands.discard)
        return task


def _budget(waiting: int) -> float:
    """Seconds that one call may wait: less the more of them there are.

    A call that came with many others has waited for its turn before it got here.
    """
    return BUDGET / (1 + waiting / 50)


def _ticket(measurement: Measurement, settings: Settings) -> Ticket:
    """The measurement's ticket.

    Raises:
        TicketError: it cannot be read, or it speaks of another agent than the stanza does: whoever
            can edit a measurement shall not send the stanza's token elsewhere.
    """
    ticket = Ticket.from_metadata(measurement.metadata)
    if ticket.agent_url != settings.agent_url:
        raise TicketError("the measurement was begun with another agentUrl than the stanza has now")
    return ticket


def _has_ended(step: Step) -> bool:
    """Whether the agent has said all that it will."""
    answer = step.answer
    return answer is not None and not (isinstance(answer, Task) and answer.state in OPEN)


def _verdict(answer: Task | Message | CanaryVerdict, run_uid: str) -> CanaryVerdict:
    return answer if isinstance(answer, CanaryVerdict) else read_answer(answer, run_uid)


def _ready_at(step: Step, now: datetime) -> datetime:
    """When the verdict was there: as the agent says, within what we have seen ourselves.

    The time of our own poll would do for one measurement, but its delay would be learnt, and the
    next poll come later still.
    """
    said = step.answer.timestamp if isinstance(step.answer, Task) else None
    return now if said is None else min(max(said, step.since or said), now)


def _status_text(task: Task) -> str:
    texts = [part.value for part in task.status_parts if isinstance(part.value, str)]
    return one_line(f": {' '.join(texts)}")[:500] if texts else ""


def _reported(case: _Case, measurement: Measurement) -> Measurement:
    """The measurement, logged, without credentials that a hostile agent may have written back."""
    secrets = case.settings.credentials.secrets
    measurement = replace(
        measurement,
        message=without(measurement.message, secrets),
        metadata={name: without(text, secrets) for name, text in measurement.metadata.items()},
    )
    return _logged(case.run, case.metric, measurement, case.frame.now)


def _logged(
    run: AnalysisRun, metric: Metric, measurement: Measurement, now: datetime
) -> Measurement:
    """The measurement, which the log tells of, too."""
    log.log(
        logging.INFO if measurement.finished_at else logging.DEBUG,
        "%s %s",
        measurement.phase.value,
        measurement.message,
        extra={
            "namespace": run.metadata.namespace,
            "run": run.metadata.name,
            "metric": metric.name,
            "task": measurement.metadata.get("taskId", ""),
            "seconds": (now - (measurement.started_at or now)).total_seconds(),
        },
    )
    return measurement
