"""Real agents over a real PostgreSQL server: killed, restarted, two on one database, cut off from it."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Until = Callable[..., None]

# Starting agents takes seconds each on a busy machine.
pytestmark = pytest.mark.timeout(240)


def test_kill_and_restart_lose_nothing(replicas: Any, until: Until) -> None:
    agent = replicas.add()
    running, waiting, done = replicas.question("wait"), replicas.question(), replicas.question()
    finished = agent.ask(done, messageId="done")
    until(lambda: agent.status(finished) == "COMPLETED")
    first = agent.ask(running)
    until(lambda: replicas.starts(running))
    second = agent.ask(waiting)
    agent.signal(signal.SIGKILL)
    child = replicas.starts(running)[0]
    until(lambda: not Path(f"/proc/{child}").exists())

    replicas.open(running)
    agent.start()
    until(lambda: agent.status(first) == agent.status(second) == "COMPLETED")
    assert agent.task(finished)["artifacts"]
    assert agent.ask(done, messageId="done")["id"] == finished["id"]
    assert len(replicas.starts(running)) == 2
    assert len(replicas.starts(done)) == 1
    assert agent.signal(signal.SIGTERM) == 0


def test_text_that_postgresql_does_not_take_is_no_trouble(replicas: Any, until: Until) -> None:
    agent = replicas.add()
    asked = replicas.question()
    asked["run"]["uid"] += "\udcff"
    asked["extraPrompt"] = "raise \0"
    task = agent.ask(asked, contextId="ä")
    until(lambda: agent.status(task) == "FAILED")
    assert agent.call("GetTask", {"id": "\0"})["error"]["code"] == -32001
    assert agent.call("ListTasks", {"contextId": "\0"})["result"]["tasks"] == []
    assert len(agent.call("ListTasks", {"contextId": "ä"})["result"]["tasks"]) == 1


def test_two_agents_run_each_analysis_once(replicas: Any, until: Until) -> None:
    # Reports are linked under the one name that both are reached by.
    options = ("--concurrency", "2", "--public-url", "https://agents.example")
    one, other = replicas.prepare(*options), replicas.prepare(*options)
    one.start()
    other.start()
    asked = [replicas.question("wait") for _ in range(4)]
    tasks = [(one, other)[n % 2].ask(question) for n, question in enumerate(asked)]
    until(lambda: all(replicas.starts(question) for question in asked), "all four at work")
    for question in asked:
        replicas.open(question)
    for task in tasks:
        until(lambda task=task: one.status(task) == "COMPLETED")
        assert other.task(task)["artifacts"] == one.task(task)["artifacts"]
    parents = [len(replicas.starts(question)) for question in asked]
    assert parents == [1, 1, 1, 1]


def test_the_same_message_to_two_agents_is_one_task(replicas: Any, until: Until) -> None:
    one, other = replicas.add(), replicas.add()
    asked = replicas.question()
    ids = {
        replica.ask(asked, messageId="the same")["id"] for replica in (one, other) for _ in range(5)
    }
    assert len(ids) == 1
    until(lambda: one.status({"id": ids.copy().pop()}) == "COMPLETED")
    assert len(replicas.starts(asked)) == 1


def test_a_cancel_at_another_agent_stops_the_analysis(replicas: Any, until: Until) -> None:
    one = replicas.add()
    asked = replicas.question("late")
    task = one.ask(asked)
    until(lambda: replicas.starts(asked))
    other = replicas.add()
    other.call("CancelTask", {"id": task["id"]})
    child = replicas.starts(asked)[0]
    until(lambda: not Path(f"/proc/{child}").exists(), "the child ends")
    assert one.status(task) == "CANCELED"
    assert "artifacts" not in one.task(task)


def test_who_waits_at_one_agent_hears_what_another_one_finds(replicas: Any, until: Until) -> None:
    one = replicas.add()
    asked = replicas.question("wait")
    task = one.ask(asked, messageId="shared")
    until(lambda: replicas.starts(asked))
    other = replicas.add()
    sign = other.task(task)["status"]["timestamp"]
    until(lambda: other.task(task)["status"]["timestamp"] != sign, "a sign of life from afar")
    replicas.open(asked)
    message = {"messageId": "shared", "role": "ROLE_USER", "parts": [{"data": asked}]}
    answered = other.call("SendMessage", {"message": message})["result"]["task"]
    assert answered["status"]["state"] == "TASK_STATE_COMPLETED"


def test_survivors_go_on_with_the_work_of_a_dead_agent(replicas: Any, until: Until) -> None:
    one = replicas.add()
    asked = replicas.question("wait")
    task = one.ask(asked)
    until(lambda: replicas.starts(asked))
    other = replicas.add()
    one.signal(signal.SIGKILL)
    replicas.open(asked)
    until(lambda: other.status(task) == "COMPLETED")
    assert len(replicas.starts(asked)) == 2
    assert "going on with the work of 1 replicas that ended" in other.log()


def test_an_agent_that_ends_in_order_hands_its_work_over(replicas: Any, until: Until) -> None:
    one = replicas.add("--grace", "0")
    asked = replicas.question("wait")
    task = one.ask(asked)
    until(lambda: replicas.starts(asked))
    other = replicas.add()
    assert one.signal(signal.SIGTERM) == 0
    replicas.open(asked)
    until(lambda: other.status(task) == "COMPLETED")
    assert len(replicas.starts(asked)) == 2


def test_an_analysis_outlives_a_restart_of_the_database(
    replicas: Any, running_server: Any, until: Until
) -> None:
    agent = replicas.add()
    during, after = replicas.question("wait"), replicas.question("wait")
    tasks = [agent.ask(during), agent.ask(after)]
    until(lambda: replicas.starts(during) and replicas.starts(after))
    running_server.stop()
    until(lambda: not agent.ready(), "not ready")
    assert "error" in agent.call("GetTask", {"id": tasks[0]["id"]})
    replicas.open(during)  # its verdict has to wait for the database
    child = replicas.starts(during)[0]
    until(lambda: not Path(f"/proc/{child}").exists(), "the child ends")
    running_server.start()
    until(agent.ready, "ready again")
    until(lambda: agent.status(tasks[0]) == "COMPLETED")
    replicas.open(after)
    until(lambda: agent.status(tasks[1]) == "COMPLETED")
    assert [len(replicas.starts(asked)) for asked in (during, after)] == [1, 1]
    assert agent.process.poll() is None


def test_an_agent_cut_off_for_too_long_stops_its_work_and_ends(
    replicas: Any, running_server: Any, until: Until
) -> None:
    agent = replicas.prepare()
    agent.environment["AGENT_PATIENCE"] = "3"
    agent.start()
    asked = replicas.question("deaf")
    task = agent.ask(asked)
    until(lambda: replicas.starts(asked))
    child = replicas.starts(asked)[0]
    running_server.stop()
    assert agent.wait() == 1
    until(lambda: not Path(f"/proc/{child}").exists(), "the child ends")
    assert "the database was out of reach for 3 s" in agent.log()
    running_server.start()
    replicas.open(asked)
    agent.start()
    until(lambda: agent.status(task) == "COMPLETED")


def test_an_agent_that_others_took_for_dead_ends(
    replicas: Any, server: Any, database: str, until: Until
) -> None:
    agent = replicas.add()
    server.query("DELETE FROM canary_replicas", database)
    assert agent.wait() == 1
    assert "other replicas have taken this one for dead" in agent.log()


def test_children_get_no_password(replicas: Any, until: Until, password: str) -> None:
    agent = replicas.add(PGPASSWORD=password)
    asked = replicas.question("wait")
    agent.ask(asked)
    until(lambda: replicas.starts(asked))
    environment = Path(f"/proc/{replicas.starts(asked)[0]}/environ").read_bytes()
    assert b"CANARY_AGENT_STATE" not in environment
    assert b"PGPASSWORD" not in environment
    arguments = Path(f"/proc/{agent.process.pid}/cmdline").read_bytes()
    assert password.encode() not in arguments
    assert os.getpid() != agent.process.pid


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda url: url.replace("/agent_", "/nothere_"), "does not exist"),
        (lambda url: url.replace("judge:", "judge:x"), "password authentication failed"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), ""),
    ],
)
def test_a_database_that_cannot_be_used_is_an_error(
    replicas: Any, change: Callable[[str], str], named: str
) -> None:
    agent = replicas.prepare()
    agent.state = change(agent.state)
    assert agent.start_and_read_line() == ""
    assert agent.wait() == 1
    assert "canary-agent: cannot use postgresql+psycopg://judge:***@" in agent.log()
    assert named in agent.log()


def test_a_role_that_may_not_make_a_schema_is_told(
    replicas: Any, server: Any, database: str
) -> None:
    server.query("DROP ROLE IF EXISTS weak")
    server.query("CREATE ROLE weak LOGIN PASSWORD 'weak-password'")
    server.query("GRANT ALL ON SCHEMA public TO weak", database)
    agent = replicas.prepare()
    agent.state = f"postgresql://weak:weak-password@127.0.0.1:{server.port}/{database}"
    assert agent.start_and_read_line() == ""
    assert agent.wait() == 1
    assert "permission denied" in agent.log()
    assert "canary-agent: cannot use the state" in agent.log()
    assert "weak-password" not in agent.log()
    server.query("REVOKE ALL ON SCHEMA public FROM weak", database)
