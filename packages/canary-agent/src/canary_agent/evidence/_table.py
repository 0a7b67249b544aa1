"""What was seen on one side: counts by template, samples, durations; bounded whatever the logs hold."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ._histogram import Histogram
from ._timeline import Seconds
from .parse import Group, Record, Severity, Template

_MAX_TEMPLATES = 20_000
_MAX_LATENCIES = 2_000
_MAX_SAMPLE = 2_000
_MAX_SECONDS = 100_000
_CLIENT_ERROR = 4


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line as it stood in the log, its stack included, and where; not yet redacted.

    `time` is when, as ISO 8601, where something else than the text tells it.
    """

    text: str
    pod: str
    container: str
    time: str = ""


@dataclass(slots=True)
class TemplateCount:
    """How often one template was seen, and one line of it.

    `seconds` is when, for templates of a WARN or an HTTP 4xx and worse: how often in each second since
    1970, by the number of the log. What carries no time, or comes after 100,000 seconds, is not in there.
    """

    template: Template
    sample: SampleLine
    count: int = 0
    seconds: dict[int, Counter[int]] = field(default_factory=dict)


class Timed(NamedTuple):
    """What durations are of: a call site, its HTTP status class (0 for none), and the name of the field.

    Refusals are faster than answers: a canary that has more of either is not slower for that.
    """

    site: str
    status: int
    field: str


@dataclass(slots=True)
class SideTable:
    """All that the tests need of one side.

    Attributes:
        templates: by text and severity; beyond 20,000 templates all others of a severity are one.
        latencies: durations by what was timed.
        lines: records in all; a stack trace is one record with its head.
        seconds: the time that the logs span, None where no line carries a time.
        containers: logs of running or last instances that were read to their end.
        starts: the same with those of earlier instances.
        log_seconds: the times that each log spans, added up.
        times: when the records were written.
    """

    templates: dict[tuple[str, Severity], TemplateCount] = field(default_factory=dict)
    latencies: dict[Timed, Histogram] = field(default_factory=dict)
    lines: int = 0
    seconds: float | None = None
    containers: int = 0
    starts: int = 0
    log_seconds: float = 0.0
    truncated: bool = False
    unread: list[str] = field(default_factory=list)
    times: Seconds = field(default_factory=Seconds)
    _kept_seconds: int = 0

    def add(self, group: Group, pod: str, container: str) -> None:
        """Counts the records of one group."""
        self.lines += group.count
        template = group.template
        self.times.add(template.severity, group.seconds)
        key = (template.text, template.severity)
        counted = self.templates.get(key)
        if counted is None:
            if len(self.templates) >= _MAX_TEMPLATES:
                template = Template("(all further templates)", template.severity)
                key = (template.text, template.severity)
            sample = SampleLine(_sample_text(group.record), pod, container)
            counted = self.templates.setdefault(key, TemplateCount(template, sample))
        counted.count += group.count
        if template.severity >= Severity.WARN or template.status >= _CLIENT_ERROR:
            self._note_seconds(counted, group.seconds)
        # What fails fast must not make up for what has become slow.
        if group.latency is not None and template.severity < Severity.ERROR:
            name, number = group.latency
            self._add_latency(Timed(template.site, template.status, name), number, group.durations)

    def _note_seconds(self, counted: TemplateCount, seconds: Sequence[int | None]) -> None:
        log = counted.seconds.setdefault(self.starts, Counter())
        for second in seconds:
            if second is not None and self._kept_seconds < _MAX_SECONDS:
                self._kept_seconds += second not in log
                log[second] += 1

    def _add_latency(self, key: Timed, number: int, times: int) -> None:
        histogram = self.latencies.get(key)
        if histogram is None:
            if len(self.latencies) >= _MAX_LATENCIES:
                return
            histogram = self.latencies[key] = Histogram()
        histogram.add(number, times)

    def rename(self, site_of: Callable[[Template], str | None]) -> None:
        """Gives templates, and their durations, the site that `site_of` says; None keeps what it is."""
        templates, sites = self.templates, {}
        self.templates = {}
        for _, counted in sorted(templates.items()):
            template = counted.template
            site = site_of(template)
            if site is not None:
                sites[template.site] = site
                suffix = template.text[len(template.site) :]
                template = replace(template, text=site + suffix, site=site)
            joined = self.templates.setdefault(
                (template.text, template.severity), TemplateCount(template, counted.sample)
            )
            joined.count += counted.count
            for log, seconds in counted.seconds.items():
                joined.seconds.setdefault(log, Counter()).update(seconds)
        latencies, self.latencies = self.latencies, {}
        for timed, histogram in latencies.items():
            key = timed._replace(site=sites.get(timed.site, timed.site))
            self.latencies.setdefault(key, Histogram()).join(histogram)

    def without(
        self, accepted: Iterable[tuple[str, Severity]]
    ) -> dict[tuple[str, Severity], TemplateCount]:
        """The templates but for those that the policy accepts."""
        left_out = set(accepted)
        return {key: counted for key, counted in self.templates.items() if key not in left_out}

    def lines_below(self, severity: Severity) -> int:
        """Records that are less grave than `severity`."""
        return sum(
            counted.count
            for counted in self.templates.values()
            if counted.template.severity < severity
        )


def _sample_text(record: Record) -> str:
    if not record.joined:
        return record.head[:_MAX_SAMPLE]
    lines = [record.head[: _MAX_SAMPLE // 2], *record.trace[:6]]
    lines += [line for line in record.trace[6:] if line.startswith("Caused by: ")][-3:]
    if record.last and record.last not in lines:
        lines.append(record.last)
    return "\n".join(lines)[:_MAX_SAMPLE]
