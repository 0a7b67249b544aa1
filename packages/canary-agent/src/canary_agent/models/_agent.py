"""One voter at work: attempts with back-off, then the next model in order, all within its time."""

import asyncio
import functools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, Tool, ToolOutput, capture_run_messages
from pydantic_ai.capabilities import RaiseContentFilterError
from pydantic_ai.exceptions import IncompleteToolCall, UnexpectedModelBehavior
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage, UsageLimits

from canary_agent import figures
from canary_verdict.redaction import redact

from ._exchange import Exchange, LookedUp, Outcome, Purpose
from ._failure import Failure, failure_of
from ._panel import PanelSettings

MAX_ATTEMPTS = 3
_BACK_OFF = (1.0, 3.0)
_MAX_ARGUMENT = 200
_REQUESTS = 2  # the answer, and once more where it had not the asked form


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of a voter; `open` gives it connections of its own, for the running event loop."""

    label: str
    open: Callable[[], AbstractAsyncContextManager[Model]]


@dataclass(frozen=True, slots=True)
class Job:
    """What one voter is asked; of `tools` it may make `most_calls` calls."""

    purpose: Purpose
    instructions: str
    prompt: tuple[str, ...]
    output: type[BaseModel]
    settings: PanelSettings
    tools: tuple[Callable[[str], str], ...] = ()
    most_calls: int = 0


@dataclass(slots=True)
class _State:
    """What is known of a voter's work so far, however it ends."""

    usage: RunUsage = field(default_factory=RunUsage)
    attempts: int = 0
    label: str = ""
    mode: str = ""
    looked_up: list[LookedUp] = field(default_factory=list)
    failures: list[tuple[str, Failure]] = field(default_factory=list)
    answer: BaseModel | None = None


async def ask_voter(voter: Sequence[Candidate], job: Job, deadline: float) -> tuple[Any, Exchange]:
    """Asks the voter's models in order until one answers, up to `deadline` in the event loop's time.

    Returns:
        An instance of the job's output or None, and what happened.
    """
    state, began = _State(), time.monotonic()
    for candidate in voter:
        state.label = candidate.label
        try:
            state.answer = await _in_time(candidate, job, state, deadline)
            break
        except Exception as error:  # noqa: BLE001 - whatever a provider's library raises is one voter less
            state.failures.append((candidate.label, failure_of(error)))
        if asyncio.get_running_loop().time() >= deadline:
            break
    return state.answer, _exchange(voter[0].label, job, state, time.monotonic() - began)


async def _in_time(candidate: Candidate, job: Job, state: _State, deadline: float) -> BaseModel:
    loop = asyncio.get_running_loop()
    until = min(loop.time() + job.settings.seconds, deadline)
    async with asyncio.timeout_at(until), candidate.open() as model:
        for attempt in range(MAX_ATTEMPTS):
            state.attempts += 1
            try:
                return await _once(model, job, state)
            except Exception as error:
                failure = failure_of(error)
                if not failure.again or attempt == MAX_ATTEMPTS - 1:
                    raise
                pause = _BACK_OFF[attempt] if failure.after is None else failure.after
                if loop.time() + pause >= until:
                    raise  # the next model in order has the time then
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


async def _once(model: Model, job: Job, state: _State) -> BaseModel:
    state.mode, output = _output(model, job)
    agent = Agent(
        model,
        output_type=output,
        instructions=job.instructions,
        tools=[Tool(_noted(tool, state), name=tool.__name__) for tool in job.tools],
        retries={"tools": 1, "output": 1},
        # A filter's partial answer is no answer.
        capabilities=[RaiseContentFilterError()],
        model_settings=_model_settings(job.settings),
        name="canary-judge",
    )
    limits = UsageLimits(
        request_limit=state.usage.requests + _REQUESTS + job.most_calls,
        tool_calls_limit=job.most_calls or None,
    )
    with capture_run_messages() as messages:
        try:
            with figures.step("model call", state.label):
                result = await agent.run(list(job.prompt), usage_limits=limits, usage=state.usage)
        except UnexpectedModelBehavior as error:
            cut_off = any(
                isinstance(message, ModelResponse) and message.finish_reason == "length"
                for message in messages
            )
            if cut_off:
                raise IncompleteToolCall(str(error)) from error
            raise
    answer: BaseModel = result.output
    return answer


def _model_settings(settings: PanelSettings) -> ModelSettings:
    return ModelSettings(max_tokens=settings.output_tokens, max_retries=0)


def _output(model: Model, job: Job) -> tuple[str, Any]:
    """The strictest way to a structured answer that the model has; with tools, among them."""
    profile = model.profile
    if profile.get("supports_json_schema_output") and not job.tools:
        return "native", NativeOutput(job.output)
    if profile.get("supports_tools", True):
        return "tool", ToolOutput(job.output)
    return "prompted", PromptedOutput(job.output)


def _noted(tool: Callable[[str], str], state: _State) -> Callable[[str], str]:
    @functools.wraps(tool)  # its parameter's name is what the model reads
    def call(*given: str, **named: str) -> str:
        argument = "".join((*given, *named.values()))
        text = tool(argument)
        state.looked_up.append(LookedUp(tool.__name__, redact(argument, _MAX_ARGUMENT), text))
        return text

    return call


def _exchange(voter: str, job: Job, state: _State, seconds: float) -> Exchange:
    outcome, error = Outcome.ANSWERED, ""
    if state.answer is None:
        outcome = state.failures[-1][1].outcome
        one = len(state.failures) == 1
        error = "; ".join(
            failure.words if one else f"{label}: {failure.words}"
            for label, failure in state.failures
        )
    cost = state.usage.cost
    return Exchange(
        purpose=job.purpose,
        voter=voter,
        model=state.label,
        outcome=outcome,
        instructions=job.instructions,
        prompt=job.prompt,
        parameters={"output": state.mode, "outputTokens": job.settings.output_tokens},
        answer=None
        if state.answer is None
        else state.answer.model_dump(mode="json", by_alias=True),
        error=error,
        tokens_in=state.usage.input_tokens,
        tokens_out=state.usage.output_tokens,
        cost_usd=None if cost is None else float(cost),
        seconds=round(seconds, 3),
        attempts=state.attempts,
        looked_up=tuple(state.looked_up),
    )
