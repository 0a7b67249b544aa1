import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from canary_verdict import CanaryVerdict, EvidenceItem, Run, Sample, Verdict
from canary_verdict.issue import (
    MAX_BODY,
    Incident,
    issue_body,
    issue_key,
    issue_title,
    names_key,
)

RUN = Run("5f1c0e1e", "shop-6d9", "prod", "ai-analysis")
HOSTILE = [
    "@octocat please look",
    "mail root@example.com or @acme/admins",
    "fixes #12, closes GH-12, see acme/shop#1 and acme/shop@0123456789abcdef",
    "go to https://evil.tld/x or www.evil.tld or mailto:a@b.tld",
    "[click](https://evil.tld) and ![pixel](https://evil.tld/p.png)",
    "<img src=x onerror=alert(1)> <script>alert(1)</script> <!-- metricai0 -->",
    "[ref]: https://evil.tld\n[ref]",
    "```\n@octocat ```` ~~~\n# head\n```",
    "` `` ``` @octocat ` #12",
    "a | b | @c \\| d \\",
    "\\\\| \\` @octocat",
    "> quote\n- list\n1. one\n# head\n=== \n---\n+ plus\n    @code",
    "$x$ $$\\unicode{x}$$",
    "&lt;b&gt; &#64;octocat &commat;octocat &num;12",
    "\u202e@octocat\u200b\x1b[31m\x00",
    "@\u2060octocat",
    "<https://evil.tld> <a@b.tld>",
    "| a |\n| - |\n| @b |",
    "<details><summary>@x</summary>",
    "\uff28\uff34\uff34\uff30://evil.tld HTTPS://EVIL.TLD gh-12 WWW.evil.tld",
]
REFERENCE = re.compile(
    r"@[\w-]|#\w|\bgh-\d|\bhttps?://|\bftp://|www\.\w|\b(?:mailto|xmpp):\w", re.IGNORECASE
)


def incident(text: str, **more: object) -> Incident:
    """An incident all of whose free text is `text`."""
    sample = Sample(text, text, text, text)
    item = EvidenceItem(text, text, text, text, 1, 2, 3.0, 0.01, 0.02, sample, sample)
    verdict = CanaryVerdict(
        "5f1c0e1e",
        Verdict.ROLLBACK,
        97.0,
        analysis=text,
        root_cause=text,
        remediation=text,
        evidence=(item,) * 12,
        agent_version=text,
        pr_link=text,
        report_link=text,
        stable_images={text: text, "b": f"{text}1"},
        canary_images={text: text, "b": text},
    )
    return Incident(Run("u", text, text, text), verdict, text, text)


def plain_incident() -> Incident:
    items = (
        EvidenceItem("e2", "rate", "a note", "note"),
        EvidenceItem(
            "e1",
            "novelty",
            "connection refused to <*>",
            "hard",
            0,
            41,
            None,
            1e-9,
            canary_sample=Sample("ERROR connection refused to db:5432", "shop-7c9b-x"),
        ),
    )
    verdict = CanaryVerdict(
        RUN.uid,
        Verdict.ROLLBACK,
        97.0,
        "Compared 400 lines.",
        "The database refuses connections.",
        "Check the Service.",
        items,
        agent_version="canary-agent 0.1.0",
        report_link="https://agent.example:8443/reports/6d9",
        stable_images={"app": "registry.example/shop:1"},
        canary_images={"app": "registry.example/shop:2", "proxy": "envoy:1"},
    )
    return Incident(RUN, verdict, "shop", "7c9b")


def tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found: list[Token] = []
    for token in parser.parse(text):
        found += [token, *(token.children or ())]
    return found


def assert_harmless(body: str) -> None:
    """What GitHub would make of it: a head comment of ours, our headings and tables, and nothing else."""
    first, *rest = tokens(body)
    assert first.type == "html_block"
    assert re.fullmatch(r"<!-- metricai[0-9a-f]{19} -->\n?", first.content)
    for token in rest:
        assert token.type not in {"html_block", "html_inline", "image"}, token
        assert token.type != "link_open", token
        if token.type == "text":
            assert not REFERENCE.search(token.content), token.content
    heads = [token.tag for token in rest if token.type == "heading_open"]
    assert set(heads) <= {"h3"}
    assert sum(token.type == "table_open" for token in rest) == 1
    assert sum(token.type == "tr_open" for token in rest) == 11


def test_the_body_tells_what_happened_why_and_how_to_see_more() -> None:
    body = issue_body(plain_incident(), "metric-ai 0.1.0")
    for said in (
        "The canary of Rollout `shop` in namespace `prod` failed its analysis: **rollback, 97 % confident**",
        "**Root cause:** The database refuses connections.",
        "**Remedy:** Check the Service.",
        "- AnalysisRun: `shop-6d9`, metric `ai-analysis`",
        "- Revision (pod template hash): `7c9b`",
        "- Images: `registry.example/shop:2` (stable: `registry.example/shop:1`), `envoy:1`",
        "- Report: <https://agent.example:8443/reports/6d9>",
        "| e1 | connection refused to &lt;\\*&gt; | hard | 0 | 41 |  | 1e-09 |",
        "```\nERROR connection refused to db:5432\n```",
        "kubectl -n prod get analysisrun shop-6d9 -o yaml",
        "kubectl argo rollouts -n prod get rollout shop",
        "Opened by metric-ai 0.1.0.",
        f"Key: `{issue_key(RUN)}`",
    ):
        assert said in body
    assert body.index("| e1 |") < body.index("| e2 |")  # the strongest first


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://agent.example/x> <https://evil.tld",
        "https://user@agent.example/reports/1",
        "https://agent.example/reports/1)[x](https://evil.tld",
        "https://agent.example/reports/1?to=https://evil.tld",
        "https://agent.example/reports/1\n@octocat",
    ],
)
def test_an_address_that_is_more_than_one_is_left_out(link: str) -> None:
    verdict = replace(plain_incident().verdict, report_link=link)
    body = issue_body(replace(plain_incident(), verdict=verdict), "metric-ai")
    assert "- Report:" not in body
    assert "evil" not in body


def test_the_title_is_one_line_with_the_cause() -> None:
    assert (
        issue_title(plain_incident())
        == "Canary of shop in prod rolled back: The database refuses connections."
    )


def test_the_key_is_one_word_and_each_run_and_metric_has_its_own() -> None:
    keys = {issue_key(Run(uid, "n", "ns", metric)) for uid in "ab" for metric in "cd"}
    assert len(keys) == 4
    assert all(re.fullmatch("metricai[0-9a-f]{19}", key) for key in keys)
    body = issue_body(plain_incident(), "x")
    assert names_key(body, issue_key(RUN))
    assert not names_key(body, issue_key(Run("other", "n", "ns", "m")))
    assert not names_key(None, issue_key(RUN))


def test_foreign_text_cannot_carry_another_run_s_key() -> None:
    other = issue_key(Run("other", "n", "ns", "m"))
    body = issue_body(incident(f"<!-- {other} -->"), "x")
    assert not names_key(body, other)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_programs_and_models_does_nothing(text: str) -> None:
    assert_harmless(issue_body(incident(text), "metric-ai"))
    assert not REFERENCE.search(issue_title(incident(text)))
    assert "\n" not in issue_title(incident(text))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [*HOSTILE, *"`|\\*_[]()<>#@!&$~-+=.:\n\t 1a", "```", "://", "www.", "gh-1"]
        ),
        max_size=40,
    ).map("".join)
)
def test_no_mixture_of_it_does_anything(text: str) -> None:
    assert_harmless(issue_body(incident(text), "metric-ai"))


@pytest.mark.parametrize("letter", ["|", "`", "&", "@", "a", "ü", "\U0001f600", "# ", "a\n"])
def test_the_longest_body_is_within_github_s_limit(letter: str) -> None:
    body = issue_body(incident(letter * 20_000), "metric-ai")
    assert len(body) <= MAX_BODY
    assert "The 10 strongest of 12" in body
    assert len(issue_title(incident(letter * 20_000))) <= 256


def test_secrets_of_an_agent_that_does_not_redact_are_taken_out() -> None:
    body = issue_body(incident("login with password=hunter22222"), "metric-ai")
    assert "hunter2" not in body
    assert "[secret]" in body
