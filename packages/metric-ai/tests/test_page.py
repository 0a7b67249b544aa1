"""docs/command-line.md says what --help says."""

import subprocess
import sys

from running import ROOT

from metric_ai.exits import EXIT_CODES


def test_the_page_has_the_help_of_every_command() -> None:
    script = ROOT / "scripts" / "command-line-page"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{done.stderr}run {script}"


def test_the_page_s_exit_codes_are_the_program_s() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text()
    for line in EXIT_CODES.splitlines()[1:]:
        code, meaning = line.split(maxsplit=1)
        assert f"| {code} | {meaning} |" in page
