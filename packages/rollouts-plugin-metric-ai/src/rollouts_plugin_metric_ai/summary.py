"""What a verdict looks like where people meet it: the measurement's message and metadata.

All of it is text from an agent, so it is cut, stripped of control characters and never interpreted.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from canary_verdict import CanaryVerdict, EvidenceItem, Sample, Verdict, clip

MAX_MESSAGE = 1024
MAX_VALUE = 8 * 1024
MAX_METADATA = 32 * 1024

# Cc and Cf: control characters, bidirectional overrides, zero-width characters; and line breaks.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)
_EVIDENCE_SHOWN = 10
_SAMPLE_SHOWN = 300


def one_line(text: str) -> str:
    """`text` as one printable line of at most `MAX_MESSAGE` characters."""
    return clip(_UNPRINTABLE.sub(" ", text).strip(), MAX_MESSAGE)


def verdict_sentence(verdict: CanaryVerdict, min_confidence: float) -> str:
    """The verdict in one line, as `rollback, 97 % confident: connection refused to db:5432`."""
    why = verdict.root_cause or verdict.analysis or verdict.voting_rationale
    below = (
        f" (below minConfidence {min_confidence:g})"
        if verdict.verdict is Verdict.PROMOTE and verdict.confidence < min_confidence
        else ""
    )
    sentence = f"{verdict.verdict.value}, {verdict.confidence:g} % confident{below}"
    return one_line(f"{sentence}: {why}" if why else sentence)


def with_report(message: str, verdict: CanaryVerdict) -> str:
    """The message with the address of the verdict's report, which a long message does not push out."""
    return _ending(message, _report(verdict))


def with_issue(message: str, verdict: CanaryVerdict, words: str) -> str:
    """The message of `with_report` with words on its issue, which push nothing out but its begin."""
    report = _report(verdict)
    return _ending(message.removesuffix(report), f" ({words}){report}")


def _report(verdict: CanaryVerdict) -> str:
    return f" (report: {verdict.report_link})" if verdict.report_link else ""


def _ending(message: str, ending: str) -> str:
    return clip(message, MAX_MESSAGE - len(ending)) + ending


def verdict_metadata(verdict: CanaryVerdict) -> dict[str, str]:
    """The verdict for the measurement's metadata; what says nothing is left out."""
    entries = {
        "verdict": verdict.verdict.value,
        "confidence": f"{verdict.confidence:g}",
        "reportLink": verdict.report_link,
        "rootCause": verdict.root_cause,
        "analysis": verdict.analysis,
        "remediation": verdict.remediation,
        "coverage": _compact(verdict.coverage.to_json()),
        "issueLink": verdict.issue_link,
        "prLink": verdict.pr_link,
        "votingRationale": verdict.voting_rationale,
        "agentVersion": verdict.agent_version,
        "usage": _compact(dict(verdict.usage)),
        "evidence": _evidence(verdict),
        "modelResults": _compact([result.to_json() for result in verdict.model_results]),
    }
    return {name: text for name, text in entries.items() if text not in ("", "[]", "{}")}


def bounded(metadata: Mapping[str, str]) -> dict[str, str]:
    """`metadata` within `MAX_VALUE` bytes a value and `MAX_METADATA` bytes in all.

    An AnalysisRun is one etcd object. Entries are kept in their order, so what Resume needs comes
    first; an entry that no longer fits is cut, and dropped when less than 64 bytes would be left.
    """
    room = MAX_METADATA
    kept: dict[str, str] = {}
    for name, text in metadata.items():
        room -= len(name)
        if len(text) <= min(MAX_VALUE, room) and text.isascii() and text.isprintable():
            # As most of what Resume needs is.
            kept[name] = text
            room -= len(text)
            continue
        value = _cut(_printable(text), min(MAX_VALUE, room))
        if len(value.encode()) < min(64, len(text)):
            break
        kept[name] = value
        room -= len(value.encode())
    return kept


def without(text: str, secrets: Iterable[str]) -> str:
    """`text` with each of `secrets` replaced, also where it stands escaped in JSON."""
    for secret in secrets:
        for form in {secret, json.dumps(secret)[1:-1]}:
            text = text.replace(form, "*****")
    return text


def _printable(text: str) -> str:
    return "\n".join(_UNPRINTABLE.sub(" ", line) for line in text.splitlines())


def _cut(text: str, size: int) -> str:
    data = text.encode()
    if len(data) <= size:
        return text
    mark = " […]"
    return data[: max(0, size - len(mark.encode()))].decode("utf-8", "ignore") + mark


def _evidence(verdict: CanaryVerdict) -> str:
    # Whole items only, so that the value stays valid JSON however long the sample lines are.
    items: list[str] = []
    size = 2
    for item in verdict.evidence[:_EVIDENCE_SHOWN]:
        text = _compact(_shortened(item).to_json())
        size += len(text.encode()) + 1
        if size > MAX_VALUE:
            break
        items.append(text)
    return f"[{','.join(items)}]"


def _shortened(item: EvidenceItem) -> EvidenceItem:
    def shorter(sample: Sample | None) -> Sample | None:
        return sample and replace(sample, line=clip(sample.line, _SAMPLE_SHOWN))

    return replace(
        item,
        what=clip(item.what, _SAMPLE_SHOWN),
        stable_sample=shorter(item.stable_sample),
        canary_sample=shorter(item.canary_sample),
    )


def _compact(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
