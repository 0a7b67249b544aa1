"""What a change may be: which files, how large, and back to which image."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canary_agent.act._errors import ActError
from canary_agent.act._patch import MAX_LINES, Edit, apply_edits
from canary_agent.act._paths import PathPolicy
from canary_agent.act._rollback import Swap, rolled_back, swaps

ALL = PathPolicy(["*"])


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/build.yml",
        ".GitHub/workflows/build.yml",
        "sub/.github/actions/x/action.yml",
        "CODEOWNERS",
        "docs/codeowners",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        ".env",
        "app/.env.production",
        "prod.env",
        "deploy/secrets.yaml",
        "deploy/sealed-Secret.yaml",
        "config/credentials.json",
        "tls/server.key",
        "tls/server.pem",
        "home/.ssh/config",
        "id_rsa",
        ".npmrc",
        ".gitmodules",
        ".gitattributes",
        "terraform.tfstate",
    ],
)
def test_what_runs_owns_or_hides_is_never_changed(path: str) -> None:
    assert "are never changed" in ALL.refusal(path)


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "a/../.github/x",
        "",
        "a\\b",
        "a\nb",
        "a\0b",
        "ä",
        "a/",
    ],
)
def test_no_path_leads_out_of_the_repository(path: str) -> None:
    assert ALL.refusal(path) == "no plain path within the repository"


def test_only_what_the_operator_lists_is_changed() -> None:
    policy = PathPolicy(["deploy/*.yaml", "src/*"])
    assert not policy.refusal("deploy/prod/shop.yaml")
    assert not policy.refusal("src/main.py")
    assert "CANARY_AGENT_GITHUB_PATHS" in policy.refusal("README.md")
    assert "CANARY_AGENT_GITHUB_PATHS" in policy.refusal("other/deploy/shop.yaml")
    assert PathPolicy([]).is_empty


FILES = {"a.txt": "one\ntwo\nthree\n", "b.txt": "x\nx\n", ".github/w.yml": "on: push\n"}


def test_edits_apply_one_after_the_other() -> None:
    edits = [Edit("a.txt", "two", "2"), Edit("a.txt", "2\nthree", "2\n3")]
    assert apply_edits(FILES, edits, ALL) == {"a.txt": "one\n2\n3\n"}


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([Edit("a.txt", "four", "4")], "in 'a.txt' its text stands 0 times, expected once"),
        ([Edit("b.txt", "x", "y")], "in 'b.txt' its text stands 2 times, expected once"),
        ([Edit("a.txt", "", "4")], "its text stands 0 times"),
        ([Edit("new.txt", "x", "y")], "'new.txt' is not there"),
        ([Edit(".github/w.yml", "push", "pull_request_target")], "are never changed"),
        ([Edit("../a.txt", "one", "1")], "no plain path within the repository"),
        ([Edit("a.txt", "two", "two")], "changes nothing"),
        ([], "changes nothing"),
        ([Edit("a.txt", "two", "y\n" * MAX_LINES)], f"lines, at most {MAX_LINES}"),
        ([Edit("a.txt", "two", "y" * 300_000)], "too large, or no text"),
        ([Edit("a.txt", "two", "\0")], "too large, or no text"),
    ],
)
def test_what_does_not_fit_is_refused_as_a_whole(edits: list[Edit], said: str) -> None:
    with pytest.raises(ActError) as caught:
        apply_edits(FILES, edits, ALL)
    assert said in str(caught.value)
    assert not caught.value.retry


def test_one_bad_edit_spoils_the_good_ones() -> None:
    with pytest.raises(ActError, match="stands 0 times"):
        apply_edits(FILES, [Edit("a.txt", "one", "1"), Edit("a.txt", "four", "4")], ALL)


def test_six_files_are_too_many() -> None:
    files = {f"{number}.txt": "x" for number in range(6)}
    with pytest.raises(ActError, match="6 files, at most 5"):
        apply_edits(files, [Edit(path, "x", "y") for path in files], ALL)


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=300))
def test_whatever_is_proposed_the_rest_of_the_file_stays(
    before: str, after: str, text: str
) -> None:
    try:
        (changed,) = apply_edits({"a": text}, [Edit("a", before, after)], ALL).values()
    except ActError:
        return
    head, _, tail = text.partition(before)
    assert changed == head + after + tail


SWAP = Swap("registry.example/shop:2.0", "registry.example/shop:1.9")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("image: registry.example/shop:2.0\n", "image: registry.example/shop:1.9\n"),
        ('  - image: "registry.example/shop:2.0"', '  - image: "registry.example/shop:1.9"'),
        ('{"image": "registry.example/shop:2.0"}', '{"image": "registry.example/shop:1.9"}'),
        (
            "images:\n  - name: registry.example/shop\n    newTag: 2.0 # by CI\n",
            "images:\n  - name: registry.example/shop\n    newTag: 1.9 # by CI\n",
        ),
        (
            'images:\n- newTag: "2.0"\n  name: registry.example/shop\n',
            'images:\n- newTag: "1.9"\n  name: registry.example/shop\n',
        ),
        (
            "image:\n  repository: registry.example/shop\n  pullPolicy: Always\n  tag: '2.0'\n",
            "image:\n  repository: registry.example/shop\n  pullPolicy: Always\n  tag: '1.9'\n",
        ),
    ],
)
def test_the_image_goes_back_to_stable_s_and_nothing_else_moves(text: str, after: str) -> None:
    assert rolled_back(text, SWAP) == after
    assert rolled_back(after, SWAP) == after


@pytest.mark.parametrize(
    "text",
    [
        "image: registry.example/shop:2.0.1\n",
        "image: registry.example/shop:2.0-debug\n",
        "image: other.registry.example/shop:2.0\n",
        "image: registry.example/shop:2.0@sha256:" + "0" * 64,
        "images:\n  - name: registry.example/cart\n    newTag: 2.0\n",
        "version: 2.0\n",
        "image:\n  repository: registry.example/shop\nchart:\n  a: b\n  c: d\n  tag: 2.0\n",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert rolled_back(text, SWAP) == text


def test_a_digest_is_swapped_as_a_whole() -> None:
    new, old = f"shop@sha256:{'a' * 64}", f"shop@sha256:{'b' * 64}"
    assert rolled_back(f"image: {new}\n", Swap(new, old)) == f"image: {old}\n"


def test_what_both_sides_have_and_what_one_lacks_is_no_swap() -> None:
    stable = {"app": "shop:1", "proxy": "envoy:1", "gone": "x:1"}
    canary = {"app": "shop:2", "proxy": "envoy:1", "new": "y:1"}
    assert swaps(stable, canary) == [Swap("shop:2", "shop:1")]
