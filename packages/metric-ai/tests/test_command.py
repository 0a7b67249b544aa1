"""What all commands share: help, mistakes, exit codes, start, completion."""

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from metric_ai import VERSION, cli

Sides = Callable[[Path], tuple[str, ...]]
NAMES = ("check", "try", "analyze", "explain", "doctor", "report", "completion")


def test_help_teaches_by_examples(shell: Any) -> None:
    done = shell.type("--help")
    assert done.code == 0
    for said in (*NAMES, "Examples:", "Exit codes:", "metric-ai check config/*.yaml"):
        assert said in done.out


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_examples_and_exit_codes(name: str, capsys: Any) -> None:
    assert cli.main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert f"metric-ai {name}" in out
    assert "130  ended by Ctrl-C" in out


def test_the_version_is_the_distribution_s(capsys: Any) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["metric-ai", VERSION]
    assert version("metric-ai") == VERSION


def test_a_mistyped_command_is_answered_with_the_nearest(capsys: Any) -> None:
    assert cli.main(["anlyze"]) == 2
    assert "did you mean analyze?" in capsys.readouterr().err


def test_kubectl_finds_it_by_its_name(shell: Any) -> None:
    done = shell.type("analyze", program=Path(sys.executable).with_name("kubectl-metric_ai"))
    assert done.code == 2
    assert "Usage: kubectl metric-ai analyze" in done.err


def test_what_breaks_down_never_looks_like_a_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def fall(*_: object, **__: object) -> None:
        raise ZeroDivisionError("so it is\x1b[31m")

    monkeypatch.setattr(cli.commands, "main", fall)
    assert cli.main([]) == 4
    err = capsys.readouterr().err
    assert "ZeroDivisionError: so it is" in err
    assert "\x1b" not in err
    monkeypatch.setenv("METRIC_AI_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main([])


def test_a_reader_who_leaves_is_no_error(shell: Any, logs: Path, sides: Sides) -> None:
    words = " ".join(("analyze", *sides(logs), "-o", "json"))
    program = Path(sys.executable).with_name("metric-ai")
    done = subprocess.run(
        ["bash", "-c", f"{program} {words} | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=shell.folder,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() in {
        "0",
        "1",
    }  # 1 where the verdict was written before the reader left


def test_help_and_completion_load_nothing_that_only_work_needs() -> None:
    heavy = ("rich", "yaml", "asyncio", "httpx2", "lightkube", "polars", "jsonschema_rs")
    program = (
        "import sys; from metric_ai.cli import main; main(['--help']); main(['check', '--help']); "
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(name: str, capsys: Any) -> None:
    assert cli.main(["completion", name]) == 0
    assert "_METRIC_AI_COMPLETE" in capsys.readouterr().out


def test_bash_completes_commands_and_options(shell: Any) -> None:
    script = shell.type("completion", "bash").out
    program = Path(sys.executable).with_name("metric-ai")
    typed = f"""
{script}
COMP_WORDS=({program} analyze --stable-l) COMP_CWORD=2
_metric_ai_completion {program}
echo "${{COMPREPLY[*]}}"
"""
    done = subprocess.run(
        ["bash", "-c", typed], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "--stable-logs"


def test_kubectl_completes_through_a_program_of_its_own(shell: Any) -> None:
    program = Path(sys.executable).with_name("kubectl_complete-metric_ai")
    *words, directive = shell.type("doc", program=program).out.splitlines()
    assert [word.split("\t")[0] for word in words] == ["doctor"]
    assert directive == ":4"
    assert shell.type("report", "", program=program).out.splitlines()[-1] == ":0"
