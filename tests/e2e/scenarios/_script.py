"""Scripted agents for scenarios that decide when a verdict comes."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

from control_plane import NotInTimeError
from scripted_agent import Answer, ScriptedAgent, listening

__all__ = ["AgentLoop", "Script", "promote", "rollback"]

_POLL_SECONDS = 0.02
_CALL_SECONDS = 30.0

T = TypeVar("T")

Plan = Callable[[Answer], Answer | None]


def promote(request: Answer, confidence: float = 92) -> Answer:
    """A verdict on a request."""
    return _verdict(request, "promote", confidence)


def rollback(request: Answer) -> Answer:
    """A verdict on a request."""
    return _verdict(request, "rollback", 97)


def _verdict(request: Answer, verdict: str, confidence: float) -> Answer:
    return {
        "runUid": request["run"]["uid"],
        "verdict": verdict,
        "confidence": confidence,
        "analysis": "scripted",
    }


class Script:
    """One scripted agent, from the threads of scenarios.

    Attributes:
        agent: what it is told and what it was asked.
        questions: what each task was asked.
        plan: the verdict that a question is answered with at once; None leaves the task open.
    """

    def __init__(self, agent: ScriptedAgent) -> None:
        self.agent = agent
        self.questions: dict[str, Answer] = {}
        self.plan: Plan = lambda _: None
        agent.handlers["SendMessage"] = self._asked
        agent.handlers["GetTask"] = self._looked

    @property
    def url(self) -> str:
        """For stanzas."""
        return self.agent.url

    def finish(self, task_id: str = "task-1", say: Callable[[Answer], Answer] = promote) -> None:
        """The task has its verdict."""
        self.agent.finish(task_id, say(self.questions[task_id]))

    @property
    def tasks(self) -> int:
        """How many tasks it was given. A controller whose cache is behind asks twice for one of them."""
        return len(self.agent.tasks)

    def count(self, method: str) -> int:
        """How often it was called."""
        return self.agent.methods().count(method)

    def wait_for(self, method: str, count: int = 1, seconds: float = 60.0) -> None:
        """Returns when a method was called so often.

        Raises:
            NotInTimeError: it was not.
        """
        deadline = time.monotonic() + seconds
        while self.count(method) < count:
            if time.monotonic() > deadline:
                raise NotInTimeError(
                    f"no {method} number {count} within {seconds:g} s: {self.agent.methods()}"
                )
            time.sleep(_POLL_SECONDS)

    async def _asked(self, params: Answer) -> Answer:
        answer = await self.agent.on_SendMessage(params)
        task_id = answer["task"]["id"]
        request = params["message"]["parts"][1]["data"]
        self.questions[task_id] = request
        verdict = self.plan(request)
        if verdict is not None:
            self.agent.finish(task_id, verdict)
            return {"task": {**answer["task"], **_public(self.agent.tasks[task_id])}}
        return answer

    async def _looked(self, params: Answer) -> Answer:
        # A sign of life with each look, so that a long wait does not count as silence.
        status = self.agent.tasks.get(params["id"], {}).get("status")
        if status and status["state"] == "TASK_STATE_WORKING":
            status["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return await self.agent.on_GetTask(params)


def _public(task: Answer) -> Answer:
    return {name: value for name, value in task.items() if name != "message_id"}


class AgentLoop:
    """A thread in which all scripted agents live."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted agents")
        self._thread.start()

    @contextmanager
    def agent(self, host: str) -> Iterator[Script]:
        """One that listens on an address of this machine."""
        stack = AsyncExitStack()
        agent = self._do(stack.enter_async_context(listening(host)))
        try:
            yield Script(agent)
        finally:
            self._do(stack.aclose())

    def close(self) -> None:
        """Ends the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_SECONDS)
