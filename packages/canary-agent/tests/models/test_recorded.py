"""What a bundle keeps of what models were asked and answered, and judging by it again."""

import json
import zipfile
from pathlib import Path

import pytest
from model_providers import KEYS, Provider, Reply, named, providers
from voting import BAD, CLEAN, DOUBTFUL, Answer, Logs, opinion, panel, question

from canary_agent.analysis import analyse
from canary_agent.bundle import BundleError, read_bundle, verdict_text
from canary_agent.judging import judge_file
from canary_agent.models import PanelSettings, read_models
from canary_agent.models.asking import model_panel
from canary_verdict import CanaryVerdict, Policy, Verdict

PLANTED = "planted-Key-0123456789-abcdef"


def saved(path: Path, logs: Logs, *answers: Answer, **settings: bool) -> CanaryVerdict:
    asked = panel(*answers, settings=PanelSettings(**settings))
    return analyse(question(), logs, lambda: False, path, asked)


@pytest.mark.parametrize(
    ("logs", "answers"),
    [
        (CLEAN, [opinion(), opinion()]),
        (DOUBTFUL, [opinion(), None, opinion(cites=["e77"])]),
        (BAD, [opinion("promote"), ValueError("x")]),
    ],
)
def test_a_bundle_gives_the_same_verdict_without_any_model(
    tmp_path: Path, logs: Logs, answers: list[Answer]
) -> None:
    first = saved(tmp_path / "a.zip", logs, *answers)
    text, note = judge_file(tmp_path / "a.zip", tmp_path / "b.zip")
    assert (text, note) == (verdict_text(first), "")
    again, note = judge_file(tmp_path / "b.zip")
    assert (again, note) == (text, "")
    names = [zipfile.ZipFile(tmp_path / name).read("exchanges.json") for name in ("a.zip", "b.zip")]
    assert names[0] == names[1]


def test_the_operators_rules_are_kept_with_the_answers(tmp_path: Path) -> None:
    first = saved(tmp_path / "a.zip", CLEAN, opinion(), one_may_roll_back=True)
    assert first.verdict is Verdict.ROLLBACK
    assert json.loads(judge_file(tmp_path / "a.zip")[0])["verdict"] == "rollback"


def test_answers_to_another_question_do_not_count(tmp_path: Path) -> None:
    saved(tmp_path / "a.zip", CLEAN, opinion(), opinion())
    bundle = read_bundle(tmp_path / "a.zip")
    other = question(policy=Policy(min_lines=10_000))
    verdict = analyse(other, bundle, lambda: False, panel=bundle.panel)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert {one.error for one in verdict.model_results} == {
        "its recorded answer is to another question than this agent asks"
    }


def test_an_exchange_has_prompt_parameters_answer_and_price(tmp_path: Path) -> None:
    with providers(["gemini"]) as (server,):
        server.replies = [Reply(json.dumps(opinion(analysis="see ghp_" + "a1B2" * 9)))]
        settings = read_models({"GOOGLE_API_KEY": PLANTED, "MODELS": named(server)})
        request = question("Focus on error rates")
        analyse(request, CLEAN, lambda: False, tmp_path / "a.zip", model_panel(settings))
    assert settings.panel == PanelSettings()
    [exchange] = json.loads(zipfile.ZipFile(tmp_path / "a.zip").read("exchanges.json"))["exchanges"]
    assert exchange["purpose"] == "vote"
    assert exchange["model"] == exchange["voter"] == "google:gemini-2.5-flash"
    note, digest = exchange["prompt"]
    assert note.endswith("Focus on error rates")
    assert "Focus" not in digest
    assert "DATA" in digest
    assert (exchange["tokensIn"], exchange["tokensOut"], exchange["attempts"]) == (1200, 90, 1)
    assert exchange["costUsd"] > 0
    assert exchange["answer"]["analysis"] == "see [token]"


@pytest.mark.parametrize(
    "answer",
    [
        {"verdict": "yes"},
        {},
        opinion(confidence=1e9),
        opinion(cites=["e1"] * 51),
        opinion(cites="e"),
    ],
)
def test_a_bundle_with_a_forged_answer_is_refused(
    tmp_path: Path, answer: dict[str, object]
) -> None:
    saved(tmp_path / "a.zip", CLEAN, opinion())
    with (
        zipfile.ZipFile(tmp_path / "a.zip") as old,
        zipfile.ZipFile(tmp_path / "b.zip", "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "exchanges.json":
                document = json.loads(content)
                document["exchanges"][0]["answer"] = answer
                content = json.dumps(document).encode()
            new.writestr(name, content)
    with pytest.raises(BundleError, match=r"b\.zip is no bundle"):
        read_bundle(tmp_path / "b.zip")


def _key_of(server: Provider) -> dict[str, str]:
    return {KEYS[server.shape]: PLANTED}


@pytest.mark.parametrize("shape", ["gemini", "openai", "anthropic"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(json.dumps(opinion(analysis=f"your key is {PLANTED}"))),
        Reply(f"Incorrect API key provided: {PLANTED}", status=401),
        Reply(f"not with {PLANTED}", status=400),
        Reply(raw=f"<html>{PLANTED}".encode()),
    ],
    ids=["repeated", "refused", "bad", "unreadable"],
)
def test_a_key_is_never_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, shape: str, reply: Reply
) -> None:
    caplog.set_level("DEBUG")
    with providers([shape]) as (server,):
        server.replies = [reply]
        settings = read_models(_key_of(server) | {"MODELS": named(server)})
        verdict = analyse(
            question(), CLEAN, lambda: False, tmp_path / "a.zip", model_panel(settings)
        )
    assert any(PLANTED in value for value in server.asked[0].headers.values())
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    written = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    written += [repr(settings), str(settings), verdict_text(verdict), repr(verdict)]
    assert all(PLANTED not in text for text in written)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("canary_agent")]
    assert all(PLANTED not in text for text in ours)
