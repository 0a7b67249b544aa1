"""The static executable as a file: what it is, what it holds, and what is written beside it."""

import hashlib
import json
import os
import re
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from onefile._cache import cache_folder

MAX_MB = 25
_PROGRAM_HEADERS = 0x38  # e_phnum of elf(5), 64 bit; e_phoff and e_phentsize lie before it
_INTERPRETER, _DYNAMIC = 3, 2


def printed(executable: Path, *arguments: str) -> str:
    done = subprocess.run(
        [executable, *arguments], capture_output=True, text=True, timeout=60, check=True, env={}
    )
    return done.stdout


def test_it_needs_no_shared_library(executable: Path) -> None:
    head = executable.read_bytes()[:4096]
    assert head[:5] == b"\x7fELF\x02"
    offset = struct.unpack_from("<Q", head, 0x20)[0]
    size, count = struct.unpack_from("<HH", head, 0x36)
    kinds = {struct.unpack_from("<I", head, offset + number * size)[0] for number in range(count)}
    assert kinds
    assert kinds.isdisjoint({_INTERPRETER, _DYNAMIC})


def test_it_is_small_and_executable_by_everybody(executable: Path) -> None:
    assert executable.stat().st_size <= MAX_MB * 1_000_000
    assert executable.stat().st_mode & 0o777 == 0o755


def test_the_plugin_of_this_machine_is_that_very_file(executable: Path) -> None:
    assert executable.samefile(executable.with_name("metric-ai"))


def test_its_hash_lies_beside_it(executable: Path) -> None:
    text = Path(f"{executable}.sha256").read_text()
    assert re.fullmatch(r"[0-9a-f]{64}  metric-ai-linux-\w+\n", text)
    assert text.split()[0] == hashlib.sha256(executable.read_bytes()).hexdigest()


def test_nothing_of_the_machine_that_built_it_is_in_it(executable: Path) -> None:
    data = executable.read_bytes()
    for path in (cache_folder(), Path(__file__).resolve().parents[2]):
        assert os.fsencode(path) + b"/" not in data


def test_its_modules_are_compiled_sorted_and_stored_with_one_time(executable: Path) -> None:
    with zipfile.ZipFile(executable) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert not [name for name in names if name.endswith((".py", ".so"))]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_it_knows_its_version(executable: Path) -> None:
    assert printed(executable, "--version") == "metric-ai 0.1.0\n"


def test_it_prints_the_notices_of_all_that_is_linked_in(executable: Path) -> None:
    text = printed(executable, "--licenses")
    bill = json.loads(Path(f"{executable}.cdx.json").read_text())
    for component in bill["components"]:
        if component["licenses"] != [{"expression": "Apache-2.0"}]:
            assert f"{component['name']} {component['version']}" in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "relink this program" in text


def test_the_environment_of_the_user_does_not_get_in(executable: Path, tmp_path: Path) -> None:
    (tmp_path / "goplugin.py").write_text("raise SystemExit('taken in')\n")
    done = subprocess.run(
        [executable, "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere", "PYTHONINSPECT": "1"},
    )
    assert done.stdout == "metric-ai 0.1.0\n"


@pytest.mark.parametrize("name", ["CPython", "OpenSSL", "zlib", "glibc", "h11"])
def test_the_bill_of_materials_names_what_is_bundled(executable: Path, name: str) -> None:
    bill = json.loads(Path(f"{executable}.cdx.json").read_text())
    (component,) = (one for one in bill["components"] if one["name"] == name)
    assert re.match(r"\d+\.\d+", component["version"])
    assert re.fullmatch(r"[0-9a-f]{64}", component["hashes"][0]["content"])


def test_the_bill_of_materials_is_of_this_file(executable: Path) -> None:
    bill = json.loads(Path(f"{executable}.cdx.json").read_text())
    subject = bill["metadata"]["component"]
    assert subject["name"] == executable.name
    digest = hashlib.sha256(executable.read_bytes()).hexdigest()
    assert subject["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_the_bill_of_materials_follows_its_schema(executable: Path) -> None:
    text = Path(f"{executable}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
