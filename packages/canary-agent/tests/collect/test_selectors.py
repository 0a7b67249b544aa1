import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.collect import CollectError, parse_selector

LABELS = {"role": "canary", "tier": "web", "app.kubernetes.io/name": "shop"}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("role=canary", True),
        ("role==canary", True),
        ("role = canary , tier=web", True),
        ("role=canary,tier=db", False),
        ("role!=stable", True),
        ("role!=canary", False),
        ("missing!=anything", True),
        ("tier in (web, api)", True),
        ("tier in (api)", False),
        ("missing in (a)", False),
        ("tier notin (db,api)", True),
        ("tier notin (web)", False),
        ("missing notin (web)", True),
        ("role", True),
        ("missing", False),
        ("!missing", True),
        ("! role", False),
        ("app.kubernetes.io/name=shop", True),
        ("role=", False),
        ("missing=", False),
        ("tier in (web),role notin (stable),!gone", True),
    ],
)
def test_matches_as_kubernetes_does(selector: str, *, matches: bool) -> None:
    assert parse_selector(selector).matches(LABELS) is matches


@pytest.mark.parametrize(
    "selector",
    [
        "=x",
        "role=canary stable",
        "role in web",
        "role in (a",
        "role=a=b",
        "in (a)(",
        "a,,b",
        "x in (ä)",
    ],
)
def test_names_the_place_of_what_is_no_selector(selector: str) -> None:
    with pytest.raises(CollectError, match="label selector"):
        parse_selector(selector)


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=200)
def test_any_text_is_a_selector_or_an_error(text: str) -> None:
    with contextlib.suppress(CollectError):
        assert parse_selector(text).matches(LABELS) in {True, False}
