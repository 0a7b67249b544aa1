"""From findings to the cause: which of many lines says why, and what is said where no signature knows."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from canary_agent.evidence import ENDS, NAMES_A_CAUSE, PROBES, Finding, Findings, Kind
from canary_agent.evidence.parse import status_of
from canary_agent.moments import moment_of
from canary_agent.signatures import Cause, Depth, find_cause
from canary_verdict import Verdict
from canary_verdict.redaction import redact

from ._decide import Decision
from ._grade import Graded, Strength
from ._words import LOOK, error_words, words

_COUNTING = frozenset({Strength.HARD, Strength.SIGNIFICANT, Strength.SUSPICIOUS})
_STATES = frozenset({Kind.HARD, Kind.STATE})
# What these tell is what a line usually says: not why it is slower, or gone.
_OF_USUAL_LINES = frozenset({Kind.LATENCY, Kind.TAIL, Kind.VANISHED, Kind.SURGED})
_KILLED = "exit code 137"
_REFUSED = "connection refused"
_MOST_NEWS = 50
_MAX_SAID = 200
_LATE = float("inf")


def root_cause(decision: Decision, findings: Findings) -> tuple[str, str]:
    """One sentence on the cause, and a remedy; both empty where nothing speaks against the canary.

    The rule, where several lines could be the cause:

    1. What says why comes before what says of which kind, and both before what is only seen (`Depth`).
    2. Among those of one depth: what acts; then new lines of a WARN or more that are too rare to act.
       Only where neither knows better, and the program has ended by itself, any line that only it has.
    3. Among those: what stable never shows, errors before warnings, the first in time; but of what is only
       seen, the most particular.
    4. Within one record: the innermost of chained exceptions (`find_cause`).
    5. A crash loop, an exit or a restart shows that there is a cause; it is the last to be asked.
    """
    acting = [one for one in decision.graded if one.strength in _COUNTING]
    if decision.verdict is Verdict.PROMOTE or not acting:
        return "", ""
    cause = _known_cause(acting, decision.graded, findings)
    if cause is None:
        return _plain_cause(acting[0].finding)
    found = [one.finding for one in acting]
    if not _ends(found) or _killed(found):
        return cause.sentence, cause.remedy
    if cause.depth is Depth.SYMPTOM:
        return f"{cause.sentence}{_own_words(findings)}", cause.remedy
    return f"{cause.sentence} The program ends by it: a crash.", cause.remedy


def _known_cause(
    acting: Sequence[Graded], graded: Sequence[Graded], findings: Findings
) -> Cause | None:
    states = [one.finding for one in acting if one.finding.kind in _STATES]
    ends, killed = _ends(states), _killed(states)
    told = [*_told(acting, new=ends), *_hints(graded)]
    cause = _deepest(
        text
        for finding in told
        # What a program is killed for from outside is in no warning of its own.
        if finding.is_error or not killed
        for text in (_sample(finding), finding.what)
    )
    if ends and not killed and _is_seen_only(cause):
        news = _deepest(line.text for line in findings.news[:_MOST_NEWS])
        cause = cause if _is_seen_only(news) else news
    if ends and _is_seen_only(cause):
        return _deepest(_state_texts(states, killed=killed)) or cause
    return cause or _deepest(_state_texts(states, killed=killed))


def _own_words(findings: Findings) -> str:
    """What the program itself said before its end, where no signature knows the words."""
    said = findings.news[0].text.partition("\n")[0] if findings.news else ""
    return f" What only it writes: {redact(said, _MAX_SAID)}" if said else ""


def _is_seen_only(cause: Cause | None) -> bool:
    return cause is None or cause.depth is Depth.SYMPTOM


def _told(acting: Sequence[Graded], *, new: bool) -> list[Finding]:
    """Findings that act and whose lines may say why, those that are likelier to first.

    `new`: only those that stable does not show at all, since nothing else ends the canary's program.
    """
    told = [
        one
        for one in acting
        if one.finding.kind not in _OF_USUAL_LINES
        and (one.finding.kind not in _STATES or one.finding.name in NAMES_A_CAUSE)
        and not (new and one.finding.stable)
    ]
    return [one.finding for one in sorted(told, key=_likely)]


def _likely(one: Graded) -> tuple[object, ...]:
    finding = one.finding
    moment = moment_of(_sample(finding)) if finding.kind is Kind.NOVELTY else None
    return (
        list(Strength).index(one.strength),
        finding.stable > 0,
        not finding.is_error,
        finding.kind in {Kind.SEVERITY, Kind.STATUS},
        _LATE if moment is None else moment,
    )


def _hints(graded: Sequence[Graded]) -> list[Finding]:
    """What is too rare to act may still say why, where errors do act."""
    acts = any(one.finding.is_error for one in graded if one.strength in _COUNTING)
    hints = [
        one.finding
        for one in graded
        if one.strength is Strength.NOTE and one.finding.kind is Kind.NOVELTY and acts
    ]
    return sorted(hints, key=attrgetter("is_error"), reverse=True)


def _deepest(texts: Iterator[str]) -> Cause | None:
    causes = [cause for text in texts if text and (cause := find_cause(text))]
    return min(causes, key=_by_depth, default=None)


def _by_depth(cause: Cause) -> tuple[int, int]:
    # Whatever is only seen has something else behind it: there the particular says more than the first.
    return cause.depth, cause.rank if cause.depth is Depth.SYMPTOM else 0


def _state_texts(states: Sequence[Finding], *, killed: bool) -> Iterator[str]:
    """What Kubernetes says. Who is killed because its probes time out has hung.

    A probe is refused because the program is not there: that is no dependency, and no cause.
    """
    probes = [finding for finding in states if finding.name == PROBES]
    others = [finding for finding in states if finding.name != PROBES]
    hangs = killed and any(_REFUSED not in _sample(finding) for finding in probes)
    if hangs or not others:
        yield from (finding.name for finding in probes)
    if not hangs:
        for finding in others:
            yield from (_sample(finding), finding.name, finding.what)


def _ends(states: Sequence[Finding]) -> bool:
    return any(one.name in ENDS and one.kind is Kind.HARD for one in states)


def _killed(states: Sequence[Finding]) -> bool:
    """Whether it was from outside that the program was ended."""
    return any(_KILLED in _sample(finding) for finding in states)


def _sample(finding: Finding) -> str:
    return finding.canary_sample.text if finding.canary_sample else ""


_STATUS_WORDS = {
    400: "requests are refused as malformed (HTTP 400, bad request)",
    401: "requests are refused as not authenticated (HTTP 401, unauthorised)",
    403: "requests are refused for want of a permission (HTTP 403, forbidden)",
    404: "what stable serves is missing, or no longer served (HTTP 404, not found)",
    429: "a rate limit refuses requests (HTTP 429, too many requests)",
    500: "an internal error (HTTP 500)",
    502: "a service behind it breaks off or is not available (HTTP 502, bad gateway)",
    503: "it, or a service behind it, is not available (HTTP 503, service unavailable)",
    504: "a service behind it answers too late, a time-out (HTTP 504, gateway timeout)",
}


def _plain_cause(finding: Finding) -> tuple[str, str]:
    """What is seen, where no signature says why."""
    if finding.kind in {Kind.LATENCY, Kind.TAIL}:
        return f"The canary is slower than stable: {words(finding)}.", (
            "Compare what both versions do for such a request: queries, calls to others, locks."
        )
    if finding.kind is Kind.VANISHED:
        return (
            f"The canary no longer does, or no longer says, what stable does: {words(finding)}.",
            "Look at what comes before that line in the new version: is it still reached, or was it taken out?",
        )
    code = status_of(_sample(finding))
    if finding.name == "4xx":
        known = _STATUS_WORDS.get(code, "HTTP 4xx")
        return (
            f"The canary refuses more requests than stable: {known}; the evidence: {words(finding)}.",
            "Compare the routes, permissions and limits of both versions: what was served may be missing.",
        )
    if "5xx" in finding.name:
        known = _STATUS_WORDS.get(code, "HTTP 5xx")
        return (
            f"The canary answers requests with server errors: {known}; the evidence: {words(finding)}.",
            LOOK,
        )
    said = error_words(_sample(finding)) or words(finding)
    return f"The cause has no known signature; the strongest evidence: {said}.", LOOK
