# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""A Strands agent behind its A2A server."""

import logging
import sys
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from desk import reply
from serving import serve
from starlette.applications import Starlette
from strands import Agent
from strands.models.model import Model
from strands.multiagent.a2a import A2AServer

logging.disable(logging.WARNING)


class StubModel(Model):
    """Says what lies on the desk."""

    def update_config(self, **model_config: object) -> None:
        pass

    def get_config(self) -> dict[str, str]:
        return {"model_id": "stub"}

    def structured_output(self, *args: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError

    async def stream(
        self, messages: list[dict[str, Any]], *args: object, **kwargs: object
    ) -> AsyncIterator[dict[str, Any]]:
        question = "\n".join(block.get("text", "") for block in messages[-1]["content"])
        said = await reply(question)
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        # In pieces, as models stream: the server has to put them together.
        for start in range(0, len(said.text), 40):
            text = said.text[start : start + 40]
            yield {"contentBlockDelta": {"delta": {"text": text}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


def agent(context_id: str) -> Agent:
    return Agent(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        model=StubModel(),
        callback_handler=None,
    )


def app(host: str, port: int) -> Starlette:
    server = A2AServer(
        agent_factory=agent,
        host=host,
        port=port,
        enable_a2a_compliant_streaming="compliant" in sys.argv,
    )
    return server.to_starlette_app()


serve(app)
