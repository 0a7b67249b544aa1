"""What the commands look up."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from canary_agent.collect.kubernetes import Access
from metric_ai.exits import CommandError
from metric_ai.names import nearest
from metric_ai.options import ClusterOptions

from ._calls import Calls, ClusterError
from ._objects import Json, items_of, mapping, name_of, text

_ARGO = "/apis/argoproj.io/v1alpha1"
_GROUPS = {
    "AnalysisTemplate": (_ARGO, "analysistemplates"),
    "ClusterAnalysisTemplate": (_ARGO, "clusteranalysistemplates"),
    "AnalysisRun": (_ARGO, "analysisruns"),
    "Rollout": (_ARGO, "rollouts"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "ConfigMap": ("/api/v1", "configmaps"),
    "Secret": ("/api/v1", "secrets"),
    "Service": ("/api/v1", "services"),
    "Pod": ("/api/v1", "pods"),
    "CustomResourceDefinition": ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
}
_NOT_FOUND = 404
_PAGE = "500"


class Cluster:
    """A cluster, asked with the rights of whoever types.

    Attributes:
        calls: the calls themselves.
        namespace: the context's own.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.namespace = calls.config.namespace or "default"

    def get(self, kind: str, name: str, namespace: str = "") -> Json:
        """One object.

        Raises:
            ClusterError: it is not there, or not to be had; a name that is not there is answered
                with the nearest one that is.
        """
        try:
            return self.calls.get(_path(kind, namespace, name))
        except ClusterError as error:
            if error.status != _NOT_FOUND:
                raise
            raise self._missing(kind, name, namespace) from error

    def find(self, kind: str, name: str, namespace: str = "") -> Json | None:
        """One object, or None where there is none.

        Raises:
            ClusterError: it is not to be had.
        """
        try:
            return self.calls.get(_path(kind, namespace, name))
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def objects(
        self, kind: str, namespace: str = "", labels: str = "", limit: str = _PAGE
    ) -> list[Json]:
        """The first objects of a kind, in one namespace or in all.

        Raises:
            ClusterError: they are not to be had.
        """
        query = {"limit": limit} | ({"labelSelector": labels} if labels else {})
        return items_of(self.calls.get(_path(kind, namespace), query))

    def secret(self, name: str, key: str, namespace: str) -> str:
        """A Secret's value, in clear: it goes to a plugin or an agent, and is never shown.

        Raises:
            ClusterError: it is not to be had.
        """
        import base64  # noqa: PLC0415 - for Secrets only
        import binascii  # noqa: PLC0415 - for Secrets only

        found = self.get("Secret", name, namespace)
        encoded = text(found, "data", key)
        if not encoded:
            near = nearest(key, mapping(found, "data"))
            hint = f"; did you mean {near}?" if near else ""
            raise ClusterError(f"Secret {namespace}/{name} has no key {key!a}{hint}", "")
        try:
            return base64.b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ClusterError(
                f"Secret {namespace}/{name}, key {key!a}: it is no text", ""
            ) from error

    def may(self, verb: str, resource: str, namespace: str, group: str = "") -> bool:
        """Whether whoever types may do that; `resource` may be `pods/log`.

        Raises:
            ClusterError: the API does not say.
        """
        attributes = {"namespace": namespace, "verb": verb, "group": group}
        return self._review("SelfSubjectAccessReview", resource, attributes)

    def account_may(self, account: str, verb: str, resource: str, namespace: str) -> bool:
        """Whether a service account, `system:serviceaccount:<namespace>:<name>`, may do that.

        Raises:
            ClusterError: whoever types may not ask about others.
        """
        attributes = {"namespace": namespace, "verb": verb}
        return self._review("SubjectAccessReview", resource, attributes, {"user": account})

    def _review(
        self,
        kind: str,
        resource: str,
        attributes: Mapping[str, str],
        more: Mapping[str, str] | None = None,
    ) -> bool:
        name, _, subresource = resource.partition("/")
        asked = {**attributes, "resource": name, "subresource": subresource}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": kind,
            "spec": {"resourceAttributes": asked, **(more or {})},
        }
        path = f"/apis/authorization.k8s.io/v1/{kind.lower()}s"
        return mapping(self.calls.post(path, review), "status").get("allowed") is True

    def _missing(self, kind: str, name: str, namespace: str) -> ClusterError:
        where = f" in namespace {namespace}" if namespace else ""
        what = f"there is no {kind} {name!a}{where}"
        try:
            there = [name_of(one) for one in self.objects(kind, namespace)]
        except ClusterError:
            return ClusterError(
                what, f"is {kind} installed, and is it the right cluster?", _NOT_FOUND
            )
        near = nearest(name, there)
        if near:
            return ClusterError(f"{what}; did you mean {near}?", "", _NOT_FOUND)
        return ClusterError(what, _listed(there), _NOT_FOUND)


@contextmanager
def connect(options: ClusterOptions) -> Iterator[Cluster]:
    """The cluster that the options, the environment or the kubeconfig name.

    Raises:
        ClusterError: there is none.
    """
    with Calls(Access(options.kubeconfig, options.context)) as calls:
        yield Cluster(calls)


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)[:10]
    return f"there are: {', '.join(shown)}" if shown else "there is none at all; try another -n"


def _path(kind: str, namespace: str, name: str = "") -> str:
    group, plural = _GROUPS[kind]
    within = f"/namespaces/{_word(namespace)}" if namespace else ""
    return f"{group}{within}/{plural}" + (f"/{_word(name)}" if name else "")


def _word(name: str) -> str:
    if name in (".", "..") or not name:
        raise CommandError(f"found {name!a}, expected the name of an object")
    return quote(name, safe="")
