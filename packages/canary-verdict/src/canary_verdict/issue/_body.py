"""Title and body of the issue."""

import re
from collections.abc import Iterator

from canary_verdict.verdict import CanaryVerdict, EvidenceItem

from ._incident import Incident
from ._key import hidden_mark, issue_key
from ._neutral import cell, code, fenced, neutral, prose

MAX_BODY = 65_536
"""Characters that GitHub takes; the parts' own limits keep the whole below it."""

_MAX_TITLE = 250
_ROWS = 10
_SAMPLES = 5
_STRONGEST = ("hard", "significant", "suspicious", "waived", "note")
_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_LINK = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,260}/[A-Za-z0-9._~%/-]{0,700}")

_FOOT = (
    "Opened by {author}. Lines of logs and words of models are shown as data: mentions, links and references "
    "in them are made ineffective, known secrets are taken out."
)


def issue_title(incident: Incident) -> str:
    """One line of at most 256 characters."""
    where = f"in {incident.run.namespace}" if incident.run.namespace else ""
    who = incident.rollout or incident.run.name
    why = incident.verdict.root_cause
    title = f"Canary of {who} {where} rolled back" + (f": {why}" if why else "")
    return neutral(title, _MAX_TITLE)


def issue_body(incident: Incident, author: str) -> str:
    """Markdown of at most `MAX_BODY` characters.

    Args:
        incident: what happened.
        author: the program that writes it, and its version.
    """
    parts = [
        hidden_mark(issue_key(incident.run)),
        _summary(incident),
        *_facts(incident),
        *_evidence(incident.verdict.evidence),
        *_section("Analysis", incident.verdict.analysis, 12_000),
        *_look(incident),
        "---",
        _FOOT.format(author=neutral(author, 100)),
        f"Key: `{issue_key(incident.run)}`",
    ]
    return "\n\n".join(part for part in parts if part)


def _summary(incident: Incident) -> str:
    verdict = incident.verdict
    subject = f"Rollout {code(incident.rollout)}" if incident.rollout else "an Experiment"
    said = f"{verdict.verdict.value}, {verdict.confidence:g} % confident"
    text = f"The canary of {subject} in namespace {code(incident.run.namespace)} failed its analysis: **{said}**."
    for head, words in (("Root cause", verdict.root_cause), ("Remedy", verdict.remediation)):
        if words:
            text += f"\n\n**{head}:** {prose(words, 6000)}"
    return text


def _facts(incident: Incident) -> Iterator[str]:
    run, verdict = incident.run, incident.verdict
    rows = [
        ("AnalysisRun", f"{code(run.name)}, metric {code(run.metric)}"),
        ("Revision (pod template hash)", code(incident.revision)),
        ("Images", ", ".join(_images(verdict))),
        ("Report", _link(verdict.report_link)),
        ("Pull request", _link(verdict.pr_link)),
        ("Agent", code(verdict.agent_version, 100)),
    ]
    yield "\n".join(f"- {name}: {text}" for name, text in rows if text)


def _images(verdict: CanaryVerdict) -> Iterator[str]:
    for name, image in list(verdict.canary_images.items())[:10]:
        before = verdict.stable_images.get(name, "")
        yield code(image, 500) + (
            f" (stable: {code(before, 500)})" if before not in {"", image} else ""
        )


def _evidence(items: tuple[EvidenceItem, ...]) -> Iterator[str]:
    if not items:
        return
    shown = sorted(items, key=_weakness)[:_ROWS]
    yield "### Evidence"
    rows = [
        "| | what | strength | stable | canary | ratio | p |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    rows += [_row(item) for item in shown]
    yield "\n".join(rows)
    if len(items) > len(shown):
        yield f"The {len(shown)} strongest of {len(items)}; the verdict in the AnalysisRun's metadata has more."
    for item in shown[:_SAMPLES]:
        yield from _samples(item)


def _weakness(item: EvidenceItem) -> int:
    return _STRONGEST.index(item.strength) if item.strength in _STRONGEST else len(_STRONGEST)


def _row(item: EvidenceItem) -> str:
    numbers = [_number(item.stable), _number(item.canary), _number(item.ratio), _number(item.p)]
    cells = [cell(item.id, 60), cell(item.what, 700), cell(item.strength, 60), *numbers]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _samples(item: EvidenceItem) -> Iterator[str]:
    for side, sample in (("stable", item.stable_sample), ("canary", item.canary_sample)):
        if sample is not None and sample.line:
            pod = f", pod {code(sample.pod)}" if sample.pod else ""
            yield f"{prose(item.id, 60)}, {side}{pod}:"
            yield fenced(sample.line, 600)


def _section(head: str, text: str, limit: int) -> Iterator[str]:
    if text:
        yield f"### {head}"
        yield prose(text, limit)


def _look(incident: Incident) -> Iterator[str]:
    namespace, name, rollout = incident.run.namespace, incident.run.name, incident.rollout
    if not (_KUBERNETES_NAME.fullmatch(namespace) and _KUBERNETES_NAME.fullmatch(name)):
        return
    lines = [f"kubectl -n {namespace} get analysisrun {name} -o yaml"]
    if _KUBERNETES_NAME.fullmatch(rollout):
        lines.append(f"kubectl argo rollouts -n {namespace} get rollout {rollout}")
    yield "### Look for yourself"
    yield "```sh\n" + "\n".join(lines) + "\n```"


def _link(address: str) -> str:
    """An address of the agent's that looks like one; anything else is left out."""
    return f"<{address}>" if _LINK.fullmatch(address) else ""
