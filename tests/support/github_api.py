"""A small server that answers as GitHub's REST API does, as far as this project asks it.

It takes the addresses of GitHub Enterprise Server (`/api/v3`). Sources: GitHub's REST documentation and the
published description, whose models hold requests and answers to it (`github_objects`).
"""

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import github_objects
from github_objects import Json
from http_loopback import http_server

TOKEN = "ghp_" + "planted0" * 4  # planted: must not come out anywhere
_LONGEST_HOLD = 30.0


@dataclass
class Fault:
    """What happens to requests whose method and path match, `times` of them.

    Attributes:
        status, message, headers: of the answer instead; status 0 leaves the answer to the server.
        raw: bytes sent instead of an answer.
        hangs_up: the connection is reset instead of an answer.
        works: whether the request does its work all the same.
        held: waited for before the answer.
    """

    pattern: str
    status: int = 0
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    hangs_up: bool = False
    works: bool = False
    held: threading.Event | None = None
    times: int = 1_000_000


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json


@dataclass(eq=False)
class GitHubServer:
    """The state; tests change it as they like, also between requests.

    Attributes:
        issues: by repository (`owner/name`, in lower case), the oldest first; there are no others.
        searched: whether the search knows what the list knows.
        asked: all requests.
        app: whether a GitHub App is installed there, whose tokens are `TOKEN`.
    """

    issues: dict[str, list[Json]] = field(default_factory=lambda: {"acme/shop": []})
    searched: bool = True
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    app: bool = False
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, pattern: str, status: int = 0, message: str = "", **more: Any) -> Fault:
        """See `Fault`."""
        self.faults.append(Fault(pattern, status, message, **more))
        return self.faults[-1]

    def calls(self, method: str) -> list[Asked]:
        """The requests of a method."""
        return [one for one in self.asked if one.method == method]

    def add(self, path: str, content: Json) -> Json:
        """Opens an issue."""
        with self.lock:
            found = self.issues[path.lower()]
            api, page = f"{self.url}/api/v3/repos/{path}", f"{self.url}/{path}"
            found.append(github_objects.issue(api, page, len(found) + 1, content))
            return found[-1]

    def fault_for(self, line: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.pattern, line):
                    fault.times -= 1
                    return fault
        return None


class RefusedError(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def list_issues(server: GitHubServer, asked: Asked, path: str) -> object:
    """GET /repos/{owner}/{repo}/issues: the newest first, by pages."""
    found = _repository(server, path)[::-1]
    size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
    return found[size * (page - 1) : size * page]


def create_issue(server: GitHubServer, asked: Asked, path: str) -> object:
    """POST /repos/{owner}/{repo}/issues."""
    _repository(server, path)
    try:
        content = github_objects.issue_request(asked.body)
    except ValueError as error:
        raise RefusedError(422, f"Validation Failed: {error}") from error
    if len(content.get("body") or "") > 65_536:
        raise RefusedError(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    return server.add(path, content)


def search_issues(server: GitHubServer, asked: Asked) -> object:
    """GET /search/issues: words in the body, within one repository."""
    terms = asked.query["q"].split()
    path = next(term.removeprefix("repo:") for term in terms if term.startswith("repo:"))
    words = [term for term in terms if ":" not in term]
    return github_objects.found_issues(
        [
            one
            for one in _repository(server, path)
            if server.searched and all(word in (one["body"] or "") for word in words)
        ]
    )


Route = Callable[..., object]
ROUTES: dict[str, tuple[Route, int]] = {
    r"GET /api/v3/repos/([^/]+/[^/]+)/issues": (list_issues, 200),
    r"POST /api/v3/repos/([^/]+/[^/]+)/issues": (create_issue, 201),
    r"GET /api/v3/search/issues": (search_issues, 200),
}
"""Method and path, the answer's maker and its status; others may add theirs."""


def find_installation(server: GitHubServer, asked: Asked, path: str) -> object:
    """GET /repos/{owner}/{repo}/installation, which an App asks with a JSON Web Token."""
    return {"id": 5, "app_id": 17, "target_type": "Organization"}


def create_token(server: GitHubServer, asked: Asked) -> object:
    """POST /app/installations/{id}/access_tokens."""
    return github_objects.installation_token(TOKEN)


ROUTES |= {
    r"GET /api/v3/repos/([^/]+/[^/]+)/installation": (find_installation, 200),
    r"POST /api/v3/app/installations/5/access_tokens": (create_token, 201),
}


def _proofs(server: GitHubServer, asked: Asked) -> set[str]:
    """What a request may carry: the token in either form, or where an App asks, its JSON Web Token."""
    given = asked.headers.get("authorization", "")
    as_app = server.app and ("/installation" in asked.path) and given.startswith("Bearer eyJ")
    return {given} if as_app else {f"Bearer {TOKEN}", f"token {TOKEN}"}


def _repository(server: GitHubServer, path: str) -> list[Json]:
    found = server.issues.get(path.lower())
    if found is None:
        raise RefusedError(404, "Not Found")
    return found


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[GitHubServer]:
    """Serves one repository without issues, `acme/shop`, on loopback."""
    state = GitHubServer()

    class Handler(_Handler):
        github = state

    with http_server(Handler, context) as state.url:
        try:
            yield state
        finally:
            for fault in state.faults:
                if fault.held:
                    fault.held.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    github: GitHubServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Says nothing."""

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        asked = Asked(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(body or b"{}"),
        )
        self.github.asked.append(asked)
        fault = self.github.fault_for(f"{self.command} {self.path}")
        if fault is None:
            self._answer(*self._work(asked))
            return
        instead = fault.status or fault.hangs_up or fault.raw
        done = self._work(asked) if fault.works or not instead else (0, None)
        if fault.held:
            fault.held.wait(_LONGEST_HOLD)
        self._misbehave(fault, done)

    def _misbehave(self, fault: Fault, done: tuple[int, object]) -> None:
        if fault.hangs_up:
            self.close_connection = True
        elif fault.raw:
            self.wfile.write(fault.raw)
            self.close_connection = True
        elif fault.status:
            message = github_objects.error(fault.status, fault.message)
            self._answer(fault.status, message, fault.headers)
        else:
            self._answer(*done)

    def _work(self, asked: Asked) -> tuple[int, object]:
        try:
            if asked.headers.get("authorization") not in _proofs(self.github, asked):
                raise RefusedError(401, "Bad credentials")
            for pattern, (route, status) in ROUTES.items():
                if found := re.fullmatch(pattern, f"{asked.method} {asked.path}"):
                    return status, route(self.github, asked, *found.groups())
            raise RefusedError(404, "Not Found")
        except RefusedError as error:
            return error.status, github_objects.error(error.status, str(error))

    def _answer(
        self, status: int, document: object, headers: Mapping[str, str] | None = None
    ) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
