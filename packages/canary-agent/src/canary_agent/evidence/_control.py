"""How many tests there could have been, and what each result is worth among them."""

from dataclasses import dataclass, replace

from ._fdr import q_values
from ._finding import Finding, Kind

# ERROR lines and 5xx; WARN lines and 4xx, which clients cause and which come in bursts.
_ERROR_TESTS = 2
_WARNING_TESTS = 5
_NEW_TEMPLATES = 3
_NEW_TESTS = 20


@dataclass(frozen=True, slots=True)
class Candidates:
    """What stable shows that could have become worse: templates of a WARN or more, latencies, call sites.

    Families of tests are as large as these and what a canary usually brings anew; they must not grow
    with what is found on the canary, or one more fault would excuse another.
    """

    templates: int
    latencies: int
    sites: int = 0

    def of_kind(self, finding: Finding) -> int:
        """Among how many a finding of this kind has been picked.

        Whether ERROR lines or 5xx became more frequent are two questions; templates, warnings and
        latencies are many, and the least p of many is small by chance.
        """
        if finding.kind in {Kind.SEVERITY, Kind.STATUS}:
            return _ERROR_TESTS if finding.is_error else _WARNING_TESTS
        if finding.kind in {Kind.LATENCY, Kind.TAIL}:
            return max(1, self.latencies)
        if finding.kind in {Kind.VANISHED, Kind.SURGED}:
            return max(1, 2 * self.sites)
        return self.templates + _NEW_TEMPLATES

    @property
    def all(self) -> int:
        """Of every kind together."""
        return self.templates + self.latencies + _NEW_TESTS


def controlled(findings: list[Finding], candidates: Candidates) -> list[Finding]:
    """The same findings with q-values, one family of all that have a p-value, and familywise p-values.

    The familywise p is 1 - (1 - p)^m, with m as many as there are of the kind (Sidak, Journal of the
    American Statistical Association 1967).
    """
    tested = [finding for finding in findings if finding.p is not None]
    q_values_ = q_values([one.p or 0.0 for one in tested], candidates.all)
    q_by_id = dict(zip(map(id, tested), q_values_, strict=True))
    return [
        replace(
            finding,
            q=float(q_by_id[id(finding)]),
            familywise_p=1 - (1 - finding.p) ** candidates.of_kind(finding),
        )
        if finding.p is not None
        else finding
        for finding in findings
    ]
