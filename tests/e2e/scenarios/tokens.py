"""A token that the stanza takes from a Secret."""

import json

from ._registry import scenario
from ._script import promote
from ._stage import Stage, metric

__all__: list[str] = []

_TOKEN = "pl4nted-in-a-secret"  # must not come out anywhere


@scenario("token from a Secret by args: the agent gets it, and nobody else")
def token_from_a_secret(stage: Stage) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "agent-token"},
        "stringData": {"token": _TOKEN},
    }
    reference = {"secretKeyRef": {"name": "agent-token", "key": "token"}}
    with stage.scripted() as (namespace, agent):
        namespace.apply(secret)
        agent.plan = promote
        run = stage.analyse(
            namespace,
            metric(agent.url, {"auth": {"token": "{{args.token}}"}}),
            args=[{"name": "token", "valueFrom": reference}],
        )
        ended = run.ends_as("Successful")
        asked = [head for head in agent.agent.heads if head.startswith("POST /rpc")]
        assert asked
        assert all(f"authorization: bearer {_TOKEN}" in head.lower() for head in asked)
        assert _TOKEN not in json.dumps(ended)
        assert _TOKEN not in stage.plane.controller.log()
