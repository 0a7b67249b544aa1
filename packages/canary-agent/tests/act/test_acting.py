"""Issues and draft pull requests, whatever GitHub answers; the verdict stays as it is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import github_api
import pytest
from acting_shop import DEPLOYMENT, RUN, VERDICT, Shop
from certificates import self_signed, server_context
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github_api import TOKEN
from pydantic_ai.models.test import TestModel

from canary_agent.act import PullRequests
from canary_agent.act._actor import ActStoppedError
from canary_agent.act._fix import ProposedEdit, ProposedFix
from canary_agent.models.asking import panel_of
from canary_verdict.issue import issue_key, names_key

BRANCH = f"metric-ai/shop-6d9-{issue_key(RUN)[-8:]}"


def test_an_issue_is_opened_once_and_linked(shop: Shop) -> None:
    first = shop.act()
    assert first == replace(VERDICT, issue_link=f"{shop.url}/issues/1")
    assert shop.act() == first
    (issue,) = shop.issues
    assert names_key(issue["body"], issue_key(RUN))
    assert "`registry.example/shop:2.0` (stable: `registry.example/shop:1.9`)" in issue["body"]
    assert [label["name"] for label in issue["labels"]] == ["canary-failure"]
    assert shop.git.pulls == []


def test_the_plugin_s_issue_is_found(shop: Shop) -> None:
    body = f"<!-- {issue_key(RUN)} -->\nopened by the plugin"
    shop.github.add("acme/shop", {"title": "there", "body": body})
    assert shop.act().issue_link == f"{shop.url}/issues/1"
    assert shop.github.calls("POST") == []


def test_where_the_list_is_long_the_search_is_asked(shop: Shop) -> None:
    shop.act()
    for number in range(150):
        shop.github.add("acme/shop", {"title": str(number), "body": "another"})
    assert shop.act().issue_link == f"{shop.url}/issues/1"
    assert len(shop.issues) == 151


@dataclass(frozen=True)
class Refusal:
    """An answer of GitHub's, and what the log says about it."""

    status: int
    message: str
    said: str


REFUSALS = [
    Refusal(401, "Bad credentials", "GitHub does not know the token (Bad credentials); give the"),
    Refusal(403, "Resource not accessible", "the token may not do that in acme/shop (Resource not"),
    Refusal(404, "Not Found", "there is no repository acme/shop, or the token may not see it"),
    Refusal(410, "Issues are disabled", "issues are turned off in acme/shop"),
    Refusal(301, "Moved", "acme/shop has moved, and redirects are not followed with a token"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: str(refusal.status))
def test_what_will_not_change_is_said_with_a_next_step(
    shop: Shop, refusal: Refusal, caplog: pytest.LogCaptureFixture
) -> None:
    with github_api.serving() as foreign:
        headers = {"location": f"{foreign.url}/api/v3/x"}
        shop.github.fail("/issues", refusal.status, refusal.message, headers=headers)
        assert shop.act() == VERDICT
        assert foreign.asked == []
    assert refusal.said in caplog.text
    assert TOKEN not in caplog.text
    assert len(shop.github.asked) == 1


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 502, "times": 3},
        {"hangs_up": True},
        {"raw": b"garbage\r\n\r\n"},
        {"raw": b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"},
        {"raw": b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\n[}]"},
    ],
)
@pytest.mark.parametrize("works", [False, True], ids=["lost", "done"])
def test_what_may_pass_is_tried_again_and_makes_one_issue(
    shop: Shop, fault: dict[str, Any], *, works: bool
) -> None:
    shop.github.fail("POST .*/issues", **{"times": 1, **fault}, works=works)
    assert shop.act().issue_link == f"{shop.url}/issues/1"
    assert len(shop.issues) == 1


@pytest.mark.usefixtures("no_waits")
def test_tries_have_an_end_and_the_verdict_stays(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.github.fail("/issues", 500, f"oops {TOKEN}")
    assert shop.act() == VERDICT
    assert len(shop.github.asked) == 4
    assert (
        "No GitHub issue, given up after 4 tries: GitHub answered 500 (oops *****)" in caplog.text
    )


@pytest.mark.parametrize(
    "headers",
    [{"retry-after": "3601"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999"}],
)
def test_a_rate_limit_of_more_than_an_hour_is_not_waited_for(
    shop: Shop, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    shop.github.fail("/issues", 403, "API rate limit exceeded", headers=headers)
    assert shop.act() == VERDICT
    assert "given up after 1 tries: GitHub's rate limit is used up" in caplog.text


def test_labels_that_are_refused_are_left_out(shop: Shop) -> None:
    shop.github.fail("POST .*/issues", 422, "Validation Failed", times=1)
    assert shop.act().issue_link
    assert shop.issues[0]["labels"] == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://github.com/acme/shop", "expected one that the operator allows"),
        ("https://user@github.com/acme/shop", "found a user, a password or an ssh address"),
        ("https://github.com.evil.tld/acme/shop", "expected one that the operator allows"),
    ],
)
def test_an_address_that_is_not_allowed_is_never_asked(
    shop: Shop, url: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.url = url
    assert shop.act() == VERDICT
    assert said in caplog.text
    assert shop.github.asked == []


def test_a_server_of_the_operator_s_own_is_trusted_by_its_ca(
    shop: Shop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = self_signed(tmp_path / "ghe.pem")
    with github_api.serving(server_context(certificate)) as secure:
        shop.url = f"{secure.url}/acme/shop"
        shop.allow(allowed=f"{secure.url}/acme", ca_file=str(certificate))
        assert shop.act().issue_link == f"{secure.url}/acme/shop/issues/1"
        shop.allow(ca_file=str(tmp_path / "missing.pem"))
        assert shop.act() == VERDICT
    assert "CANARY_AGENT_GITHUB_CA_FILE: found nothing to load" in caplog.text


def test_a_github_app_gets_a_token_of_its_installation(shop: Shop) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    shop.github.app = True
    shop.allow(token="", app_id="17", app_key=pem.decode())
    assert shop.act().issue_link == f"{shop.url}/issues/1"
    assert [asked.path.rpartition("/api/v3")[2] for asked in shop.github.asked[:2]] == [
        "/repos/acme/shop/installation",
        "/app/installations/5/access_tokens",
    ]


def test_told_to_stop_it_does_not_wait_any_longer(shop: Shop) -> None:
    shop.github.fail("/issues", 500)
    shop.stopped = True
    with pytest.raises(ActStoppedError):
        shop.act()
    assert len(shop.github.asked) == 1


@pytest.mark.parametrize(
    "headers", [{"retry-after": "1"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, {}]
)
def test_a_short_rate_limit_is_waited_for(
    shop: Shop, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("canary_agent.act._actor._wait", lambda seconds, _: waited.append(seconds))
    message = "You have exceeded a secondary rate limit"
    shop.github.fail("POST .*/issues", 403, message, headers=headers, times=1)
    assert shop.act().issue_link
    assert waited == [60.0] if not headers else [2.0]


# Pull requests


def test_a_rollback_pull_request_takes_the_image_back(shop: Shop) -> None:
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    first = shop.act()
    assert first.pr_link == f"{shop.url}/pull/100"
    (pull,) = shop.git.pulls
    assert (pull["draft"], pull["base"]["ref"], pull["head"]["ref"]) == (True, "main", BRANCH)
    assert pull["title"] == "Roll back to registry.example/shop:1.9"
    assert f"See <{shop.url}/issues/1>." in pull["body"]
    assert "`registry.example/shop:2.0` back to `registry.example/shop:1.9`" in pull["body"]
    assert shop.git.files(BRANCH) == {
        "deploy/shop.yaml": DEPLOYMENT.replace("2.0", "1.9"),
        "src/db.py": "HOST = 'db'\n",
    }
    assert shop.git.files("main")["deploy/shop.yaml"] == DEPLOYMENT
    assert shop.act() == first
    assert len(shop.git.pulls) == 1


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("call", ["git/trees", "git/commits", "git/refs", "pulls"])
@pytest.mark.parametrize("works", [False, True], ids=["lost", "done"])
def test_a_lost_answer_never_makes_two(shop: Shop, call: str, *, works: bool) -> None:
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    shop.github.fail(f"POST .*/{call}", 502, works=works, times=1)
    assert shop.act().pr_link == f"{shop.url}/pull/100"
    assert len(shop.git.pulls) == 1
    assert set(shop.git.branches) == {"main", BRANCH}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"branch": "gone"}, "there is no branch 'gone' in acme/shop; check baseBranch"),
        ({"paths": ()}, "no path may be changed; set CANARY_AGENT_GITHUB_PATHS"),
        ({"paths": ("src/*",)}, "no manifest that may be changed names the canary's image"),
        ({"paths": (".github/*", "CODEOWNERS")}, "no manifest that may be changed names"),
        ({"images": {}}, "the images of canary and stable are not known, or are the same"),
        ({"drafts": False}, "Draft pull requests are not supported in this repository"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_the_issue_stays(
    shop: Shop, change: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=change.get("paths", ("deploy/*",)))
    shop.branch = change.get("branch", "main")
    shop.git.drafts = change.get("drafts", True)
    if "images" in change:
        shop.verdict = replace(VERDICT, canary_images={})
    done = shop.act()
    assert done.issue_link == f"{shop.url}/issues/1"
    assert done.pr_link == ""
    assert said in caplog.text
    assert shop.git.pulls == []


def test_without_a_base_branch_it_is_the_repository_s_own(shop: Shop) -> None:
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    shop.branch = ""
    assert shop.act().pr_link
    assert shop.git.pulls[0]["base"]["ref"] == "main"


def test_executables_and_links_are_left_alone(shop: Shop) -> None:
    files = {"deploy/run.yaml": DEPLOYMENT, "deploy/link.yaml": "../../etc/passwd"}
    shop.git.commit("main", files, **{"deploy/run.yaml": "100755", "deploy/link.yaml": "120000"})
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    assert shop.act().pr_link == ""


def test_a_branch_that_a_dead_process_has_left_is_used(shop: Shop) -> None:
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    shop.git.commit(BRANCH, {"deploy/shop.yaml": DEPLOYMENT.replace("2.0", "1.9")})
    assert shop.act().pr_link == f"{shop.url}/pull/100"
    assert not [one for one in shop.github.calls("POST") if "/git/" in one.path]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({f"deploy/{number}.yaml": DEPLOYMENT for number in range(41)}, "41 files may be changed"),
        ({"deploy/binary.yaml": "image: \udcff"}, "no manifest that may be changed names"),
        ({"deploy/large.yaml": DEPLOYMENT + "#" * 300_000}, "no manifest that may be changed"),
    ],
)
def test_what_is_too_much_or_no_text_is_left_alone(
    shop: Shop, files: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.git.commit("main", files)
    shop.allow(pull_requests=PullRequests.ROLLBACK, paths=("deploy/*",))
    assert shop.act().pr_link == ""
    assert said in caplog.text


class Proposer:
    """A panel whose first voter proposes what a test says."""

    def __init__(self, *edits: tuple[str, str, str]) -> None:
        self._edits = [ProposedEdit(path=path, before=old, after=new) for path, old, new in edits]
        self.asked: list[str] = []

    def ask(self, _: str, text: str, output: type, bounds: object) -> tuple[ProposedFix, None]:
        self.asked.append(text)
        assert output is ProposedFix
        fix = ProposedFix(
            title="use the new host @octocat",
            explanation="See https://evil.tld, fixes #1",
            edits=self._edits,
        )
        return fix, None


@pytest.fixture
def propose(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Any:
    def begin(*edits: tuple[str, str, str]) -> Proposer:
        proposer = Proposer(*edits)
        monkeypatch.setattr("canary_agent.act._propose.panel_for", lambda _: proposer)
        shop.allow(pull_requests=PullRequests.FIX, paths=("src/*",))
        return proposer

    return begin


def test_a_model_s_fix_becomes_a_draft(shop: Shop, propose: Any) -> None:
    proposer = propose(("src/db.py", "'db'", "'db.prod'"))
    assert shop.act().pr_link == f"{shop.url}/pull/100"
    assert shop.git.files(BRANCH)["src/db.py"] == "HOST = 'db.prod'\n"
    (pull,) = shop.git.pulls
    assert pull["draft"]
    assert pull["title"] == "Proposed fix: use the new host @\u200boctocat"
    assert "A model proposes this change; nobody has tried it" in pull["body"]
    assert "https://evil" not in pull["body"]
    assert "fixes #1" not in pull["body"]
    (question,) = proposer.asked
    assert "The database refuses connections." in question
    assert "file src/db.py:\nHOST = 'db'" in question
    assert "deploy/shop.yaml" not in question  # what may not be changed is not shown


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("src/db.py", "'nope'", "x"), "its text stands 0 times, expected once"),
        (("deploy/shop.yaml", "2.0", "1.9"), "the operator allows no change there"),
        ((".github/workflows/x.yml", "a", "b"), "are never changed"),
        (("src/new.py", "a", "b"), "'src/new.py' is not there"),
        (("src/db.py", "'db'", "x\n" * 300), "lines, at most 200"),
        (None, "the model proposes no change"),
    ],
)
def test_a_fix_that_does_not_fit_is_no_pull_request(
    shop: Shop, propose: Any, edit: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    propose(*([edit] if edit else []))
    done = shop.act()
    assert done.issue_link
    assert done.pr_link == ""
    assert said in caplog.text
    assert set(shop.git.branches) == {"main"}


def test_without_a_model_there_is_no_fix(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.allow(pull_requests=PullRequests.FIX, paths=("src/*",))
    assert shop.act().pr_link == ""
    assert "a fix needs a model; set MODELS" in caplog.text


def test_a_real_panel_gives_the_fix_that_its_model_writes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {
        "title": "use the new host",
        "explanation": "The host has another name.",
        "edits": [{"path": "src/db.py", "before": "'db'", "after": "'db.prod'"}],
    }
    panel = panel_of([TestModel(custom_output_args=written)])
    monkeypatch.setattr("canary_agent.act._propose.panel_for", lambda _: panel)
    shop.allow(pull_requests=PullRequests.FIX, paths=("src/*",))
    assert shop.act().pr_link == f"{shop.url}/pull/100"
    assert shop.git.files(BRANCH)["src/db.py"] == "HOST = 'db.prod'\n"


def test_a_silent_model_makes_no_pull_request(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    panel = panel_of([TestModel(custom_output_args={"title": "no edits field"})])
    monkeypatch.setattr("canary_agent.act._propose.panel_for", lambda _: panel)
    shop.allow(pull_requests=PullRequests.FIX, paths=("src/*",))
    assert shop.act().pr_link == ""
    assert "no model proposed a fix" in caplog.text
