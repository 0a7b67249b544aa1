"""Alert rules, dashboard and runbook: they speak of figures that there are, and each alert fires on its fault."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from canary_agent.metrics import Metrics
from canary_agent.server import paths
from canary_agent.store import AnalysisEngine, EngineSettings

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "config" / "observability"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
_NAME = re.compile(r"\bcanary_agent_\w+|\bprocess_\w+")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of all samples that an agent tells."""
    state = tmp_path_factory.mktemp("state") / "state.sqlite"
    engine = AnalysisEngine(EngineSettings(state=str(state)), _never).launch()
    try:
        text = Metrics(engine).exposition("")[0].decode()
    finally:
        engine.drain(0)
        engine.close()
    names = set()
    for family in text_string_to_metric_families(text):
        names |= {sample.name for sample in family.samples}
        if family.type == "counter":
            names.add(f"{family.name}_total")
        if family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
            names.add(family.name)
    return names


def _never(*_: Any) -> Any:
    raise AssertionError


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def _promtool(*arguments: str) -> None:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("no promtool here: install Debian's package prometheus (make test-deps)")
    ran = subprocess.run(
        [found, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_promtool_finds_nothing_wrong_with_the_rules() -> None:
    _promtool("check", "rules", "--lint-fatal", "alerts.yaml")


def test_each_alert_fires_on_its_fault_and_is_quiet_without_it() -> None:
    _promtool("test", "rules", "alerts.test.yaml")


def test_each_alert_has_both_tests() -> None:
    tests = yaml.safe_load((FOLDER / "alerts.test.yaml").read_text("utf-8"))["tests"]
    named = {test["name"] for test in tests}
    assert named == {
        f"{rule['alert']} {says}" for rule in _rules() for says in ("fires", "is quiet")
    }


def test_rules_and_dashboard_speak_of_figures_that_there_are(known: set[str]) -> None:
    dashboard = (FOLDER / "dashboard.json").read_text("utf-8")
    asked = set(_NAME.findall(dashboard)) | set(_NAME.findall(json.dumps(_rules())))
    assert asked - known == set()
    assert len(asked) > 12


def test_the_runbook_names_every_figure(known: set[str]) -> None:
    told = set(_NAME.findall(RUNBOOK))
    families = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in known}
    ours = {name for name in families if name.startswith("canary_agent_")}
    assert {name for name in ours if f"{name}_total" not in ours} <= told


def test_each_alert_has_its_page_in_the_runbook() -> None:
    headings = re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)
    for rule in _rules():
        assert rule["alert"] in headings
        anchor = rule["annotations"]["runbook_url"].partition("#")[2]
        assert anchor == rule["alert"].lower()


def test_the_operators_rule_says_the_same() -> None:
    rule = yaml.safe_load((FOLDER / "prometheus-rule.yaml").read_text("utf-8"))
    assert rule["spec"]["groups"][0]["rules"] == _rules()


def test_the_dashboard_is_one_that_grafana_reads() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["type"] in ("row", "stat", "timeseries") for panel in panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_what_is_scraped_is_what_is_installed() -> None:
    """The monitor finds the pods of config/agent, by their port's name, with their token."""
    folder = ROOT / "config" / "agent" / "base"
    (container,) = yaml.safe_load((folder / "deployment.yaml").read_text("utf-8"))["spec"][
        "template"
    ]["spec"]["containers"]
    monitor = yaml.safe_load((FOLDER / "pod-monitor.yaml").read_text("utf-8"))["spec"]
    policy = yaml.safe_load((FOLDER / "network-policy.yaml").read_text("utf-8"))["spec"]
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert endpoint["port"] in {port["name"] for port in container["ports"]}
    assert endpoint["path"] == paths.METRICS
    assert policy["ingress"][0]["ports"] == [{"port": endpoint["port"]}]
    labels = {"app.kubernetes.io/name": "kubernetes-agent"}
    assert monitor["selector"]["matchLabels"] == policy["podSelector"]["matchLabels"] == labels
    token = endpoint["authorization"]["credentials"]
    assert token["name"] in (folder / "deployment.yaml").read_text("utf-8")
