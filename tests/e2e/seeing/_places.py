"""Where a person may look: each place's words on one happening."""

import html
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import yaml
from control_plane import ControlPlane
from github_api import GitHubServer
from kube import Json

from canary_verdict import Run
from canary_verdict.issue import issue_key, names_key

from ._plays import Happening
from ._table import commands

__all__ = ["PLACES", "Looker"]

_ALERTS = Path(__file__).resolve().parents[3] / "config" / "observability" / "alerts.yaml"
_SECONDS = 30
_METRIC = "ai-analysis"
_SERIES = re.compile(r"canary_agent_\w+(?:\{[^}]*\})?")
_UNSEEN = re.compile(r"<(style|script|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Looker:
    """A person with a terminal, a browser, and the right to read what is there.

    Attributes:
        github: where the issues are.
        repository: in which of its repositories, as `owner/name`.
    """

    plane: ControlPlane
    github: GitHubServer
    repository: str

    def types(self, place: str, happening: Happening) -> str:
        """What the page's command for a place prints."""
        metadata = happening.run["metadata"]
        words = shlex.split(commands()[place].replace("RUN", metadata["name"]))
        assert words[0] == "kubectl", words
        done = subprocess.run(
            [self.plane.programs.path("kubectl"), *words[1:], "-n", metadata["namespace"]],
            env={**os.environ, "KUBECONFIG": str(self.plane.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _message(looker: Looker, happening: Happening) -> str:
    return looker.types("message", happening)


def _measurement(looker: Looker, happening: Happening) -> str:
    return looker.types("measurement", happening)


def _dashboard(_: Looker, happening: Happening) -> str:
    """What it is given to show of a metric: the last value, and what the plugin says of the metric."""
    (result,) = happening.run["status"]["metricResults"]
    value = result["measurements"][-1].get("value", "")
    shown = {**({"value": value} if value else {}), **result.get("metadata", {})}
    return "\n".join(f"{name}: {text}" for name, text in shown.items())


def _issue(looker: Looker, happening: Happening) -> str:
    metadata = happening.run["metadata"]
    key = issue_key(Run(metadata["uid"], metadata["name"], metadata["namespace"], _METRIC))
    found = [one for one in looker.github.issues[looker.repository] if names_key(one["body"], key)]
    assert len(found) < 2, found
    return "\n".join(f"{one['title']}\n{_labels(one)}\n{one['body']}" for one in found)


def _labels(issue: Json) -> str:
    return " ".join(label["name"] for label in issue["labels"])


def _report(_: Looker, happening: Happening) -> str:
    """The page that the metadata names, or that of the task where there is no verdict to report."""
    metadata = _last(happening).get("metadata", {})
    task = metadata.get("taskId")
    if happening.agent is None or not task:
        return ""
    answer = httpx2.get(
        metadata.get("reportLink") or f"{happening.agent.url}/reports/{task}",
        trust_env=False,
        timeout=_SECONDS,
    )
    assert answer.is_success, answer.text
    return html.unescape(_UNSEEN.sub(" ", answer.text))


def _controller_log(looker: Looker, happening: Happening) -> str:
    """The plugin's lines on the run."""
    lines = looker.plane.controller.log().splitlines()
    named = re.compile(rf"\brun={happening.name}\b")
    return "\n".join(one for one in lines if "plugin.metric-ai" in one and named.search(one))


def _agent_log(_: Looker, happening: Happening) -> str:
    """The agent's lines on the run."""
    lines = happening.agent.log().splitlines() if happening.agent else []
    uid = happening.run["metadata"]["uid"]
    return "\n".join(one for one in lines if uid in one)


def _figures(_: Looker, happening: Happening) -> str:
    """The agent's series that are not 0, and the alerts that look at one of them, or at their absence."""
    series = list(_counted(happening)) if happening.agent else []
    return "\n".join([*series, *_alerts(series, away=happening.away)])


def _counted(happening: Happening) -> Iterator[str]:
    assert happening.agent is not None
    text = httpx2.get(f"{happening.agent.url}/metrics", trust_env=False, timeout=_SECONDS).text
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("canary_agent_") and float(value):
            yield name


def _alerts(series: list[str], *, away: bool) -> Iterator[str]:
    for group in yaml.safe_load(_ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            watched = set(_SERIES.findall(rule["expr"]))
            absent = away and "absent(" in rule["expr"]
            if absent or any("{" in one and one in series for one in watched):
                yield rule["alert"]


def _last(happening: Happening) -> Json:
    (result,) = happening.run["status"]["metricResults"]
    last: Json = result["measurements"][-1]
    return last


PLACES: dict[str, Callable[[Looker, Happening], str]] = {
    "message": _message,
    "measurement": _measurement,
    "dashboard": _dashboard,
    "issue": _issue,
    "report": _report,
    "controller's log": _controller_log,
    "agent's log": _agent_log,
    "figures, alerts": _figures,
}
"""By the other columns of the table."""
