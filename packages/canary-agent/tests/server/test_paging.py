"""ListTasks: queries and tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from a2a.types import InvalidParamsError, ListTasksRequest, TaskState

from canary_agent.server.paging import page_query
from canary_agent.store import TaskState as State


def test_the_parameters_become_a_query() -> None:
    params = ListTasksRequest(context_id="c", status=TaskState.TASK_STATE_WORKING, page_size=7)
    params.status_timestamp_after.FromMilliseconds(1500)
    query = page_query(params)
    assert query is not None
    assert (query.context_id, query.state, query.limit) == ("c", State.WORKING, 7)
    assert query.updated_since == 1.5
    assert query.after is None


def test_a_state_that_no_analysis_has_finds_nothing() -> None:
    assert page_query(ListTasksRequest(status=TaskState.TASK_STATE_REJECTED)) is None


@pytest.mark.parametrize("size", [-1, 101])
def test_a_page_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(InvalidParamsError, match="pageSize"):
        page_query(ListTasksRequest(page_size=size))


@pytest.mark.parametrize(
    "token", ["x", "bm90IEpTT04=", "W10=", "WyJhIiwgMV0=", "WzEsIDFd", "WzEsICJhIl0=", "ä"]
)
def test_a_foreign_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidParamsError, match="pageToken"):
        page_query(ListTasksRequest(page_token=token))


async def test_tokens_lead_through_all_pages(
    talk: Any, question: Callable[..., dict[str, Any]]
) -> None:
    made = [(await talk.ask(question("raise"), contextId="paged"))["id"] for _ in range(5)]
    for task_id in made:
        await talk.reach(task_id)
    seen: list[str] = []
    token = ""
    while True:
        params = {"contextId": "paged", "pageSize": 2, "pageToken": token}
        page = (await talk.call("ListTasks", params))["result"]
        assert page["totalSize"] == 5
        seen += [task["id"] for task in page["tasks"]]
        token = page["nextPageToken"]
        if not token:
            break
    assert sorted(seen) == sorted(made)


async def test_a_listing_shows_verdicts_where_asked(
    talk: Any, question: Callable[..., dict[str, Any]]
) -> None:
    task = await talk.ask(question(), contextId="shown")
    await talk.reach(task["id"])
    bare = await talk.call("ListTasks", {"contextId": "shown"})
    assert "artifacts" not in bare["result"]["tasks"][0]
    whole = await talk.call("ListTasks", {"contextId": "shown", "includeArtifacts": True})
    assert whole["result"]["tasks"][0]["artifacts"][0]["name"] == "canary-verdict"
    none = await talk.call("ListTasks", {"contextId": "shown", "status": "TASK_STATE_REJECTED"})
    assert none["result"]["tasks"] == []
