"""The build recipe: what it checks, what it refuses, and that it makes the same bytes twice."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from onefile import _archive, _cache, _deps, _mirrors, _source
from onefile._cache import cache_folder, cached
from onefile._source import Pin, check_files, read_pin
from onefile._steps import BuildError, run
from onefile._target import target_named

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "packaging" / "onefile"
PIN = Pin("trixie", "python3.13", "3.13.5-2", {"one.dsc": hashlib.sha256(b"one").hexdigest()})


def test_the_pin_has_a_hash_for_every_file_of_the_source() -> None:
    pin = read_pin()
    assert {Path(name).suffix for name in pin.files} == {".dsc", ".xz"}
    assert len(pin.files) == 3
    assert all(len(digest) == 64 for digest in pin.files.values())
    assert pin.upstream == pin.version.split("-")[0]


@pytest.mark.parametrize("content", [b"other", None], ids=["another file", "no file"])
def test_a_file_that_is_not_the_pinned_one_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "one.dsc").write_bytes(content)
    found = hashlib.sha256(content).hexdigest() if content else "no such file"
    with pytest.raises(
        BuildError, match=f"one.dsc: found sha256 {found}, expected {PIN.files['one.dsc']}"
    ):
        check_files(PIN, tmp_path)


def test_the_pinned_files_pass(tmp_path: Path) -> None:
    (tmp_path / "one.dsc").write_bytes(b"one")
    check_files(PIN, tmp_path)


def test_a_version_that_is_gone_is_named_with_what_is_there_and_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_source.Archive, "update", lambda _self: None)
    monkeypatch.setattr(_source.Archive, "versions", lambda _self, _source: ["3.13.5-3"])
    with pytest.raises(
        BuildError, match=r"found python3\.13 3\.13\.5-3 .* expected 3\.13\.5-2"
    ) as error:
        _source.fetch(PIN, tmp_path)
    assert "python3 -m onefile pin" in str(error.value)


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        _deps, "installed", lambda names: dict.fromkeys(set(names) - {"zlib1g-dev"}, "1")
    )
    monkeypatch.setattr(_deps, "release", lambda: {"ID": "debian"})
    with pytest.raises(BuildError, match="missing for this build: zlib1g-dev; make build-deps"):
        _deps.require(target_named(None))
    monkeypatch.setattr(_deps, "release", lambda: {"ID": "fedora"})
    with pytest.raises(BuildError, match="build in a container"):
        _deps.require(target_named(None))


def test_mirrors_are_the_machines_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(
        "Types: deb\n# a comment\nURIs: http://one.example/debian\nSuites: bookworm bookworm-updates\n\n"
        "Types: deb\nURIs: http://two.example/security\nSuites: bookworm-security\n\n"
        "Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm\n"
    )
    (tmp_path / "sources.list").write_text(
        "# deb http://old.example/debian bookworm main\n"
        "deb [arch=amd64] http://three.example/debian bookworm main\n"
        "deb http://other.example/tools stable main\n"
    )
    monkeypatch.setattr(_mirrors, "_SOURCES", tmp_path)
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr(
        _mirrors, "release", lambda: {"ID": "debian", "VERSION_CODENAME": "bookworm"}
    )
    assert [(one.uri, one.suite) for one in _mirrors.mirrors("trixie")] == [
        ("http://three.example/debian", "trixie"),
        ("http://one.example/debian", "trixie"),
        ("http://two.example/security", "trixie-security"),
    ]
    monkeypatch.setattr(_mirrors, "release", lambda: {"ID": "ubuntu", "VERSION_CODENAME": "noble"})
    with pytest.raises(BuildError, match="DEBIAN_MIRROR"):
        _mirrors.mirrors("trixie")
    monkeypatch.setenv("DEBIAN_MIRROR", "http://named.example/debian")
    assert [one.uri for one in _mirrors.mirrors("trixie")] == ["http://named.example/debian"]


class TestCache:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("METRIC_AI_CACHE", str(tmp_path / "cache"))
        return tmp_path / "cache"

    def test_the_same_inputs_are_built_once(self) -> None:
        built: list[Path] = []
        entries = {
            cached("thing", {"a": 1, "b": 2}, built.append),
            cached("thing", {"b": 2, "a": 1}, built.append),
        }
        assert len(built) == len(entries) == 1
        assert json.loads((entries.pop() / "inputs.json").read_text()) == {"a": 1, "b": 2}

    def test_a_build_that_fails_leaves_nothing_that_is_taken_for_done(self) -> None:
        def fail(draft: Path) -> None:
            (draft / "half").touch()
            raise BuildError("no")

        with pytest.raises(BuildError):
            cached("thing", {}, fail)
        entry = cached("thing", {}, lambda draft: (draft / "whole").touch())
        assert sorted(path.name for path in entry.iterdir()) == ["inputs.json", "whole"]

    def test_of_each_kind_the_last_three_are_kept(self, folder: Path) -> None:
        kept = cached("other", {}, lambda _draft: None)
        entries = [cached("thing", {"n": n}, lambda _draft: None) for n in range(5)]
        assert kept.is_dir()
        assert sum(entry.is_dir() for entry in entries) == _cache._KEPT
        assert entries[-1].is_dir()


class TestClosure:
    """inside.py, run in this Python on a library of a few modules."""

    @staticmethod
    def answer(folder: Path, files: Mapping[str, str], **lists: list[str]) -> Any:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        request = {
            "packages": str(folder / "packages"),
            "library": str(folder / "library"),
            "output": str(folder / "output"),
            **{name: lists.get(name, []) for name in ("absent", "excluded", "roots")},
        }
        done = subprocess.run(
            [sys.executable, "-IS", RECIPE / "inside.py"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout)

    def test_imports_are_followed_wherever_they_stand(self, tmp_path: Path) -> None:
        answer = self.answer(
            tmp_path,
            {
                "packages/ours/__init__.py": "",
                "packages/ours/a.py": "def late():\n    from . import b\n    import used.part\n",
                "packages/ours/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import unread\n",
                "library/typing.py": "",
                "library/used/__init__.py": "",
                "library/used/part.py": "import sys\n",
                "library/unread.py": "",
                "library/named.py": "",
            },
            roots=["named"],
        )
        assert answer["missing"] == {}
        assert answer["modules"] == [
            "named",
            "ours",
            "ours.a",
            "ours.b",
            "typing",
            "used",
            "used.part",
        ]
        assert (tmp_path / "output" / "used" / "__init__.pyc").is_file()

    def test_what_is_not_there_is_named_with_its_importer(self, tmp_path: Path) -> None:
        answer = self.answer(tmp_path, {"packages/ours.py": "import gone.part\n"})
        assert answer["missing"] == {"gone.part": ["ours"]}

    def test_the_list_passes_by_what_the_library_imports_and_not_what_the_packages_need(
        self, tmp_path: Path
    ) -> None:
        files = {
            "packages/ours.py": "import tool\n",
            "library/tool.py": "import large\n",
            "library/large.py": "",
        }
        assert self.answer(tmp_path, files, excluded=["large"])["modules"] == ["ours", "tool"]
        files["packages/ours.py"] = "import tool, large\n"
        assert "large" in self.answer(tmp_path, files, excluded=["large"])["modules"]
        assert self.answer(tmp_path, files, absent=["large"])["modules"] == ["ours", "tool"]


def test_the_size_is_written_into_the_program(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"head METRIC-AI-FILE-SIZE:00000000000000000000 tail")
    made = _archive.executable(program, b"zip")
    assert made == b"head METRIC-AI-FILE-SIZE:%020d tailzip" % len(made)
    program.write_bytes(b"no place")
    with pytest.raises(BuildError, match="found 0 seals"):
        _archive.executable(program, b"zip")


def test_shared_libraries_are_refused(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "fast.so").touch()
    with pytest.raises(BuildError, match=r"fast\.so"):
        _archive.stage(tmp_path / "packages", tmp_path / "staged")


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="exit code 3") as error:
        run(["sh", "-c", "echo last words; exit 3"], log=tmp_path / "log", seconds=30)
    assert "last words" in str(error.value)
    with pytest.raises(BuildError, match="cannot start"):
        run([tmp_path / "none"], log=tmp_path / "log", seconds=30)
    with pytest.raises(BuildError, match="took more than 0 s"):
        run(["sleep", "30"], log=tmp_path / "log", seconds=0)


@pytest.mark.timeout(600)
def test_the_same_inputs_make_the_same_bytes(executable: Path, tmp_path: Path) -> None:
    packages = ROOT / "build" / "plugin"
    if not any(cache_folder().glob("cpython-*")) or not packages.is_dir():
        pytest.skip("the interpreter is not cached: make build")
    digests = set()
    for number in range(2):
        # Elsewhere, in another order of files.
        folder = tmp_path / f"packages-{number}"
        shutil.copytree(packages, folder)
        shutil.copy2(f"{packages}.report.json", f"{folder}.report.json")
        subprocess.run(
            [
                *(sys.executable, "-m", "onefile", "build"),
                *("--packages", folder, "--output", tmp_path / f"bin-{number}"),
            ],
            env={
                "PYTHONPATH": str(RECIPE.parent),
                "METRIC_AI_CACHE": str(cache_folder()),
                "PATH": "/usr/bin:/bin",
            },
            timeout=280,
            check=True,
            capture_output=True,
        )
        made = tmp_path / f"bin-{number}" / executable.name
        digests.add(hashlib.sha256(made.read_bytes()).hexdigest())
    assert len(digests) == 1
