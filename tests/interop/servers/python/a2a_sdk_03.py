# mypy: ignore-errors
# (types are checked against the SDK of the test environment, which is another version)
"""The official Python SDK's server before 1.0, over `JSONRPC` or `HTTP+JSON`."""

import sys

from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.apps import A2ARESTFastAPIApplication, A2AStarletteApplication
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentSkill, DataPart, Part, TextPart
from a2a.utils import new_agent_text_message, new_task
from desk import reply
from serving import serve
from starlette.applications import Starlette

BINDING = sys.argv[1]


class Judge(AgentExecutor):
    """Says what lies on the desk: in a text part, a data part, or a message without a task."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        question = context.get_user_input()
        if "MESSAGE" in sys.argv:
            said = await reply(question)
            await event_queue.enqueue_event(new_agent_text_message(said.text))
            return
        task = context.current_task or new_task(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        said = await reply(question)
        part = DataPart(data=said.value) if said.form == "data" else TextPart(text=said.text)
        await updater.add_artifact([Part(root=part)], name="answer")
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


def app(host: str, port: int) -> Starlette:
    card = AgentCard(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        url=f"http://{host}:{port}",
        version="1",
        preferred_transport=BINDING,
        capabilities=AgentCapabilities(streaming=True),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain", "application/json"],
        skills=[AgentSkill(id="judge", name="judge", description="judges", tags=["canary"])],
    )
    handler = DefaultRequestHandler(Judge(), InMemoryTaskStore())
    if BINDING == "JSONRPC":
        return A2AStarletteApplication(card, handler).build()
    return A2ARESTFastAPIApplication(card, handler).build()


serve(app)
