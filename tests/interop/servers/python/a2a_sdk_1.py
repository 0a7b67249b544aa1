# mypy: ignore-errors
# (types are checked against the SDK of the test environment, which may be another version)
"""The official Python SDK's server, 1.x: `JSONRPC` or `HTTP+JSON`, in version `1.0` or `0.3`."""

import sys

from a2a.helpers import new_data_part, new_message, new_task_from_user_message, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import (
    create_agent_card_routes,
    create_jsonrpc_routes,
    create_rest_routes,
)
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill
from desk import reply
from serving import serve
from starlette.applications import Starlette

BINDING, VERSION = sys.argv[1:3]


class Judge(AgentExecutor):
    """Says what lies on the desk: in a text part, a data part, or a message without a task."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        question = context.get_user_input()
        if "MESSAGE" in sys.argv:
            said = await reply(question)
            await event_queue.enqueue_event(new_message([new_text_part(said.text)]))
            return
        task = context.current_task or new_task_from_user_message(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        said = await reply(question)
        part = new_data_part(said.value) if said.form == "data" else new_text_part(said.text)
        await updater.add_artifact([part], name="answer")
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


def app(host: str, port: int) -> Starlette:
    url = f"http://{host}:{port}"
    card = AgentCard(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        version="1",
        supported_interfaces=[
            AgentInterface(url=url, protocol_binding=BINDING, protocol_version=VERSION)
        ],
        capabilities=AgentCapabilities(streaming=True),
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain", "application/json"],
        skills=[AgentSkill(id="judge", name="judge", description="judges", tags=["canary"])],
    )
    handler = DefaultRequestHandler(Judge(), InMemoryTaskStore(), agent_card=card)
    old = VERSION == "0.3"
    routes = create_agent_card_routes(card)
    if BINDING == "JSONRPC":
        routes += create_jsonrpc_routes(handler, "/", enable_v0_3_compat=old)
    else:
        routes += create_rest_routes(handler, enable_v0_3_compat=old)
    return Starlette(routes=routes)


serve(app)
