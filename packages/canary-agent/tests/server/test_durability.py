"""Real agents that are killed, drained and started again over the same state."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Question = Callable[..., dict[str, Any]]


async def _draining(talk: Any) -> None:
    give_up = time.monotonic() + 30
    while (await talk.http.get("/readyz")).status_code != 503:
        assert time.monotonic() < give_up


async def test_after_a_kill_unfinished_work_goes_on(
    agent: Any, question: Question, until: Any
) -> None:
    running = [question("wait") for _ in range(2)]
    waiting, done, cancelled = question(), question(), question()
    agent.start()
    async with agent.talk() as talk:
        finished = await talk.ask(done, messageId="done")
        await talk.reach(finished["id"], "COMPLETED")
        tasks = [await talk.ask(asked) for asked in running]
        await until(lambda: all(agent.gates.starts(asked) for asked in running))
        queued = await talk.ask(waiting, contextId="queued")
        dropped = await talk.ask(cancelled)
        await talk.call("CancelTask", {"id": dropped["id"]})
    children = [agent.gates.starts(asked)[0] for asked in running]
    agent.kill()
    await until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))

    for asked in running:
        agent.gates.open(asked)
    agent.start()
    async with agent.talk() as talk:
        for task in (*tasks, queued):
            await talk.reach(task["id"], "COMPLETED")
        assert (await talk.get(finished["id"]))["artifacts"]
        assert (await talk.get(dropped["id"]))["status"]["state"] == "TASK_STATE_CANCELED"
        again = await talk.ask(done, messageId="done")
        assert again["id"] == finished["id"]
        listed = (await talk.call("ListTasks", {"contextId": "queued"}))["result"]["tasks"]
        assert [task["id"] for task in listed] == [queued["id"]]
    assert [len(agent.gates.starts(asked)) for asked in running] == [2, 2]
    assert len(agent.gates.starts(done)) == 1
    assert agent.gates.starts(cancelled) == []


async def test_a_kill_right_after_the_answer_to_send_loses_nothing(
    agent: Any, question: Question
) -> None:
    agent.start()
    async with agent.talk() as talk:
        task = await talk.ask(question())
    agent.kill()
    agent.start()
    async with agent.talk() as talk:
        await talk.reach(task["id"], "COMPLETED")


async def test_a_task_that_is_there_at_every_crash_is_given_up(
    agent: Any, question: Question, until: Any
) -> None:
    asked = question("deaf")
    agent.start()
    async with agent.talk() as talk:
        task = await talk.ask(asked)
    for crash in range(1, 4):
        await until(lambda n=crash: len(agent.gates.starts(asked)) == n)
        agent.kill()
        agent.start()
    async with agent.talk() as talk:
        failed = await talk.reach(task["id"], "FAILED")
    reason = failed["status"]["message"]["parts"][0]["text"]
    assert "crashed 3 times" in reason
    assert "the agent itself ended" in reason


async def test_sigterm_drains(agent: Any, question: Question, until: Any) -> None:
    agent.arguments = ("--concurrency", "1", "--grace", "60")
    first, second = question("wait"), question()
    agent.start()
    async with agent.talk() as talk:
        running = await talk.ask(first)
        await until(lambda: agent.gates.starts(first))
        waiting = await talk.ask(second)
        agent.process.send_signal(signal.SIGTERM)
        await _draining(talk)
        assert (await talk.http.get("/healthz")).status_code == 200
        late = await talk.ask(question())
        assert (await talk.get(running["id"]))["status"]["state"] == "TASK_STATE_WORKING"
        agent.gates.open(first)
        await talk.reach(running["id"], "COMPLETED")
        assert (await talk.get(waiting["id"]))["status"]["state"] == "TASK_STATE_SUBMITTED"
    assert agent._wait() == 0
    assert agent.gates.starts(second) == []
    agent.start()
    async with agent.talk() as talk:
        for task in (waiting, late):
            await talk.reach(task["id"], "COMPLETED")
    assert agent.terminate() == 0


async def test_the_agent_talks_to_nobody(agent: Any, question: Question) -> None:
    agent.start()
    async with agent.talk() as talk:
        await talk.reach((await talk.ask(question()))["id"], "COMPLETED")
        port = int(agent.url.rpartition(":")[2])
        assert {local for local, _ in _tcp(agent.process.pid)} == {port}


def _tcp(pid: int) -> set[tuple[int, int]]:
    """Local and remote port of each TCP socket of a process."""
    links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [row.split() for row in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    rows += [row.split() for row in Path(f"/proc/{pid}/net/tcp6").read_text().splitlines()[1:]]
    return {
        (int(row[1].rpartition(":")[2], 16), int(row[2].rpartition(":")[2], 16))
        for row in rows
        if row[9] in inodes
    }
