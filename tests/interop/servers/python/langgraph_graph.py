# mypy: ignore-errors
# (the framework is not installed where types are checked)
"""A graph of one node, as LangGraph's API server loads it."""

from desk import reply
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph


async def judge(state: MessagesState) -> dict[str, list[AIMessage]]:
    """Says what lies on the desk."""
    asked = state["messages"][-1].content
    text = asked if isinstance(asked, str) else "\n".join(b.get("text", "") for b in asked)
    said = await reply(text)
    return {"messages": [AIMessage(said.text)]}


builder = StateGraph(MessagesState)
builder.add_node("judge", judge)
builder.add_edge(START, "judge")
builder.add_edge("judge", END)
graph = builder.compile(name="judge")
