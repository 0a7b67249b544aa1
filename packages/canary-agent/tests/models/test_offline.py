"""The commands replay and eval, with a provider on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_providers import KEYS, Provider, Reply, named
from voting import BAD, CLEAN, Answer, Logs, opinion, panel, question

from canary_agent import cli
from canary_agent.analysis import analyse


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(KEYS["openai"], "key-of-openai")
    with Provider("openai") as server:
        server.replies = [Reply(json.dumps(opinion("rollback")))]
        yield server


def saved(folder: Path, name: str, logs: Logs, *answers: Answer) -> str:
    path = folder / name
    analyse(question("mind the queue"), logs, lambda: False, path, panel(*answers))
    return str(path)


def test_replay_compares_with_another_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], provider: Provider
) -> None:
    bundles = [
        saved(tmp_path, "a.zip", CLEAN, opinion("promote")),
        saved(tmp_path, "b.zip", BAD, opinion("promote")),
    ]
    assert cli.main(["replay", *bundles, "--model", named(provider), "-o", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["before"]["verdict"] for one in document["bundles"]] == ["promote", "rollback"]
    assert [one["after"]["verdict"] for one in document["bundles"]] == ["inconclusive", "rollback"]
    assert [one["changed"] for one in document["bundles"]] == [True, False]
    assert document["summary"]["tokensIn"] == 2400
    assert document["summary"]["costUsd"] > 0
    assert cli.main(["replay", *bundles, "--model", named(provider)]) == 0
    table = capsys.readouterr().out
    assert "inconclusive 55 *" in table
    assert "1 of 2 verdicts changed, 0 without one; 2400 tokens in, 180 out, $" in table


def test_replay_alone_counts_the_recorded_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = saved(tmp_path, "a.zip", CLEAN, opinion("rollback"), opinion("rollback"))
    assert cli.main(["replay", bundle, "-o", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["bundles"]
    assert row["before"] == row["after"]
    assert (row["after"]["verdict"], row["changed"]) == ("rollback", False)


def test_replay_with_another_policy_and_other_prompts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], provider: Provider
) -> None:
    bundle = saved(tmp_path, "a.zip", BAD, opinion("promote"))
    policy, told = tmp_path / "policy.json", tmp_path / "told.txt"
    policy.write_text('{"accepted": ["payment declined"]}')
    told.write_text("Be strict about card payments.")
    prompts = ["--prompt-file", str(told), "--extra-prompt", "mind the cards"]
    changed = ["--policy", str(policy), *prompts, "--model", named(provider), "-o", "json"]
    assert cli.main(["replay", bundle, *changed]) == 0
    [row] = json.loads(capsys.readouterr().out)["bundles"]
    assert (row["before"]["verdict"], row["after"]["verdict"]) == ("rollback", "inconclusive")
    system, user = (json.dumps(one) for one in provider.asked[0].body["messages"])
    assert "Be strict about card payments." in system
    assert "mind the cards" in user
    assert "mind the queue" not in user


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["{bundle}", "--policy", "{missing}"], 2, "cannot be read"),
        (["{bundle}", "--prompt-file", "{bundle}"], 2, "name one with --model"),
        (
            ["{bundle}", "--model", "nobody:x"],
            2,
            "'nobody' is no provider; expected one of google,",
        ),
        (["{missing}"], 1, "error: "),
        (["{bundle}", "--policy", "{text}"], 1, "error: --policy:"),
    ],
)
def test_replay_says_what_is_wrong(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    (tmp_path / "text").write_text("no JSON")
    names = {
        "bundle": saved(tmp_path, "a.zip", CLEAN, opinion("promote")),
        "missing": str(tmp_path / "missing"),
        "text": str(tmp_path / "text"),
    }
    given = [one.format_map(names) for one in arguments]
    assert cli.main(["replay", *given]) == code
    printed = capsys.readouterr()
    assert words in printed.out + printed.err


def case(folder: Path, name: str, logs: Logs, **label: str) -> None:
    for side, pod, text in (("stable", "s-1", logs.stable), ("canary", "c-1", logs.canary)):
        pod_folder = folder / name / side / pod
        pod_folder.mkdir(parents=True)
        (pod_folder / "app.log").write_text(text)
    (folder / name / "case.json").write_text(json.dumps(label))


def test_eval_scores_cases_and_writes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], provider: Provider
) -> None:
    cases, html = tmp_path / "cases", tmp_path / "scores.html"
    case(cases, "bad", BAD, expected="rollback", fault="<script>alert(1)</script>")
    case(cases, "good", CLEAN, expected="promote")
    case(cases, "odd", CLEAN, expected="not-promote")
    case(cases, "wrong", CLEAN, expected="perhaps")
    arguments = ["eval", str(cases), "--html", str(html)]
    assert cli.main([*arguments, "--model", named(provider), "-o", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["right"] for one in document["cases"]] == [True, False, True, False]
    assert [one["alone"] for one in document["cases"]] == [
        "rollback",
        "promote",
        "promote",
        "error",
    ]
    summary = document["summary"]
    assert (summary["right"], summary["rightAlone"], summary["errors"]) == (2, 2, 1)
    assert (summary["faultyPromoted"], summary["healthyRolledBack"]) == (0, 0)
    page = html.read_text()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert not [word for word in ("http://", "https://", "src=") if word in page]
    assert cli.main(arguments) == 1
    assert "2 of 4 right (2 by evidence alone), 1 faulty promoted" in capsys.readouterr().out


def test_eval_without_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["eval", str(tmp_path)]) == 2
    assert "found no case in" in capsys.readouterr().err
