# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""An agent in kagent's Python runtime, as its controller starts it, with its state in memory."""

import logging
import warnings
from collections.abc import AsyncIterator

from a2a.types import AgentCapabilities, AgentCard, AgentSkill
from desk import reply
from fastapi import FastAPI
from google.adk.agents import LlmAgent
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.genai import types
from kagent.adk import KAgentApp
from serving import serve

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


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


def judge() -> LlmAgent:
    return LlmAgent(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        instruction="Answer with one JSON object.",
        model=StubModel(model="stub"),
    )


def app(host: str, port: int) -> FastAPI:
    card = AgentCard(
        name="canary_judge",
        description="Says whether a canary may be promoted.",
        url=f"http://{host}:{port}",
        version="1",
        capabilities=AgentCapabilities(streaming=True),
        default_input_modes=["text"],
        default_output_modes=["text"],
        skills=[AgentSkill(id="judge", name="judge", description="judges", tags=["canary"])],
    )
    kagent = KAgentApp(judge, card, "http://127.0.0.1:9", "canary_judge")
    return kagent.build(local=True)


serve(app)
