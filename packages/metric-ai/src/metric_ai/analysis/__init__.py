"""A verdict now, by the agent's own evidence, without an agent: `metric-ai analyze`."""

from ._asked import Asked, Question, question_of
from ._judge import judge

__all__ = ["Asked", "Question", "judge", "question_of"]
