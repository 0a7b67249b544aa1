import json
import time
from typing import Any

import pytest

from canary_verdict import Policy
from rollouts_plugin_metric_ai._fields import ConfigError
from rollouts_plugin_metric_ai.config import Settings, describe_settings, parse_settings

URL = "http://kubernetes-agent.argo-rollouts.svc.cluster.local:8080"
MINIMAL = {"agentUrl": URL, "stableLabel": "role=stable", "canaryLabel": "role=canary"}
TOKEN = "s3cr3t-t0ken"  # planted: must not come out anywhere


def parsed(**fields: object) -> Settings:
    return parse_settings(json.dumps(MINIMAL | fields).encode())


def refused(**fields: object) -> str:
    with pytest.raises(ConfigError) as caught:
        parsed(**fields)
    return str(caught.value)


def test_a_minimal_stanza_gets_the_defaults_of_the_contract() -> None:
    assert parsed() == Settings(
        agent_url=URL,
        stable_label="role=stable",
        canary_label="role=canary",
        protocol="auto",
        min_confidence=50,
        timeout=600,
        window=600,
        attach_logs=False,
        policy=Policy(),
        remediation_allowed=False,
    )


def test_labels_that_are_left_out_get_a_default_and_a_warning() -> None:
    settings = parse_settings(json.dumps({"agentUrl": URL}).encode())
    assert (settings.stable_label, settings.canary_label) == ("role=stable", "role=canary")
    assert settings.warnings == (
        "stableLabel is not set: role=stable is used",
        "canaryLabel is not set: role=canary is used",
    )


def test_a_full_stanza_is_read() -> None:
    settings = parsed(
        agentUrl="https://agent.example:8443/base/",
        stableLabel="app=shop,role in (stable, base),!canary",
        extraPrompt="Ignore color changes.",
        githubUrl="https://github.com/acme/shop",
        baseBranch="main",
        protocol="a2a",
        minConfidence=70.5,
        timeout="1h30m",
        window="15m",
        attachLogs=True,
        policy={"minLines": 50, "minDuration": "2m", "sensitivity": "high", "waive": ["OOMKilled"]},
        remediation={"allowed": True},
        auth={"token": TOKEN, "header": "X-Api-Key", "caFile": "/etc/agent/ca.crt"},
    )
    assert settings.agent_url == "https://agent.example:8443/base"
    assert settings.timeout == 5400
    assert settings.window == 900
    assert settings.policy == Policy(50, 120.0, "high", (), ("OOMKilled",))
    assert settings.remediation_allowed
    assert settings.credentials.token == TOKEN
    assert settings.credentials.header == "X-Api-Key"
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"minConfidence": "70"}, "min_confidence", 70.0),
        ({"minConfidence": ""}, "min_confidence", 50.0),
        ({"attachLogs": "true"}, "attach_logs", True),
        ({"remediation": {"allowed": "False"}}, "remediation_allowed", False),
        ({"timeout": ""}, "timeout", 600.0),
    ],
)
def test_what_came_through_an_argument_is_a_string_and_reads_the_same(
    fields: dict[str, Any], attribute: str, value: object
) -> None:
    assert getattr(parsed(**fields), attribute) == value


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"agentURL": URL}, "did you mean agentUrl?"),
        ({"canaryLable": "x"}, "did you mean canaryLabel?"),
        (
            {"policy": {"minlines": 3}},
            "'policy.minlines' is not a field of the stanza; did you mean",
        ),
        ({"zzz": 1}, "'zzz' is not a field of the stanza (known: agentUrl,"),
        ({"remediation": {"allow": True}}, "did you mean allowed?"),
        ({"auth": {"tokn": TOKEN}}, "did you mean token?"),
    ],
)
def test_an_unknown_field_is_an_error_with_the_nearest_known_name(
    fields: dict[str, Any], said: str
) -> None:
    text = refused(**fields)
    assert said in text
    assert TOKEN not in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"agentUrl": ""}, "agentUrl is required in plugin configuration: found nothing"),
        ({"agentUrl": None}, "agentUrl is required in plugin configuration: found nothing"),
        ({"agentUrl": 7}, "agentUrl: found 7, expected a string"),
        (
            {"agentUrl": "ftp://agent/"},
            "agentUrl: found the scheme 'ftp', expected http:// or https",
        ),
        ({"agentUrl": "file:///etc/passwd"}, "agentUrl: found the scheme 'file'"),
        ({"agentUrl": "agent:8080"}, "agentUrl: found no scheme"),
        ({"agentUrl": "http://"}, "expected a name or an address"),
        ({"agentUrl": "http://agent:99999"}, "found a host or port that is none"),
        ({"agentUrl": "http://agent:0"}, "agentUrl: found the host"),
        ({"agentUrl": "http://[::1"}, "found a host or port that is none"),
        ({"agentUrl": f"http://u:{TOKEN}@agent"}, "agentUrl: found a user or password in it"),
        ({"agentUrl": f"http://agent/?key={TOKEN}"}, "agentUrl: found a query or a fragment"),
        ({"agentUrl": "http://agent/#x"}, "found a query or a fragment"),
        ({"agentUrl": "http://agent\r\nX: y"}, "found blanks, control characters, backslashes"),
        ({"agentUrl": "http://agent\\@evil"}, "found blanks, control characters, backslashes"),
        ({"agentUrl": "http://" + "a" * 3000}, "agentUrl: found 3007 bytes, expected at most 2048"),
        ({"githubUrl": 7}, "githubUrl: found 7, expected a string"),
        ({"githubLabels": "bug"}, "githubLabels: found 'bug', expected a list of at most 10"),
        (
            {"githubLabels": ["x"] * 11},
            "githubLabels: found 11 entries, expected a list of at most",
        ),
        ({"githubAssignees": ["x", 7]}, "githubAssignees: found 7, expected a list of at most 10"),
        ({"githubAssignees": ["x" * 101]}, "githubAssignees: found 'xxx"),
        ({"stableLabel": "role=="}, None),
        ({"stableLabel": "role=a b"}, "stableLabel: found 'role=a b', expected a Kubernetes label"),
        ({"canaryLabel": "role in ()"}, None),
        ({"canaryLabel": "in (a)"}, "canaryLabel: found 'in (a)'"),
        ({"canaryLabel": "a=b,"}, "canaryLabel: found 'a=b,'"),
        ({"extraPrompt": "ü" * 4097}, "extraPrompt: found 8194 bytes, expected at most 8192"),
        ({"protocol": "a2b"}, "expected one of auto, a2a, rest; did you mean a2a?"),
        ({"minConfidence": 101}, "minConfidence: found 101, expected a number from 0 to 100"),
        ({"minConfidence": "NaN"}, "minConfidence: found 'NaN'"),
        ({"minConfidence": True}, "minConfidence: found true"),
        ({"minConfidence": []}, "minConfidence: found a list"),
        ({"timeout": "5s"}, "timeout: found '5s', expected a duration from 10s to 2h"),
        ({"timeout": "3h"}, "timeout: found '3h'"),
        ({"timeout": "10"}, "timeout: found '10'"),
        ({"timeout": 600}, "timeout: found 600, expected a string"),
        ({"attachLogs": "yes"}, "attachLogs: found 'yes', expected true or false"),
        ({"policy": []}, "policy: found a list, expected an object"),
        ({"policy": {"sensitivity": "extreme"}}, "policy.sensitivity: found the string 'extreme'"),
        (
            {"policy": {"waive": ["NotReady", "oomkiled"]}},
            "policy.waive: found 'oomkiled', allowed are",
        ),
        ({"policy": {"waive": ["crashloopbackof"]}}, "; did you mean CrashLoopBackOff?"),
        ({"remediation": True}, "remediation: found true, expected an object"),
        ({"auth": "token"}, "auth: found 'token', expected an object"),
        (
            {"auth": {"header": "X-Key"}},
            "auth.token: found nothing, expected the value of the header",
        ),
        ({"auth": {"token": f"{TOKEN}\n{TOKEN}"}}, "auth.token: found"),
        ({"auth": {"token": TOKEN, "header": "Host"}}, "auth.header: found 'Host'"),
        ({"auth": {"cert": "PEM"}}, "auth.cert and key: found one of the two"),
    ],
)
def test_a_bad_value_is_named_with_what_was_found_and_what_is_allowed(
    fields: dict[str, Any], said: str | None
) -> None:
    if said is None:
        parsed(**fields)  # Kubernetes takes an empty value, and so do we
        return
    text = refused(**fields)
    assert said in text
    assert TOKEN not in text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"https://{TOKEN}@github.com/a/b", "githubUrl: found a user or password in it"),
        ("git@github.com:acme/shop.git", "githubUrl: found no scheme"),
        ("ssh://git@github.com/acme/shop", "githubUrl: found the scheme 'ssh'"),
        ("https://github.com/acme/shop?tab=readme", "githubUrl: found a query or a fragment"),
        ("https://github.com/" + "a" * 3000, "or more than 2048 characters"),
    ],
)
def test_a_wrong_github_url_costs_the_issue_and_never_the_verdict(address: str, said: str) -> None:
    settings = parsed(githubUrl=address)
    assert settings.github_url == ""
    (warning,) = settings.warnings
    assert said in warning
    assert warning.endswith("; GitHub is left out")
    assert TOKEN not in warning


def test_labels_and_assignees_of_issues_are_lists_with_a_default() -> None:
    assert parsed().github_labels == ("canary-failure",)
    assert parsed().github_assignees == ()
    settings = parsed(githubLabels=[" incident ", ""], githubAssignees=["octocat"])
    assert settings.github_labels == ("incident",)
    assert settings.github_assignees == ("octocat",)


@pytest.mark.parametrize("stanza", [b"", b"{", b'"x"', b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_without_quoting_it(stanza: bytes) -> None:
    with pytest.raises(ConfigError, match="the stanza: found"):
        parse_settings(stanza)


def test_a_stanza_that_is_not_there_says_where_it_belongs() -> None:
    with pytest.raises(
        ConfigError, match=r"no provider\.plugin stanza named argoproj-labs/metric-ai"
    ):
        parse_settings(None)


def test_a_huge_stanza_is_refused_unread() -> None:
    with pytest.raises(ConfigError, match="expected at most 262144"):
        parse_settings(b" " * 300_000)


@pytest.mark.parametrize(
    "selector", ["a" * 2048, "a=" * 1000, "a in (" + "b," * 900, " " * 2000 + "=", "!" * 2048]
)
def test_no_selector_takes_long_to_refuse(selector: str) -> None:
    began = time.process_time()
    refused(stableLabel=selector)
    assert time.process_time() - began < 5  # catastrophic backtracking would take hours


def test_the_description_for_logs_holds_no_secret_and_no_prompt() -> None:
    settings = parsed(auth={"token": TOKEN}, extraPrompt="private advice")
    text = json.dumps(describe_settings(settings)) + repr(settings)
    assert TOKEN not in text
    assert "private advice" not in json.dumps(describe_settings(settings))
