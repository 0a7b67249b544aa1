"""From a verdict to an issue: what the controller and a person see of it."""

import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from github_api import TOKEN, GitHubServer
from issue_desk import until
from provider_world import PROMOTE, ROLLBACK, UID, World
from scripted_agent import Answer

from argo_rollouts_plugin.v1alpha1 import AnalysisPhase, Measurement
from canary_verdict import Run
from canary_verdict.issue import issue_key, names_key

KEY = issue_key(Run(UID, "shop-6d9", "prod", "ai-analysis"))


@pytest.fixture
async def shop(world: World, github: GitHubServer, tmp_path: Path) -> AsyncIterator[World]:
    """The world, with a repository and an operator who allows it."""
    world.stanza["githubUrl"] = f"{github.url}/acme/shop"
    world.environment |= {
        "GITHUB_TOKEN": TOKEN,
        "METRIC_AI_GITHUB_ALLOWED": f"github.com/other, {github.url}/acme",
        "METRIC_AI_JOURNAL": str(tmp_path / "journal"),
    }
    yield world
    await world.issues.aclose()


async def concluded(world: World, verdict: Answer) -> Measurement:
    first = await world.run()
    world.agent.finish(f"task-{len(world.agent.tasks)}", verdict)
    return await world.resume(first)


def kept(world: World) -> list[Path]:
    """The journal's entries."""
    return list(Path(world.environment["METRIC_AI_JOURNAL"]).glob("*.json"))


def left_out(measurement: Measurement, why: str, log: str) -> None:
    assert f"Skipping GitHub issue creation ({why}" in log
    assert not {"issueLink", "issueSearch"} & set(measurement.metadata)


async def test_a_rollback_opens_an_issue_and_links_it(
    shop: World, github: GitHubServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    done = await concluded(shop, ROLLBACK)
    link = f"{github.url}/acme/shop/issues/1"
    assert done.phase is AnalysisPhase.FAILED
    assert done.message == f"rollback, 97 % confident: no db (issue: {link})"
    assert done.metadata["issueLink"] == link
    (issue,) = github.issues["acme/shop"]
    assert issue["title"] == "Canary of shop in prod rolled back: no db"
    assert names_key(issue["body"], KEY)
    assert [label["name"] for label in issue["labels"]] == ["canary-failure"]
    assert f"Attempting to create GitHub issue in {github.url}/acme/shop" in caplog.text
    assert f"Created GitHub issue {link}" in caplog.text
    assert TOKEN not in caplog.text


async def test_labels_and_assignees_are_the_stanza_s(shop: World, github: GitHubServer) -> None:
    shop.stanza |= {"githubLabels": ["a", "b"], "githubAssignees": ["octocat"]}
    await concluded(shop, ROLLBACK)
    (post,) = github.calls("POST")
    assert (post.body["labels"], post.body["assignees"]) == (["a", "b"], ["octocat"])


async def test_a_second_failed_measurement_links_the_same_issue(
    shop: World, github: GitHubServer
) -> None:
    first = await concluded(shop, ROLLBACK)
    await shop.issues.aclose()
    shop.restart()
    again = await concluded(shop, ROLLBACK)
    assert again.metadata["issueLink"] == first.metadata["issueLink"]
    assert len(github.issues["acme/shop"]) == 1


@pytest.mark.parametrize("verdict", [PROMOTE, ROLLBACK | {"verdict": "inconclusive"}, {}])
async def test_nothing_else_opens_one(
    shop: World, github: GitHubServer, verdict: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    done = await concluded(shop, verdict)
    assert done.phase is not AnalysisPhase.FAILED
    assert github.asked == []
    assert "GitHub" not in caplog.text


@pytest.mark.parametrize(
    ("stanza", "environment", "why"),
    [
        ({"githubUrl": ""}, {}, "githubUrl not configured)"),
        ({"githubUrl": "git@github.com:acme/shop"}, {}, "githubUrl not configured)"),
        ({"remediation": {"allowed": True}}, {}, "remediation is allowed: the agent opens it)"),
        ({}, {"GITHUB_TOKEN": " "}, "GITHUB_TOKEN not configured)"),
        ({}, {"METRIC_AI_GITHUB_ALLOWED": ""}, "METRIC_AI_GITHUB_ALLOWED not configured: no"),
        (
            {},
            {"METRIC_AI_GITHUB_ALLOWED": "https://x@github.com/acme"},
            "METRIC_AI_GITHUB_ALLOWED: found an entry with a user in it",
        ),
        ({"githubUrl": "https://github.com/acme/shop"}, {}, "githubUrl: found https://github.com"),
        ({"githubUrl": "https://github.com/other"}, {}, "githubUrl: found 'https://github.com/oth"),
        ({"githubUrl": "http://github.com/other/x"}, {}, "githubUrl: found plain http"),
    ],
)
async def test_what_is_not_configured_or_not_allowed_is_left_out_with_the_reason(
    shop: World,
    github: GitHubServer,
    caplog: pytest.LogCaptureFixture,
    *,
    stanza: dict[str, Any],
    environment: dict[str, str],
    why: str,
) -> None:
    caplog.set_level(logging.INFO)
    shop.stanza |= stanza
    shop.environment |= environment
    done = await concluded(shop, ROLLBACK)
    assert done.phase is AnalysisPhase.FAILED
    assert done.message == "rollback, 97 % confident: no db"
    left_out(done, why, caplog.text)
    assert github.asked == []


async def test_an_issue_of_the_agent_s_own_is_enough(shop: World, github: GitHubServer) -> None:
    theirs = "https://github.com/acme/shop/issues/9"
    done = await concluded(shop, ROLLBACK | {"issueLink": theirs})
    assert done.metadata["issueLink"] == theirs
    assert github.asked == []


async def test_a_slow_github_does_not_keep_the_rollback_waiting(
    shop: World, github: GitHubServer
) -> None:
    held = threading.Event()
    github.fail("POST .*/issues", held=held)
    done = await concluded(shop, ROLLBACK)  # while GitHub has not answered, and will not
    assert not held.is_set()
    search = f"{github.url}/acme/shop/issues?q={KEY}"
    assert done.phase is AnalysisPhase.FAILED
    assert done.message == f"rollback, 97 % confident: no db (issue to come: {search})"
    assert done.metadata["issueSearch"] == search
    held.set()
    await until(lambda: not kept(shop))
    assert len(github.issues["acme/shop"]) == 1


@pytest.mark.parametrize(
    ("status", "entries"),
    [(404, {"issueProblem"}), (500, {"issueProblem", "issueSearch"})],
)
async def test_a_failing_github_never_changes_the_verdict(
    shop: World, github: GitHubServer, status: int, entries: set[str]
) -> None:
    github.fail("/issues", status, f"no {TOKEN}")
    done = await concluded(shop, ROLLBACK)
    assert done.phase is AnalysisPhase.FAILED
    assert done.message.startswith("rollback, 97 % confident: no db")
    assert {name for name in done.metadata if name.startswith("issue")} == entries
    assert TOKEN not in str(done)


async def test_a_plugin_whose_file_is_gone_still_rolls_back(
    shop: World, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("rollouts_plugin_metric_ai.issues.import_module", gone)
    done = await concluded(shop, ROLLBACK)
    assert done.phase is AnalysisPhase.FAILED
    assert github.asked == []


async def test_links_are_not_cut_off_by_a_long_cause(shop: World, github: GitHubServer) -> None:
    report = f"{shop.agent.url}/reports/task-1"
    long = {"rootCause": "x" * 4000, "analysis": "y" * 16_000, "reportLink": report}
    done = await concluded(shop, ROLLBACK | long)
    link = f"{github.url}/acme/shop/issues/1"
    assert done.message.endswith(f"[…] (issue: {link}) (report: {report})")
    assert len(done.message) <= 1024
    assert done.metadata["issueLink"] == link
    assert f"- Report: <{report}>" in github.issues["acme/shop"][0]["body"]


async def test_a_restarted_plugin_goes_on_at_its_start(shop: World, github: GitHubServer) -> None:
    github.fail("/issues", 500, times=1)
    assert "issueSearch" in (await concluded(shop, ROLLBACK)).metadata
    await shop.issues.aclose()
    (path,) = kept(shop)
    # Due at once instead of in five seconds.
    path.write_text(path.read_text().replace('"due": ', '"due": -'))
    shop.restart()
    await shop.provider.init()
    await until(lambda: not kept(shop))
    assert len(github.issues["acme/shop"]) == 1
