"""The images: their Dockerfiles, and what stands in them of the repository."""

import fcntl
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import manifests
import pytest
from manifests import ROOT

DOCKERFILES = sorted((ROOT / "images").glob("*/Dockerfile"))
LINT = ROOT / "tests" / "install" / "dockerlint"
PROGRAM = ROOT / "build" / "dockerlint"
BUILD_SECONDS = 900


def name_of(path: Path) -> str:
    return path.parent.name


@cache
def dockerlint() -> Path:
    """BuildKit's own checks as a program; skips where Go is not installed."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed: the Dockerfiles are not linted")
    PROGRAM.parent.mkdir(exist_ok=True)
    with PROGRAM.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run(
            ["go", "build", "-o", PROGRAM, "."],
            cwd=LINT,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    assert built.returncode == 0, built.stderr[-4000:]
    return PROGRAM


def lint(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [dockerlint(), *files], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.timeout(BUILD_SECONDS)
def test_buildkit_has_nothing_to_say_about_any_of_them() -> None:
    done = lint(*DOCKERFILES)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.timeout(BUILD_SECONDS)
def test_the_linter_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM scratch as x\nENV A 1\nCOPY --from=nowhere a b\n")
    said = lint(bad).stdout
    assert "FromAsCasing" in said
    assert "LegacyKeyValueFormat" in said


@pytest.mark.parametrize("path", DOCKERFILES, ids=name_of)
def test_all_that_it_copies_is_there_and_let_through(path: Path) -> None:
    """The context is the repository; each Dockerfile's own ignore file lets in what it needs."""
    rules = path.with_name("Dockerfile.dockerignore").read_text().split()
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]
    assert rules[0] == "*", "everything is left out but what is named"
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", path.read_text(), re.MULTILINE):
        for source in (word for word in line.split() if not word.startswith("--")):
            pattern = source.replace("${TARGETARCH}", "*")
            assert any(rule == pattern or rule.startswith(f"{source}/") for rule in let_in), source
            if not source.startswith("bin/"):  # the executable is built, not committed
                assert (ROOT / source).exists(), source


@pytest.mark.parametrize("path", DOCKERFILES, ids=name_of)
def test_none_runs_as_root(path: Path) -> None:
    users = re.findall(r"^USER (\S+)$", path.read_text(), re.MULTILINE)
    # The official controller's image says itself that it runs as 999.
    assert users == ([] if name_of(path) == "controller" else ["65532:65532"])


def test_the_controller_is_the_version_that_the_manifests_install() -> None:
    text = (ROOT / "images" / "controller" / "Dockerfile").read_text()
    base = (manifests.CONFIG / "argo-rollouts" / "base" / "kustomization.yaml").read_text()
    (version,) = re.findall(r"FROM quay\.io/argoproj/argo-rollouts:(\S+)", text)
    assert f"newTag: {version}\n" in base
    assert f"/download/{version}/install.yaml" in base


def test_every_image_is_one_that_make_builds() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (listed,) = re.findall(r"^IMAGES := (.*)$", makefile, re.MULTILINE)
    folders = dict(word.split(":") for word in listed.split())
    assert set(folders) == {name_of(path) for path in DOCKERFILES}
    text = "".join(path.read_text() for path in manifests.CONFIG.rglob("*.yaml"))
    named = set(re.findall(r"ghcr\.io/carlossg/argo-rollouts/([a-z-]+)", text))
    assert named == set(folders.values())


def test_the_shop_starts_as_its_image_starts_it(tmp_path: Path) -> None:
    text = (ROOT / "images" / "shop" / "Dockerfile").read_text()
    (target,) = re.findall(r"^COPY examples/shop/shop (\S+)$", text, re.MULTILINE)
    shutil.copytree(ROOT / "examples" / "shop" / "shop", tmp_path / "shop")
    assert f"PYTHONPATH={Path(target).parent} " in text
    for module in ("shop", "shop.traffic"):
        done = subprocess.run(
            ["python3", "-m", module, "--help"],
            cwd="/",
            env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


ENGINE = """\
#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
"""


def built_by_make(target: str, folder: Path, *platforms: str) -> tuple[list[str], str]:
    """What `make <target>` asks of an engine that notes its calls, and what make says.

    Args:
        folder: gets a copy of what the target reads.
        platforms: whose executables are there.
    """
    for path in ("Makefile", "scripts/docker-images"):
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    (folder / "bin").mkdir()
    for platform in platforms:
        (folder / "bin" / f"metric-ai-linux-{platform}").touch()
    engine = folder / "docker"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    done = subprocess.run(
        ["make", target, "TAG=abc"],
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "DOCKER": str(engine)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    calls = folder / "calls"
    return calls.read_text().splitlines() if calls.exists() else [], done.stderr


def test_make_builds_every_image_for_this_machine(tmp_path: Path) -> None:
    calls, _ = built_by_make("docker-build", tmp_path, "amd64", "arm64")
    assert len(calls) == len(DOCKERFILES)
    for path in DOCKERFILES:
        name = f"--file images/{name_of(path)}/Dockerfile ."
        (call,) = [each for each in calls if each.endswith(name)]
        assert re.match(
            r"build --platform linux/(amd64|arm64) --tag ghcr\.io/carlossg/argo-rollouts/", call
        )
        assert ":abc " in call


def test_make_pushes_every_image_for_both_machines(tmp_path: Path) -> None:
    calls, _ = built_by_make("docker-buildx", tmp_path, "amd64", "arm64")
    assert len(calls) == len(DOCKERFILES)
    for call in calls:
        assert call.startswith("buildx build --platform linux/amd64,linux/arm64 ")
        assert " --push " in call


def test_an_executable_that_is_not_built_is_named(tmp_path: Path) -> None:
    calls, said = built_by_make("docker-buildx", tmp_path, "amd64")
    assert calls == []
    assert "bin/metric-ai-linux-arm64 is not there: make build ARCH=arm64" in said
