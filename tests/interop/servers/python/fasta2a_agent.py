# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""A pydantic-ai agent behind fasta2a; with `structured` its output is a type instead of text."""

import sys
from typing import Any

from desk import reply
from fasta2a import FastA2A
from fasta2a.pydantic_ai import agent_to_a2a
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from serving import serve

STRUCTURED = "structured" in sys.argv


async def model(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Says what lies on the desk: in text, or through the tool that a structured output is."""
    said = await reply(messages[-1].parts[-1].content)
    text = ModelResponse(parts=[TextPart(said.text)])
    if not STRUCTURED:
        return text
    try:
        arguments = {"response": said.value}
    except ValueError:
        return text
    return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, arguments)])


def app(host: str, port: int) -> FastA2A:
    output = dict[str, Any] if STRUCTURED else str
    agent = Agent(FunctionModel(model), name="canary_judge", output_type=output)
    return agent_to_a2a(agent, url=f"http://{host}:{port}/")


serve(app)
