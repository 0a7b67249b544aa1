"""Manifests are built once a session: each build takes a second."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path

import manifests
import pytest
from manifests import Json

Build = Callable[[str], list[Json]]


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kustomize builds; `work / "config"` is a copy of `config`."""
    return tmp_path_factory.mktemp("kustomize")


@pytest.fixture(scope="session")
def build(work: Path) -> Build:
    """`build("agent")` gives the objects of config/agent."""

    @cache
    def built(folder: str) -> list[Json]:
        return manifests.kustomized(folder, work)

    return lambda folder: copy.deepcopy(built(folder))
