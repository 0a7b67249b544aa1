from pathlib import Path

import pytest
from provider_world import PROMOTE, TOKEN, World, error, running

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase
from rollouts_plugin_metric_ai.a2a_client import Credentials
from rollouts_plugin_metric_ai.operator import Operator, OperatorError

ORIGIN = "https://agent.example:8443"


def test_without_variables_nothing_is_added() -> None:
    operator = Operator.from_environment({})
    own = Credentials()
    assert operator.credentials_for("http://agent:8080", own) is own


@pytest.mark.parametrize(
    ("agent_url", "sent"),
    [
        (ORIGIN, True),
        ("https://AGENT.example:8443/base", True),
        ("https://agent.example", False),
        ("http://agent.example:8443", False),
        ("https://agent.example.evil.test:8443", False),
    ],
)
def test_the_operator_s_token_goes_to_one_origin_only(agent_url: str, *, sent: bool) -> None:
    operator = Operator.from_environment(
        {"METRIC_AI_TOKEN": TOKEN, "METRIC_AI_TOKEN_ORIGIN": ORIGIN}
    )
    credentials = operator.credentials_for(agent_url, Credentials(header="X-Stolen"))
    assert (credentials.token == TOKEN) is sent
    if sent:
        assert credentials.headers_for(ORIGIN) == {"Authorization": f"Bearer {TOKEN}"}
        assert credentials.headers_for("https://evil.test") == {}


def test_a_stanza_s_own_token_goes_first() -> None:
    operator = Operator.from_environment(
        {"METRIC_AI_TOKEN": TOKEN, "METRIC_AI_TOKEN_ORIGIN": ORIGIN}
    )
    assert operator.credentials_for(ORIGIN, Credentials(token="own")).token == "own"


def test_a_mounted_token_is_read_again_when_it_rotates(tmp_path: Path) -> None:
    file = tmp_path / "token"
    operator = Operator.from_environment(
        {"METRIC_AI_TOKEN_FILE": str(file), "METRIC_AI_TOKEN_ORIGIN": ORIGIN}
    )
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        assert operator.credentials_for(ORIGIN, Credentials()).token == token


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff", b"two\nlines"])
def test_a_token_file_that_holds_none_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    operator = Operator.from_environment(
        {"METRIC_AI_TOKEN_FILE": str(file), "METRIC_AI_TOKEN_ORIGIN": ORIGIN}
    )
    with pytest.raises(OperatorError, match="METRIC_AI_TOKEN_FILE"):
        operator.credentials_for(ORIGIN, Credentials())


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"METRIC_AI_TOKEN": TOKEN}, "METRIC_AI_TOKEN_ORIGIN"),
        ({"METRIC_AI_TOKEN_FILE": "/run/token"}, "METRIC_AI_TOKEN_ORIGIN"),
        (
            {
                "METRIC_AI_TOKEN": TOKEN,
                "METRIC_AI_TOKEN_FILE": "/run/token",
                "METRIC_AI_TOKEN_ORIGIN": ORIGIN,
            },
            "found both",
        ),
        ({"METRIC_AI_TOKEN_ORIGIN": "agent.example"}, "METRIC_AI_TOKEN_ORIGIN"),
        ({"METRIC_AI_TOKEN_ORIGIN": f"{ORIGIN}/path"}, "found a path"),
        ({"METRIC_AI_RPC_ORIGINS": "not an origin"}, "METRIC_AI_RPC_ORIGINS"),
        (
            {"METRIC_AI_TOKEN": f"{TOKEN}\n{TOKEN}", "METRIC_AI_TOKEN_ORIGIN": ORIGIN},
            "METRIC_AI_TOKEN",
        ),
    ],
)
def test_a_mistake_of_the_operator_s_is_refused_without_its_token(
    environment: dict[str, str], named: str
) -> None:
    with pytest.raises(OperatorError, match=named) as caught:
        Operator.from_environment(environment)
    assert TOKEN not in str(caught.value)


async def test_the_agent_gets_the_operator_s_token(world: World) -> None:
    world.operator = Operator.from_environment(
        {"METRIC_AI_TOKEN": TOKEN, "METRIC_AI_TOKEN_ORIGIN": world.agent.url}
    )
    world.restart()
    first = running(await world.run())
    assert all(f"Authorization: Bearer {TOKEN}" in head for head in world.agent.heads)
    world.agent.finish("task-1", PROMOTE | {"analysis": TOKEN})
    done = await world.resume(first)
    assert done.phase is AnalysisPhase.SUCCESSFUL
    assert TOKEN not in done.message + str(dict(done.metadata))


async def test_an_unreadable_token_is_an_error_and_nothing_is_sent(
    world: World, tmp_path: Path
) -> None:
    world.operator = Operator.from_environment(
        {
            "METRIC_AI_TOKEN_FILE": str(tmp_path / "token"),
            "METRIC_AI_TOKEN_ORIGIN": world.agent.url,
        }
    )
    world.restart()
    assert "METRIC_AI_TOKEN_FILE" in error(await world.run())
    assert world.agent.heads == []
