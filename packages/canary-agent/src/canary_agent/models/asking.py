"""Asks models through pydantic-ai; loading this takes seconds, so it is imported where models are asked."""

import asyncio
import contextlib
import dataclasses
import functools
import importlib
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel
from pydantic_ai import exceptions as problems
from pydantic_ai.models import Model

from ._agent import Candidate, Job, ask_voter
from ._building import opened
from ._exchange import Exchange, Purpose
from ._opinion import cleaned
from ._panel import Bounds, PanelSettings, Question, Stopped, parts_of
from ._prompt import INSTRUCTIONS
from ._schema import Opinion
from ._settings import ModelSettings, modules_for

T = TypeVar("T", bound=BaseModel)
_R = TypeVar("_R")
_LISTEN = 0.2
_TOOL_CALLS = 12

_WARNINGS = (
    problems.CostCalculationFailedWarning,
    problems.CostNotFoundWarning,
    problems.UsageExtractionFailedWarning,
    problems.UnsupportedSettingWarning,
    DeprecationWarning,
)
"""Of prices that are not known and models that end some day: no reason to lose a vote."""


class ModelPanel:
    """The models of `voters`, asked at the same time; see `Panel`.

    Args:
        voters: of each its models, the one first that votes unless it fails.
        settings: how they are asked.
        instructions: what they are told before the digest, instead of the usual.
        secrets: words that no answer may repeat.
    """

    def __init__(
        self,
        voters: Sequence[Sequence[Candidate]],
        settings: PanelSettings,
        instructions: str = "",
        secrets: Sequence[str] = (),
    ) -> None:
        self._voters = voters
        self._instructions = instructions or INSTRUCTIONS
        self._secrets = secrets
        self.settings = settings

    def ask(
        self, instructions: str, text: str, output: type[T], bounds: Bounds
    ) -> tuple[T | None, Exchange]:
        """See `Panel.ask`; the first voter is asked."""
        job = Job(Purpose.EXCUSES, instructions, (text,), output, self.settings)
        return _run([functools.partial(ask_voter, self._voters[0], job)], bounds)[0]

    def vote(self, question: Question, bounds: Bounds) -> tuple[Exchange, ...]:
        """See `Panel.vote`."""
        job = Job(Purpose.VOTE, self._instructions, parts_of(question), Opinion, self.settings)
        asked = [
            functools.partial(ask_voter, voter, _with_tools(job, question))
            for voter in self._voters
        ]
        return tuple(self._shown(exchange) for _, exchange in _run(asked, bounds))

    def _shown(self, exchange: Exchange) -> Exchange:
        if exchange.answer is None:
            return exchange
        return msgspec.structs.replace(exchange, answer=cleaned(exchange.answer, self._secrets))


def model_panel(settings: ModelSettings, instructions: str = "") -> ModelPanel:
    """The panel of an operator's settings."""
    for module in modules_for(settings):
        importlib.import_module(module)  # takes seconds, which are not the models'
    voters = [
        [Candidate(str(name), functools.partial(opened, name, settings)) for name in voter]
        for voter in settings.voters
    ]
    return ModelPanel(voters, settings.panel, instructions, tuple(settings.keys.values()))


def panel_of(models: Sequence[Model], settings: PanelSettings | None = None) -> ModelPanel:
    """A panel of models made elsewhere, such as pydantic-ai's `FunctionModel`; they vote by `model_name`."""

    @contextlib.asynccontextmanager
    async def given(model: Model) -> AsyncIterator[Model]:
        yield model

    voters = [[Candidate(model.model_name, functools.partial(given, model))] for model in models]
    return ModelPanel(voters, settings or PanelSettings())


def _with_tools(job: Job, question: Question) -> Job:
    if question.tools is None:
        return job
    return dataclasses.replace(job, tools=tuple(question.tools()), most_calls=_TOOL_CALLS)


def _run(calls: Sequence[Callable[[float], Coroutine[Any, Any, _R]]], bounds: Bounds) -> list[_R]:
    """The results of all calls, each of which keeps to the deadline that it is given.

    Raises:
        Stopped: `bounds.cancelled` said so.
    """
    with _quiet():
        return asyncio.run(_gathered(calls, bounds))


async def _gathered(
    calls: Sequence[Callable[[float], Coroutine[Any, Any, _R]]], bounds: Bounds
) -> list[_R]:
    deadline = asyncio.get_running_loop().time() + bounds.seconds
    tasks = [asyncio.ensure_future(call(deadline)) for call in calls]
    waiting: set[asyncio.Future[_R]] = set(tasks)
    while waiting:
        if bounds.cancelled():
            for task in tasks:
                task.cancel()
            raise Stopped
        _, waiting = await asyncio.wait(waiting, timeout=_LISTEN)
    return [task.result() for task in tasks]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        for category in _WARNINGS:
            warnings.simplefilter("ignore", category)
        yield
