"""Calls of the API, one method a verb."""

from types import TracebackType
from typing import Any, Self

import httpx2
import yaml

from ._access import Access, Json
from ._resources import Resource, resource_of

__all__ = ["KubeClient", "KubeError"]

_MANAGER = "metric-ai-e2e"


class KubeError(Exception):
    """The API server refused; `status` is the HTTP status, `reason` Kubernetes' word for it."""

    def __init__(self, call: str, status: int, reason: str, message: str) -> None:
        super().__init__(f"{call}: {status} {reason}: {message}")
        self.status = status
        self.reason = reason


class KubeClient:
    """One account's calls; objects are dicts.

    Every method raises `KubeError` for an answer other than 2xx, and httpx2's errors where there is
    none.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._http = httpx2.Client(**access.http())

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        """One object."""
        return self.call("GET", resource_of(kind).path(namespace, name))

    def find(self, kind: str, name: str, namespace: str = "") -> Json | None:
        """One object, or None where there is none."""
        try:
            return self.get(kind, name, namespace)
        except KubeError as error:
            if error.status == httpx2.codes.NOT_FOUND:
                return None
            raise

    def objects(
        self, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> list[Json]:
        """Objects of one namespace, or of all."""
        selectors = {"labelSelector": labels, "fieldSelector": fields}
        params = {name: text for name, text in selectors.items() if text}
        answer = self.call("GET", resource_of(kind).path(namespace), params=params)
        items: list[Json] = answer["items"]
        return items

    def create(
        self, manifest: Json, namespace: str = "", subresource: str = "", of: str = ""
    ) -> Json:
        """Creates an object, or a subresource of the object `of`, of the manifest's kind."""
        path = _resource(manifest).path(_namespace(manifest, namespace), of, subresource)
        return self.call("POST", path, json=manifest)

    def apply(self, *manifests: Json, namespace: str = "") -> list[Json]:
        """Server-side apply, in the order given; `namespace` where a manifest names none."""
        return [self._apply(manifest, namespace) for manifest in manifests]

    def apply_yaml(self, text: str, namespace: str = "") -> list[Json]:
        """`apply` of each document in the text."""
        documents = [one for one in yaml.safe_load_all(text) if one]
        return self.apply(*documents, namespace=namespace)

    def patch(
        self, kind: str, name: str, change: Json, namespace: str = "", subresource: str = ""
    ) -> Json:
        """A merge patch: what stands in `change` replaces, None removes."""
        headers = {"Content-Type": "application/merge-patch+json"}
        path = resource_of(kind).path(namespace, name, subresource)
        return self.call("PATCH", path, json=change, headers=headers)

    def delete(self, kind: str, name: str, namespace: str = "", *, at_once: bool = False) -> None:
        """Deletes in the background; `at_once` without the grace period. Gone already is fine."""
        params = {"propagationPolicy": "Background"} | (
            {"gracePeriodSeconds": "0"} if at_once else {}
        )
        try:
            self.call("DELETE", resource_of(kind).path(namespace, name), params=params)
        except KubeError as error:
            if error.status != httpx2.codes.NOT_FOUND:
                raise

    def token(self, account: str, namespace: str, seconds: int = 24 * 3600) -> str:
        """A token of a service account, as a pod would get one."""
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        path = resource_of("ServiceAccount").path(namespace, account, "token")
        token: str = self.call("POST", path, json=request)["status"]["token"]
        return token

    def log(self, pod: str, namespace: str, **options: object) -> str:
        """A container's log, with the API's own options such as `container` and `tailLines`."""
        path = resource_of("Pod").path(namespace, pod, "log")
        return self._answer("GET", path, params=options).text

    def call(self, verb: str, path: str, **more: Any) -> Json:
        """Any call that answers JSON; `more` goes to httpx2."""
        answer: Json = self._answer(verb, path, **more).json()
        return answer

    def ready(self) -> bool:
        """Whether /readyz answers 200."""
        try:
            return self._http.get("/readyz").is_success
        except httpx2.TransportError:
            return False

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _apply(self, manifest: Json, namespace: str) -> Json:
        name = manifest["metadata"]["name"]
        path = _resource(manifest).path(_namespace(manifest, namespace), name)
        params = {"fieldManager": _MANAGER, "force": "true"}
        headers = {"Content-Type": "application/apply-patch+yaml"}
        return self.call("PATCH", path, json=manifest, params=params, headers=headers)

    def _answer(self, verb: str, path: str, **more: Any) -> httpx2.Response:
        answer = self._http.request(verb, path, **more)
        if answer.is_success:
            return answer
        try:
            status = answer.json()
        except ValueError:
            status = {"message": answer.text}
        reason, message = str(status.get("reason", "")), str(status.get("message", ""))
        raise KubeError(f"{verb} {path}", answer.status_code, reason, message)


def _resource(manifest: Json) -> Resource:
    return resource_of(manifest["kind"], manifest["apiVersion"])


def _namespace(manifest: Json, default: str) -> str:
    return manifest.get("metadata", {}).get("namespace") or default
