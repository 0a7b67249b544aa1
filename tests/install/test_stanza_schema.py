"""The JSON Schema of the stanza says what the plugin's own reader says."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts_plugin_metric_ai import config
from rollouts_plugin_metric_ai._fields import ConfigError
from rollouts_plugin_metric_ai.stanza_schema import schema_text, stanza_schema

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "schemas" / "analysis-template-stanza.schema.json"
URL = "http://kubernetes-agent.argo-rollouts.svc.cluster.local:8080"
VALIDATOR = jsonschema.Draft202012Validator(stanza_schema())

BEYOND_A_SCHEMA = {
    "a host that is none": ("http://agent:99999", "http://agent:0", "http://[::1"),
    "a duration out of its bounds": ("5s", "3h"),
    "bytes, where a schema counts letters": ("ü" * 4097,),
}
"""Values that the reader refuses and the schema lets pass, with the reason."""


def refused_cases() -> Iterator[dict[str, Any]]:
    """What the reader's own tests say is refused."""
    path = ROOT / "packages" / "rollouts-plugin-metric-ai" / "tests" / "test_config.py"
    spec = importlib.util.spec_from_file_location("cases_of_test_config", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for test in (
        module.test_a_bad_value_is_named_with_what_was_found_and_what_is_allowed,
        module.test_an_unknown_field_is_an_error_with_the_nearest_known_name,
    ):
        for fields, said in test.pytestmark[0].args[1]:
            if said is not None:
                yield module.MINIMAL | fields


CASES = list(refused_cases())


def is_beyond(stanza: dict[str, Any]) -> bool:
    values = [value for value in stanza.values() if isinstance(value, str)]
    return any(value in each for value in values for each in BEYOND_A_SCHEMA.values())


def reader_refuses(stanza: object) -> bool:
    try:
        config.parse_settings(json.dumps(stanza).encode())
    except ConfigError:
        return True
    return False


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(stanza_schema())


def test_the_committed_file_is_the_one_that_the_plugin_prints() -> None:
    program = "import sys; from rollouts_plugin_metric_ai.cli import main; sys.exit(main())"
    printed = subprocess.run(
        [sys.executable, "-c", program, "--schema"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert printed == schema_text()
    assert COMMITTED.read_text("utf-8") == printed, (
        f"write it anew: metric-ai --schema > {COMMITTED.relative_to(ROOT)}"
    )


def test_it_knows_exactly_the_fields_that_the_reader_knows() -> None:
    fields: dict[str, Any] = json.loads(schema_text())["properties"]
    assert set(fields) == set(config.FIELDS)
    assert set(fields["policy"]["properties"]) == set(config.POLICY_FIELDS)
    assert set(fields["auth"]["properties"]) == set(config.AUTH_FIELDS)
    assert set(fields["remediation"]["properties"]) == {"allowed"}


def test_its_defaults_are_the_reader_s() -> None:
    fields: dict[str, Any] = json.loads(schema_text())["properties"]
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    bare = config.parse_settings(json.dumps({"agentUrl": URL}).encode())
    spelled = config.parse_settings(json.dumps({"agentUrl": URL} | defaults).encode())
    assert config.describe_settings(bare) == config.describe_settings(spelled)


@pytest.mark.parametrize("stanza", CASES, ids=lambda stanza: repr(stanza)[-60:])
def test_what_the_reader_refuses_is_refused_where_a_schema_can(stanza: dict[str, Any]) -> None:
    assert reader_refuses(stanza)
    assert VALIDATOR.is_valid(stanza) == is_beyond(stanza)


def test_there_are_cases_and_few_of_them_are_beyond_a_schema() -> None:
    assert len(CASES) > 40
    assert sum(map(is_beyond, CASES)) == 6


@pytest.mark.parametrize(
    "fields",
    [
        {"agentUrl": "{{args.agent}}"},
        {"agentUrl": "http://{{args.agent-host}}:8080"},
        {"minConfidence": "{{args.least}}", "attachLogs": "{{args.attach}}"},
        {"timeout": "{{args.minutes}}m", "auth": {"token": "{{args.token}}"}},
        {"minConfidence": "70", "attachLogs": "True", "remediation": {"allowed": "false"}},
        {"policy": {"minLines": 3.0, "minDuration": "", "waive": ["OOMKilled"]}, "auth": None},
    ],
)
def test_arguments_and_what_comes_from_them_are_taken(fields: dict[str, Any]) -> None:
    VALIDATOR.validate({"agentUrl": URL} | fields)


def test_an_argument_is_no_number_of_lines() -> None:
    """What comes from an argument is a string, which the reader refuses there."""
    stanza = {"agentUrl": URL, "policy": {"minLines": "70"}}
    assert reader_refuses(stanza)
    assert not VALIDATOR.is_valid({"agentUrl": URL, "policy": {"minLines": "{{args.lines}}"}})


WORDS = st.sampled_from(
    (
        *("", "role=stable", "app in (a, b)", "!x", "10m", "1h30m", "90", "70", "+1_0.5e0", "nan"),
        *(
            "true",
            "False",
            "auto",
            "rest",
            "high",
            "Authorization",
            "host",
            "X-Key",
            " t0k ",
            "a b",
        ),
        *(URL, "https://a.b/c@d/", "HTTP://[::1]:80", "http://a?b", "http://u@a", "main", "\n"),
    )
)
TEXTS = st.one_of(WORDS, st.text(st.characters(max_codepoint=0x2FF), max_size=12))
SCALARS = st.one_of(TEXTS, st.integers(-5, 200), st.floats(-1, 101), st.booleans(), st.none())
NESTED = st.sampled_from([*config.POLICY_FIELDS, *config.AUTH_FIELDS, "allowed"])
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(NESTED, st.one_of(SCALARS, st.lists(TEXTS, max_size=2)), max_size=3),
)
# Few fields at a time, or hardly any stanza would be taken.
STANZAS = st.dictionaries(st.sampled_from(config.FIELDS), VALUES, max_size=2)


@settings(deadline=None, max_examples=400)
@given(STANZAS)
def test_what_the_reader_takes_is_never_refused(fields: dict[str, Any]) -> None:
    stanza = {"agentUrl": URL} | fields
    if not reader_refuses(stanza):
        VALIDATOR.validate(stanza)
