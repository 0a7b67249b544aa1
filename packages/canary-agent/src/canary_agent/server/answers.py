"""From a task as it is kept to a task as A2A shows it."""

import json
import uuid
from datetime import UTC, datetime

from a2a.helpers.proto_helpers import new_data_part
from a2a.types import Artifact, Message, Part, Role, Task, TaskState, TaskStatus

from canary_agent.store import TaskRecord
from canary_agent.store import TaskState as State
from canary_verdict import ARTIFACT_NAME, VERDICT_MEDIA_TYPE

_STATES = {
    State.SUBMITTED: TaskState.TASK_STATE_SUBMITTED,
    State.WORKING: TaskState.TASK_STATE_WORKING,
    State.COMPLETED: TaskState.TASK_STATE_COMPLETED,
    State.FAILED: TaskState.TASK_STATE_FAILED,
    State.CANCELED: TaskState.TASK_STATE_CANCELED,
}


def kept_state(state: TaskState) -> State | None:
    """The state of ours that an A2A state means; None where an analysis is never in it."""
    return next((ours for ours, theirs in _STATES.items() if theirs == state), None)


def show_task(
    record: TaskRecord, sign_of_life: float, *, artifacts: bool = True, report_link: str = ""
) -> Task:
    """The task as A2A shows it, without history.

    Args:
        record: the task.
        sign_of_life: seconds since the epoch; becomes the status's timestamp.
        artifacts: whether the verdict is shown.
        report_link: absolute address of the verdict's page; empty where it is not known.
    """
    task = Task(id=record.id, context_id=record.context_id)
    task.status.CopyFrom(_status(record, sign_of_life))
    if artifacts and record.verdict:
        task.artifacts.append(_artifact(record, report_link))
    return task


def _status(record: TaskRecord, sign_of_life: float) -> TaskStatus:
    timestamp = datetime.fromtimestamp(sign_of_life, UTC)
    status = TaskStatus(state=_STATES[record.state], timestamp=timestamp)
    if record.reason:
        status.message.CopyFrom(
            Message(
                message_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record.id} {record.reason}")),
                context_id=record.context_id,
                task_id=record.id,
                role=Role.ROLE_AGENT,
                parts=[Part(text=record.reason, media_type="text/plain")],
            )
        )
    return status


def _artifact(record: TaskRecord, report_link: str) -> Artifact:
    """The verdict as data and as text; A2A 0.3 keeps a part's metadata, but not its media type."""
    document = json.loads(record.verdict)
    text = record.verdict
    if report_link:
        document["reportLink"] = report_link
        text = json.dumps(document, ensure_ascii=False)
    data = new_data_part(document, VERDICT_MEDIA_TYPE)
    data.metadata.update({"mediaType": VERDICT_MEDIA_TYPE})
    return Artifact(
        artifact_id=str(uuid.uuid5(uuid.NAMESPACE_OID, record.id)),
        name=ARTIFACT_NAME,
        parts=[data, Part(text=text, media_type="application/json")],
    )
