"""ListTasks: from A2A's parameters to a query, and the tokens that name the next page."""

import base64
import json
import uuid

from a2a.types import InvalidParamsError, ListTasksRequest, TaskState

from canary_agent.store import TaskQuery, TaskRecord

from .answers import kept_state

DEFAULT_PAGE = 50
LARGEST_PAGE = 100


def page_query(params: ListTasksRequest) -> TaskQuery | None:
    """The query for a page; None where nothing of ours can match.

    Raises:
        InvalidParamsError: the page size is not 1 to 100, or the token is none of ours.

    Source: A2A 1.0, section 3.1.4, List Tasks.
    """
    size = params.page_size if params.HasField("page_size") else DEFAULT_PAGE
    if not 1 <= size <= LARGEST_PAGE:
        raise InvalidParamsError(f"pageSize: found {size}, expected 1 to {LARGEST_PAGE}")
    state = kept_state(params.status)
    if state is None and params.status != TaskState.TASK_STATE_UNSPECIFIED:
        return None
    if "\0" in params.context_id:  # which no database need be asked
        return None
    since = None
    if params.HasField("status_timestamp_after"):
        since = params.status_timestamp_after.ToMicroseconds() / 1e6
    return TaskQuery(
        context_id=params.context_id,
        state=state,
        updated_since=since,
        after=read_token(params.page_token) if params.page_token else None,
        limit=size,
    )


def next_token(last: TaskRecord) -> str:
    """The token of the page that comes after the task `last`."""
    position = json.dumps([last.updated_at, last.id]).encode()
    return base64.urlsafe_b64encode(position).decode()


def read_token(token: str) -> tuple[float, str]:
    """The (updated_at, id) of the last task that the asker has seen.

    Raises:
        InvalidParamsError: the token is none of ours.
    """
    try:
        updated_at, task_id = json.loads(base64.urlsafe_b64decode(token))
        return float(updated_at), str(uuid.UUID(task_id))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidParamsError(
            "pageToken: expected a token from an earlier answer of this agent"
        ) from error
