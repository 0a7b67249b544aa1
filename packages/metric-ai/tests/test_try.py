"""`metric-ai try`: the plugin's own file, a scripted agent, and Ctrl-C in the middle."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import scripted_agent
import yaml
from kubernetes_api import KubernetesApi, Rule
from running import metric, plugin_file
from scripted_agent import ScriptedAgent

VERDICT = {
    "schemaVersion": "1",
    "verdict": "rollback",
    "promote": False,
    "confidence": 97,
    "rootCause": "connection refused \x1b[31mto [red]db[/red]",
    "analysis": "It fails.",
}
ROLLOUT = {
    "metadata": {"name": "shop", "namespace": "default", "uid": "r"},
    "spec": {"analysis": {"templates": [{"templateName": "logs"}]}},
    "status": {"currentPodHash": "abc", "stableRS": "def"},
}


@pytest.fixture
def template(tmp_path: Path) -> Any:
    """Writes a template whose metric asks the agent."""

    def write(agent_url: str, args: list[dict[str, Any]] | None = None, **stanza: object) -> Path:
        path = tmp_path / "template.yaml"
        spec = {"metrics": [metric(agent_url, **stanza)], "args": args or []}
        document = {"kind": "AnalysisTemplate", "metadata": {"name": "logs"}, "spec": spec}
        path.write_text(yaml.safe_dump(document))
        return path

    return write


@pytest.fixture
def rollouts(cluster: KubernetesApi, shell: Any) -> KubernetesApi:
    """A cluster with one Rollout, which uses the template."""
    shell.variables["METRIC_AI_PLUGIN"] = str(plugin_file())
    body = json.dumps({"items": [ROLLOUT]}).encode()
    cluster.rules.append(Rule(r"/rollouts\?", 200, "", body=body))
    return cluster


async def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = await asyncio.to_thread(process.communicate, timeout=60)
    return process.returncode, out, err


async def finish(agent: ScriptedAgent) -> None:
    """Ends the task with a verdict on the run that asked."""
    await agent.wait_for_call("GetTask")
    (task,) = agent.tasks
    question = json.dumps(agent.sent()[0])
    run_uid = question.split('runUid: the string \\"')[1].split('\\"')[0]
    agent.finish(task, {**VERDICT, "runUid": run_uid})


async def test_the_measurement_is_the_one_that_the_controller_would_get(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    async with scripted_agent.listening() as agent:
        process = shell.start("try", template(agent.url), "-o", "json")
        await finish(agent)
        code, out, err = await ended(process)
    assert code == 1, err
    measurement = json.loads(out)
    assert measurement["phase"] == "Failed"
    assert measurement["message"].startswith("rollback, 97 % confident: connection refused")
    request = json.loads(
        str(agent.sent()[0]["parts"][0]["text"]).split("```json\n")[1].split("\n```")[0]
    )
    assert request["rollout"]["name"] == "shop"
    assert request["canary"]["podTemplateHash"] == "abc"
    assert "for Rollout shop" in err
    assert all(one.path.startswith("/apis/argoproj.io") for one in rollouts.asked), rollouts.asked


async def test_people_see_the_verdict_without_what_steers_terminals(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    async with scripted_agent.listening() as agent:
        process = shell.start("try", template(agent.url))
        await finish(agent)
        code, out, _ = await ended(process)
    assert code == 1
    assert out.startswith("Failed  rollback, 97 % confident")
    assert "[red]db[/red]" in out
    assert "\x1b" not in out


async def test_ctrl_c_ends_the_agent_s_work_too(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    async with scripted_agent.listening() as agent:
        process = shell.start("try", template(agent.url))
        await agent.wait_for_call("GetTask")
        process.send_signal(signal.SIGINT)
        await agent.wait_for_call("CancelTask")
        code, out, err = await ended(process)
    assert code == 130
    assert out == ""
    assert "Terminate: " in err
    assert "ended by Ctrl-C" in err
    assert "Traceback" not in err


async def test_an_agent_that_is_not_there_is_an_error_with_its_reason(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    code, out, err = await ended(shell.start("try", template("http://127.0.0.1:9")))
    assert code == 4, err
    assert "Kubernetes Agent health check failed" in out


async def test_another_agent_may_be_named(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    async with scripted_agent.listening() as agent:
        path = template("http://agent.invalid")
        process = shell.start("try", path, "--agent-url", agent.url)
        await finish(agent)
        assert (await ended(process))[0] == 1


TOKEN = {"name": "token", "valueFrom": {"secretKeyRef": {"name": "agent", "key": "token"}}}


@pytest.mark.usefixtures("rollouts")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 4, "arguments without a value: confidence"),
        (("--arg", "confidence"), 2, "expected NAME=VALUE"),
        (("--arg", "confidenc=3"), 2, "did you mean confidence?"),
        (("--arg", "confidence=300"), 4, "minConfidence: found '300'"),
        (("--metric", "ai-analysys"), 2, "did you mean ai-analysis?"),
        (("--plugin", "template.yaml"), 4, "is no program that can be started"),
    ],
)
def test_what_is_missing_is_told_before_anything_starts(
    words: tuple[str, ...], code: int, said: str, shell: Any, template: Any
) -> None:
    path = template(
        "http://127.0.0.1:9", [{"name": "confidence"}], minConfidence="{{args.confidence}}"
    )
    done = shell.type("try", path, *words)
    assert done.code == code
    assert said in done.err


def test_a_secret_s_value_is_used_and_never_shown(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    body = json.dumps({"data": {"token": "aHVudGVyMjI="}}).encode()
    rollouts.rules.append(Rule("/secrets/agent$", 200, "", body=body))
    path = template("http://127.0.0.1:9", [TOKEN], auth={"token": "{{args.token}}"})
    done = shell.type("try", path, "--verbose", "-o", "json")
    assert done.code == 4
    assert "hunter22" not in done.out + done.err


def test_a_secret_that_may_not_be_read_is_told(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    rollouts.refuse("/secrets/agent$", 403, "secrets is forbidden")
    path = template("http://127.0.0.1:9", [TOKEN], auth={"token": "{{args.token}}"})
    done = shell.type("try", path)
    assert done.code == 4
    assert "this is not allowed to you: secrets is forbidden" in done.err


def test_a_program_that_is_no_plugin_is_told(
    shell: Any, rollouts: KubernetesApi, template: Any
) -> None:
    program = shell.folder / "plugin"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    done = shell.type("try", template("http://127.0.0.1:9"), "--plugin", program)
    assert done.code == 4
    assert "is no plugin that can be asked" in done.err
