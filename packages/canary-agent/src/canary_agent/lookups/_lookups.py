"""Read-only questions about one sample: they reach nothing that was not collected for this analysis."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from canary_agent import judge
from canary_agent.collect import PodEvent, PodStatus, Sample, Side
from canary_agent.digest import (
    Value,
    event_document,
    events_of,
    fenced,
    line_of,
    pod_document,
    pods_of,
    untrusted,
)
from canary_agent.evidence import SampleLine

from ._search import FoundLine, lines_around, lines_like

_LINE, _NAME = 400, 80
_BEFORE, _AFTER, _MOST_LINES, _MOST_LABELS = 8, 12, 20, 20


class LookupRefused(Exception):  # noqa: N818 - it is an answer, in words that a model may read
    """A question that is not answered; says why, without any text of the cluster."""


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """What one analysis may look up.

    Attributes:
        calls: answered or refused.
        answer_bytes: of one answer.
        all_bytes: of all answers.
        read_bytes: of one log that are searched for one answer.
    """

    calls: int = 12
    answer_bytes: int = 4_000
    all_bytes: int = 16_000
    read_bytes: int = 32 << 20


class Lookups:
    """More of one sample, redacted and fenced as the digest is.

    A sample holds what the request's namespace and selectors allow, and neither environment nor Secrets;
    there is no way from here to the cluster.

    Args:
        sample: what was judged.
        decision: whose graded findings give evidence its ids.
        limits: see there; they hold for all calls together, from whatever thread.
    """

    def __init__(
        self, sample: Sample, decision: judge.Decision, limits: LookupLimits | None = None
    ) -> None:
        self._sample = sample
        self._graded = {
            judge.evidence_id(index): one.finding for index, one in enumerate(decision.graded)
        }
        self._limits = limits or LookupLimits()
        self._calls = self._bytes = 0
        self._lock = threading.Lock()

    def more_lines(self, evidence_id: str) -> str:
        """Further lines of the form of an item's sample, of each side up to 20.

        Raises:
            LookupRefused: there is no such item, it rests on no line, or a limit is reached.
        """
        with self._lock:
            samples = self._lines_of(evidence_id)
            limits = _MOST_LINES, self._limits.read_bytes
            found = {
                name: lines_like(side, samples.get(name) or next(iter(samples.values())), *limits)
                for name, side in self._sides()
            }
            return self._answer(_documents(found))

    def lines_around(self, evidence_id: str) -> str:
        """The 8 lines before an item's samples and the 12 after them, each in its own log.

        Raises:
            LookupRefused: as `more_lines`.
        """
        with self._lock:
            samples = self._lines_of(evidence_id)
            found = {
                name: lines_around(side, samples[name], _BEFORE, _AFTER, self._limits.read_bytes)
                for name, side in self._sides()
                if name in samples
            }
            return self._answer(_documents(found))

    def events(self, pod: str) -> str:
        """The events of one of the sample's pods.

        Raises:
            LookupRefused: the sample has no such pod, or a limit is reached.
        """
        with self._lock:
            self._check_pod(pod)
            found: list[tuple[str, PodEvent]] = [
                one for one in events_of(self._sample) if one[1].pod == pod
            ]
            return self._answer(event_document(one) for one in found)

    def describe(self, pod: str) -> str:
        """The status and the labels of one of the sample's pods; never its environment.

        Raises:
            LookupRefused: as `events`.
        """
        with self._lock:
            self._check_pod(pod)
            found = [one for one in pods_of(self._sample) if one[1].name == pod]
            return self._answer({**pod_document(one), "labels": _labels(one[1])} for one in found)

    def _sides(self) -> tuple[tuple[str, Side], ...]:
        return ("canary", self._sample.canary), ("stable", self._sample.stable)

    def _lines_of(self, evidence_id: str) -> dict[str, SampleLine]:
        self._count()
        finding = self._graded.get(evidence_id)
        if finding is None:
            raise LookupRefused("there is no evidence with this id; expected one of the digest's")
        samples = {"canary": finding.canary_sample, "stable": finding.stable_sample}
        lines = {name: one for name, one in samples.items() if one is not None and one.container}
        if not lines:
            raise LookupRefused("this evidence rests on no log line; ask for a pod instead")
        return lines

    def _check_pod(self, pod: str) -> None:
        self._count()
        if not any(pod in side.pod_names for _, side in self._sides()):
            raise LookupRefused("there is no pod with this name in this analysis")

    def _count(self) -> None:
        self._calls += 1
        if self._calls > self._limits.calls:
            raise LookupRefused(f"no more than {self._limits.calls} look-ups; answer now")

    def _answer(self, documents: Iterable[Mapping[str, Value]]) -> str:
        room = min(self._limits.answer_bytes, self._limits.all_bytes - self._bytes)
        room -= len(fenced([]))
        lines: list[str] = []
        for line in map(line_of, documents):
            room -= len(line) + 1
            if room < 0:
                break
            lines.append(line)
        if not lines and room < 0:
            raise LookupRefused(f"no more than {self._limits.all_bytes} bytes; answer now")
        text = fenced(lines) if lines else "There is nothing of that kind in what was collected."
        self._bytes += len(text)
        return text


def _documents(found: Mapping[str, Iterable[FoundLine]]) -> Iterator[dict[str, Value]]:
    for side, lines in found.items():
        for line in lines:
            yield {
                "side": side,
                "pod": untrusted(line.pod, _NAME),
                "container": untrusted(line.container, _NAME),
                "line": untrusted(line.text, _LINE),
            }


def _labels(pod: PodStatus) -> list[str]:
    return [untrusted(f"{name}={value}", _LINE) for name, value in islice(pod.labels, _MOST_LABELS)]
