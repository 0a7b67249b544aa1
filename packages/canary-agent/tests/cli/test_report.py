"""`canary-agent report`: a bundle's page in a file."""

import dataclasses
import json
import zipfile
from pathlib import Path

import pytest
from report_samples import REQUEST, write_logs

from canary_agent import cli
from canary_agent.analysis import analyse
from canary_agent.collect import FolderSource


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    source = FolderSource(write_logs(folder / "logs"))
    analyse(REQUEST, source, lambda: False, folder / "checkout.zip")
    return folder / "checkout.zip"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_bundle_becomes_a_page(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", str(bundle)]) == 0
    assert capsys.readouterr().out == "checkout.html\n"
    page = Path("checkout.html").read_text("utf-8")
    assert "<h1>" in page
    assert "db.shop.svc:5432" in page
    assert "canary-agent judge checkout.zip" in page
    assert len(page.encode()) < 1_000_000


def test_the_same_bundle_gives_the_same_page(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(bundle), "-o", "-"]) == 0
    first = capsys.readouterr().out
    assert cli.main(["report", str(bundle), "-o", "-"]) == 0
    assert capsys.readouterr().out == first


def test_a_folder_is_judged_for_its_page(tmp_path: Path) -> None:
    logs = write_logs(tmp_path / "logs", broken=False)
    assert cli.main(["report", str(logs), "-o", "page.html"]) == 0
    assert "Promote" in Path("page.html").read_text("utf-8")


def _changed(bundle: Path, name: str, change: dict[str, object]) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    entries[name] = json.dumps(json.loads(entries[name]) | change).encode()
    with zipfile.ZipFile("other.zip", "w") as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return Path("other.zip")


def test_a_truncated_bundle_is_told_of(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bundle.read_bytes()
    Path("cut.zip").write_bytes(content[: len(content) // 2])
    assert cli.main(["report", "cut.zip"]) == 1
    assert "it may be cut short: copy it again" in capsys.readouterr().err
    assert not Path("cut.html").exists()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("bundle.json", {"version": 2, "stable": "another form"}),
        ("verdict.json", {"schemaVersion": "2"}),
    ],
)
def test_a_newer_version_is_told_of(
    name: str, change: dict[str, object], bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(_changed(bundle, name, change))]) == 1
    error = capsys.readouterr().err
    assert "as new as the one that saved it" in error
    assert "Traceback" not in error


def test_a_file_that_cannot_be_written_is_told_of(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(bundle), "-o", "missing/page.html"]) == 1
    assert "missing/page.html cannot be written" in capsys.readouterr().err


def test_a_bundle_without_a_verdict_is_judged(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive, zipfile.ZipFile("cut-off.zip", "w") as other:
        for entry in archive.namelist():
            if entry != "verdict.json":
                other.writestr(entry, archive.read(entry))
    assert cli.main(["report", "cut-off.zip"]) == 0
    assert "Rollback" in Path("cut-off.html").read_text("utf-8")


def test_what_was_asked_is_on_the_page(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["report", str(bundle), "-o", "-"])
    page = capsys.readouterr().out
    fields = dataclasses.asdict(REQUEST.run) | {"rollout": REQUEST.rollout}
    assert all(text in page for text in fields.values())
    assert "rollouts" not in REQUEST.canary.selector
    assert REQUEST.canary.selector in page
