"""Durable analyses: what is kept of a task, and the engine that works on it."""

from .database import StateError, StateLostError
from .engine import AnalysisEngine, EngineSettings
from .following import FollowUp
from .records import NewTask, TaskRecord, TaskState
from .tasks import DEADLINE_PASSED, TaskQuery

__all__ = [
    "DEADLINE_PASSED",
    "AnalysisEngine",
    "EngineSettings",
    "FollowUp",
    "NewTask",
    "StateError",
    "StateLostError",
    "TaskQuery",
    "TaskRecord",
    "TaskState",
]
