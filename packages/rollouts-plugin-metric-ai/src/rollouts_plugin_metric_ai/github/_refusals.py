"""What GitHub's answers mean where they are not the ones hoped for.

Facts: GitHub's REST documentation, "Troubleshooting the REST API", "Rate limits for the REST API", "Best
practices for using the REST API", and "Create an issue" (201, 400, 403, 404, 410, 422, 503).
"""

from collections.abc import Mapping

from canary_verdict.repositories import GitHubRepository
from rollouts_plugin_metric_ai.a2a_client import HttpAnswer

from ._errors import GitHubError

_MOVED = frozenset({301, 302, 303, 307, 308})
_SECONDARY_SECONDS = 60.0
"""So long GitHub asks to be left alone after a secondary limit that names no time."""


def refusal(answer: HttpAnswer, said: str, repository: GitHubRepository, now: float) -> GitHubError:
    """The error for an answer whose status is no success.

    Args:
        answer: what came.
        said: GitHub's own words on it, fit for a log; may be empty.
        repository: that was asked about.
        now: the time, in seconds since 1970.
    """
    words = f" ({said})" if said else ""
    status, where = answer.status, repository.path
    if status in {403, 429} and _is_limited(answer, said):
        wait = _asked_to_wait(answer.headers, now)
        return GitHubError(
            f"GitHub's rate limit is used up{words}; it asks to wait for {wait:.0f} s",
            retry=True,
            wait=wait,
        )
    if status >= 500 or status in {408, 425, 429}:
        return GitHubError(
            f"GitHub answered {status}{words}",
            retry=True,
            wait=_seconds(answer.headers.get("retry-after", "")),
        )
    if status in _MOVED:
        return GitHubError(
            f"{where} has moved, and redirects are not followed with a token; set githubUrl to the "
            "repository's new address"
        )
    match status:
        case 401:
            text = f"GitHub does not know the token{words}; give the controller a GITHUB_TOKEN that is valid"
        case 403:
            text = (
                f"the token may not open issues in {where}{words}; give it the permission "
                "Issues: read and write for this repository"
            )
        case 404:
            text = (
                f"there is no repository {where}, or the token may not see it; check githubUrl and the "
                "repositories that the token was made for"
            )
        case 410:
            text = f"issues are turned off in {where}{words}; turn them on in its settings, or leave githubUrl out"
        case 422:
            text = f"GitHub refuses the issue for {where}{words}; check githubLabels and githubAssignees"
        case _:
            text = (
                f"GitHub answered {status} for {where}{words}, expected 200 or 201; check githubUrl"
            )
    return GitHubError(text, extras=status == 422)


def _is_limited(answer: HttpAnswer, said: str) -> bool:
    headers = answer.headers
    return (
        answer.status == 429
        or "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in said.lower()
    )


def _asked_to_wait(headers: Mapping[str, str], now: float) -> float:
    if wait := _seconds(headers.get("retry-after", "")):
        return wait
    if headers.get("x-ratelimit-remaining") == "0":
        # A second more, since their clock and ours differ.
        return max(0.0, _seconds(headers.get("x-ratelimit-reset", "")) - now) + 1.0
    return _SECONDARY_SECONDS


def _seconds(text: str) -> float:
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0
