"""GitHub's REST API through githubkit, as far as issues and pull requests need it."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import githubkit
from githubkit.auth import AppAuthStrategy
from githubkit.auth.base import BaseAuthStrategy
from githubkit.exception import GitHubException, RequestFailed

from canary_agent import figures
from canary_verdict.redaction import redact
from canary_verdict.repositories import GitHubRepository

from ._errors import ActError

_VERSION = "2022-11-28"  # the one that GitHub Enterprise Server knows, too
_SECONDS = 15.0
_LONGEST_WORDS = 300
_SECONDARY_SECONDS = 60.0
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Access:
    """What the agent proves itself with: a token, or a GitHub App's id and private key (PEM)."""

    token: str = field(default="", repr=False)
    app_id: str = ""
    app_key: str = field(default="", repr=False)
    ca_file: str = ""


class Client:
    """Calls about one repository. No redirects, no cache, no proxy, no retries: whoever asks decides on those."""

    def __init__(self, repository: GitHubRepository, access: Access) -> None:
        """Opens nothing but the file with certificates.

        Raises:
            ActError: that file cannot be read.
        """
        self.repository = repository
        self._access = access
        try:
            self._tls = ssl.create_default_context()
            if access.ca_file:
                self._tls.load_verify_locations(cafile=access.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ActError(
                f"CANARY_AGENT_GITHUB_CA_FILE: found nothing to load ({error})"
            ) from error
        self._github: githubkit.GitHub[Any] | None = None

    def get(self, path: str, **parameters: str | int) -> Any:  # noqa: ANN401 - JSON
        """The answer to GET on a path below the repository's.

        Raises:
            ActError: GitHub refuses, or does not answer.
        """
        return self._ask("GET", path, parameters=parameters)

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """The answer to POST; see `get`."""
        return self._ask("POST", path, body=body)

    def search(self, terms: str) -> list[Any]:
        """Issues and pull requests of the repository; see `get`."""
        found = self._request(
            "GET", "search/issues", parameters={"q": f"{terms} repo:{self.repository.path}"}
        )
        return list(found["items"])

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        below = f"/{quote(path, safe='/')}" if path else ""
        return self._request(method, f"repos/{self.repository.path}{below}", parameters, body)

    def _request(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        try:
            answer = self._opened().request(
                method,
                f"{self.repository.api}/{url}",
                params=dict(parameters or {}),
                json=body,
                headers={"X-GitHub-Api-Version": _VERSION},
            )
        except RequestFailed as error:
            figures.count("githubRefused")
            raise self._refusal(error) from error
        except GitHubException as error:
            figures.count("githubUnreachable")
            cause = error.__cause__ or error
            raise ActError(
                f"no answer from {self.repository.api}: {type(cause).__name__}", retry=True
            ) from error
        figures.count("githubOk")
        if answer.status_code in _MOVED:
            raise ActError(
                f"{self.repository.path} has moved, and redirects are not followed with a token; set "
                "githubUrl to the repository's new address"
            )
        try:
            return answer.json()
        except ValueError as error:
            raise ActError("GitHub answered with no JSON", retry=True) from error

    def _opened(self) -> "githubkit.GitHub[Any]":
        if self._github is None:
            access = self._access
            if access.token:
                self._github = self._with(githubkit.TokenAuthStrategy(access.token))
            else:
                app = AppAuthStrategy(access.app_id, access.app_key)
                self._github = self._with(app)
                number = self._ask("GET", "installation")["id"]
                self._github = self._with(app.as_installation(number))
        return self._github

    def _with(self, auth: BaseAuthStrategy) -> "githubkit.GitHub[Any]":
        return githubkit.GitHub(
            auth,
            base_url=self.repository.api,
            user_agent="canary-agent",
            follow_redirects=False,
            trust_env=False,
            timeout=_SECONDS,
            ssl_verify=self._tls,
            http_cache=False,
            auto_retry=False,
        )

    def _refusal(self, error: RequestFailed) -> ActError:
        status, headers = error.response.status_code, error.response.headers
        said = self._said(error)
        words = f" ({said})" if said else ""
        where = self.repository.path
        limited = "rate limit" in said.lower() or "retry-after" in headers
        if status == 429 or (
            status == 403 and (limited or headers.get("x-ratelimit-remaining") == "0")
        ):
            wait = _asked_to_wait(headers)
            return ActError(
                f"GitHub's rate limit is used up{words}; it asks to wait for {wait:.0f} s",
                retry=True,
                wait=wait,
                status=status,
            )
        if status >= 500 or status == 408:
            return ActError(f"GitHub answered {status}{words}", retry=True, status=status)
        sentences = {
            401: f"GitHub does not know the token{words}; give the agent a GITHUB_TOKEN that is valid",
            403: f"the token may not do that in {where}{words}; give it the permissions Issues, Contents and Pull "
            "requests: read and write",
            404: f"there is no repository {where}, or the token may not see it; check githubUrl and the "
            "repositories that the token was made for",
            410: f"issues are turned off in {where}{words}; turn them on in its settings, or leave githubUrl out",
        }
        text = sentences.get(status, f"GitHub answered {status} for {where}{words}")
        return ActError(text, status=status)

    def _said(self, error: RequestFailed) -> str:
        try:
            document = error.response.json()
        except ValueError:
            return ""
        message = document.get("message") if isinstance(document, dict) else None
        details = document.get("errors") if isinstance(document, dict) else None
        texts = [message] if isinstance(message, str) else []
        for detail in details if isinstance(details, list) else []:
            more = detail.get("message") if isinstance(detail, dict) else detail
            texts += [more] if isinstance(more, str) else []
        said = ": ".join(texts)
        for secret in (self._access.token, self._access.app_key):
            said = said.replace(secret, "*****") if secret else said
        return redact(" ".join(said.split()), _LONGEST_WORDS)


def _asked_to_wait(headers: Mapping[str, str]) -> float:
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return float(after[:9])
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset[:12]) - time.time()) + 1.0
    return _SECONDARY_SECONDS
