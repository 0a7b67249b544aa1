# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""An agent made with google-adk, behind the A2A server that `to_a2a` makes of it."""

import logging
import warnings
from collections.abc import AsyncIterator

from desk import reply
from google.adk.a2a.utils.agent_to_a2a import to_a2a
from google.adk.agents import LlmAgent
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.genai import types
from serving import serve
from starlette.applications import Starlette

warnings.simplefilter("ignore")
logging.getLogger("google_adk").setLevel(logging.ERROR)


class StubModel(BaseLlm):
    """Says what lies on the desk."""

    async def generate_content_async(
        self,
        llm_request: LlmRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the base class's signature
    ) -> AsyncIterator[LlmResponse]:
        question = llm_request.contents[-1].parts[0].text
        said = await reply(question)
        content = types.Content(role="model", parts=[types.Part(text=said.text)])
        yield LlmResponse(content=content)


def app(host: str, port: int) -> Starlette:
    agent = LlmAgent(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        instruction="Answer with one JSON object.",
        model=StubModel(model="stub"),
    )
    return to_a2a(agent, host=host, port=port)


serve(app)
