"""A container's variables, as the kubelet makes them from the pod's specification."""

import base64
import re
from collections.abc import Iterable, Mapping

from kube import Json

from ._api import Api, ApiRefusedError

__all__ = ["ConfigError", "fill_in", "service_variables", "variables"]

_REFERENCE = re.compile(r"\$(?:\$|\(([-._a-zA-Z][-._a-zA-Z0-9]*)\))")
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class ConfigError(Exception):
    """A variable's source is not there: CreateContainerConfigError."""


async def variables(api: Api, pod: Json, container: Json, ip: str, node: str) -> dict[str, str]:
    """What `env` and `envFrom` say; later ones may refer to earlier ones by `$(NAME)`.

    Raises:
        ConfigError: a Secret, ConfigMap or key that is not there and not optional.
    """
    found: dict[str, str] = {}
    namespace = pod["metadata"]["namespace"]
    for source in container.get("envFrom", []):
        for kind, reference in (
            ("secrets", source.get("secretRef")),
            ("configmaps", source.get("configMapRef")),
        ):
            if reference:
                found |= {
                    source.get("prefix", "") + name: text
                    for name, text in (await _data(api, namespace, kind, reference)).items()
                }
    for one in container.get("env", []):
        if source := one.get("valueFrom"):
            text = await _from_source(api, pod, source, ip, node)
            if text is not None:
                found[one["name"]] = text
        else:
            found[one["name"]] = fill_in(one.get("value", ""), found)
    return found


def fill_in(text: str, known: Mapping[str, str]) -> str:
    """`$(NAME)` replaced where it is known; `$$` is a dollar."""

    def known_or_same(match: re.Match[str]) -> str:
        name = match[1]
        return "$" if name is None else known.get(name, match[0])

    return _REFERENCE.sub(known_or_same, text)


def service_variables(services: Iterable[Json], namespace: str) -> dict[str, str]:
    """`<NAME>_SERVICE_HOST` and `<NAME>_SERVICE_PORT` of the namespace's Services."""
    found = {}
    for service in services:
        address = service["spec"].get("clusterIP", "None")
        if service["metadata"]["namespace"] != namespace or address == "None":
            continue
        name = service["metadata"]["name"].upper().replace("-", "_")
        found[f"{name}_SERVICE_HOST"] = address
        found[f"{name}_SERVICE_PORT"] = str(service["spec"]["ports"][0]["port"])
    return found


async def _from_source(api: Api, pod: Json, source: Json, ip: str, node: str) -> str | None:
    namespace = pod["metadata"]["namespace"]
    if field := source.get("fieldRef"):
        return _field(pod, field["fieldPath"], ip, node)
    for kind, key in (("secrets", "secretKeyRef"), ("configmaps", "configMapKeyRef")):
        if reference := source.get(key):
            data = await _data(api, namespace, kind, reference)
            if reference["key"] not in data and not reference.get("optional"):
                where = f"{namespace}/{reference['name']}"
                raise ConfigError(f"couldn't find key {reference['key']} in {kind[:-1]} {where}")
            return data.get(str(reference["key"]))
    raise ConfigError(f"this kubelet does not know valueFrom {', '.join(source)}")


async def _data(api: Api, namespace: str, kind: str, reference: Json) -> dict[str, str]:
    try:
        found = await api.call("GET", f"/api/v1/namespaces/{namespace}/{kind}/{reference['name']}")
    except ApiRefusedError as error:
        if reference.get("optional"):
            return {}
        raise ConfigError(f'{kind[:-1]} "{reference["name"]}" not found') from error
    data = found.get("data", {})
    if kind == "secrets":
        return {name: base64.b64decode(text).decode() for name, text in data.items()}
    return dict(data)


def _field(pod: Json, path: str, ip: str, node: str) -> str:
    metadata = pod["metadata"]
    if subscript := _SUBSCRIPT.fullmatch(path):
        return str(metadata.get(subscript[1], {}).get(subscript[2], ""))
    values = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": pod["spec"].get("nodeName", ""),
        "spec.serviceAccountName": pod["spec"].get("serviceAccountName", ""),
        "status.podIP": ip,
        "status.podIPs": ip,
        "status.hostIP": node,
    }
    if path not in values:
        raise ConfigError(f"this kubelet does not know the field {path}")
    return str(values[path])
