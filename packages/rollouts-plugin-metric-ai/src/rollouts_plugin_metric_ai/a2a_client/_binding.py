"""Carries a call over JSON-RPC or over HTTP+JSON, and brings its result or its error."""

import itertools
import json
from collections.abc import Mapping

from ._address import Address, parse_address
from ._credentials import NO_CREDENTIALS, Credentials
from ._dialect import Call
from ._errors import ProtocolViolation
from ._faults import rpc_fault, status_fault
from ._http import HttpAnswer, HttpClient, HttpRequest
from ._json import decode_json
from ._limits import ClientLimits
from ._model import HTTP_JSON, V1, AgentCard
from ._text import kind_of, snippet


class Binding:
    """Both bindings of A2A over one HTTP client."""

    def __init__(self, http: HttpClient, limits: ClientLimits) -> None:
        self._http = http
        self._limits = limits
        self._ids = itertools.count(1)

    async def get(self, address: Address, auth: Credentials | None, deadline: float) -> object:
        """The JSON document at `address`.

        Raises:
            AgentClientError: as `HttpClient.request` and `status_fault` have it.
        """
        credentials = auth or NO_CREDENTIALS
        request = HttpRequest(
            "GET", address, {"A2A-Version": V1}, credentials=credentials, harmless=True
        )
        answer = await self._http.request(request, deadline)
        return self._document(request, answer, f"GET {address}")

    async def touch(self, address: Address, auth: Credentials | None, deadline: float) -> None:
        """Only looks whether `address` answers 2xx, whatever its body.

        Raises:
            AgentClientError: as `HttpClient.request` and `status_fault` have it.
        """
        credentials = auth or NO_CREDENTIALS
        request = HttpRequest("GET", address, {}, credentials=credentials, harmless=True)
        answer = await self._http.request(request, deadline)
        secrets = request.credentials.secrets
        fault = status_fault(answer, self._decode(answer)[0], f"GET {address}", secrets)
        if fault is not None:
            raise fault

    async def post(
        self,
        address: Address,
        document: Mapping[str, object],
        auth: Credentials | None,
        deadline: float,
    ) -> object:
        """The JSON document that `address` answers to `document`.

        Raises:
            AgentClientError: as `HttpClient.request` and `status_fault` have it.
        """
        credentials = auth or NO_CREDENTIALS
        request = HttpRequest("POST", address, {}, _encode(document), credentials)
        answer = await self._http.request(request, deadline)
        return self._document(request, answer, f"POST {address}")

    async def exchange(
        self,
        card: AgentCard,
        version: str,
        call: Call,
        auth: Credentials | None,
        deadline: float,
    ) -> object:
        """The result of `call`, spoken in `version`, over the card's transport.

        Raises:
            AgentClientError: as `HttpClient.request`, `status_fault` and `rpc_fault` have it.
        """
        address = parse_address(card.url, "the agent's address", query=True)
        headers = {"A2A-Version": version}
        if call.extensions:
            name = "A2A-Extensions" if version == V1 else "X-A2A-Extensions"
            headers[name] = ", ".join(call.extensions)
        if call.trace:
            headers["traceparent"] = call.trace
        credentials = auth or NO_CREDENTIALS
        if card.transport == HTTP_JSON:
            target = _rest_target(address, card, version, call.path)
            body = None if call.body is None else _encode(call.body)
            request = HttpRequest(call.verb, target, headers, body, credentials, call.harmless)
            answer = await self._http.request(request, deadline)
            return self._document(request, answer, f"{call.verb} {target}")
        request_id = str(next(self._ids))
        body = _encode(_envelope(card, version, call, request_id))
        request = HttpRequest("POST", address, headers, body, credentials, call.harmless)
        answer = await self._http.request(request, deadline)
        return self._result(request, answer, f"{call.method} at {address}", request_id)

    def _document(self, request: HttpRequest, answer: HttpAnswer, where: str) -> object:
        secrets = request.credentials.secrets
        document, problem = self._decode(answer)
        fault = status_fault(answer, document, where, secrets)
        if fault is not None:
            raise fault
        if problem:
            raise _unreadable(answer, where, problem, secrets)
        return document

    def _result(
        self, request: HttpRequest, answer: HttpAnswer, where: str, request_id: str
    ) -> object:
        document = self._document(request, answer, where)
        if not isinstance(document, Mapping):
            raise ProtocolViolation(
                f"{where} answered with {kind_of(document)}, expected a JSON-RPC object"
            )
        if document.get("error") is not None:
            raise rpc_fault(document["error"], answer, where, request.credentials.secrets)
        found = document.get("id")
        # Some servers answer null, or the id as a number; another id is an answer to somebody else.
        if found is not None and str(found) != request_id:
            raise ProtocolViolation(f"{where} answered another request than the one that was sent")
        if "result" not in document:
            raise ProtocolViolation(
                f"{where} answered without result or error, expected one of them"
            )
        return document["result"]

    def _decode(self, answer: HttpAnswer) -> tuple[object, str]:
        """The body's value, or None and what is wrong with it."""
        try:
            return decode_json(answer.body, self._limits), ""
        except ValueError as error:
            return None, str(error)


def _envelope(card: AgentCard, version: str, call: Call, request_id: str) -> dict[str, object]:
    tenant = {"tenant": card.tenant} if card.tenant and version == V1 else {}
    return {
        "jsonrpc": "2.0",
        "id": request_id,
        "method": call.method,
        "params": {**tenant, **call.params},
    }


def _rest_target(address: Address, card: AgentCard, version: str, path: str) -> Address:
    base = address.target.rstrip("/")
    if version == V1:
        tenant = f"/{card.tenant}" if card.tenant else ""
        return address.with_target(f"{base}{tenant}{path}")
    # Cards of 0.3 name the address with or without the /v1 that the paths begin with.
    return address.with_target(base.removesuffix("/v1") + path)


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _unreadable(
    answer: HttpAnswer, where: str, problem: str, secrets: tuple[str, ...]
) -> ProtocolViolation:
    kind = snippet(answer.headers.get("content-type", "no content type"), limit=60)
    if not answer.body:
        return ProtocolViolation(
            f"{where} answered {answer.status} with an empty body, expected JSON"
        )
    begin = snippet(answer.body.decode(errors="replace"), secrets, limit=80)
    return ProtocolViolation(
        f"{where} answered with a body that {problem} ({kind}, {len(answer.body)} bytes beginning "
        f"{begin!r}), expected JSON"
    )
