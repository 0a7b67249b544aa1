"""A kubeconfig in JSON, which is YAML too: `kubectl config view --raw --flatten -o json` writes one.

Other YAML is not read: the plugin has no YAML reader, and a part of one would read files wrongly. In a
cluster the service account needs none of this; a kubeconfig is for controllers run outside of it.
Source: k8s.io/client-go/tools/clientcmd/api/v1, types.go.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path

from ._access import ClusterAccess, read_text, server_address
from ._errors import NoAccessError

# Programs that are run for a token, and trust without proof: both are refused, not passed over.
_REFUSED = ("exec", "auth-provider", "username", "as", "insecure-skip-tls-verify", "proxy-url")


def read_kubeconfig(path: Path) -> ClusterAccess:
    """The access of the file's current context; the files that it names are read too.

    Raises:
        NoAccessError: no JSON, no current context, or one that needs what the plugin does not do.
    """
    try:
        document = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise NoAccessError(
            f"{path}: found no JSON, expected a kubeconfig in JSON, as kubectl config view --raw "
            "--flatten -o json writes it"
        ) from error
    config = _Part(document if isinstance(document, dict) else {}, path)
    context = config.named("contexts", config.text("current-context"), "context")
    cluster = config.named("clusters", context.text("cluster"), "cluster")
    user = config.named("users", context.text("user"), "user") if context.text("user") else None
    cluster.check()
    access = {
        "token": "",
        "ca": cluster.material("certificate-authority"),
        "server_name": cluster.text("tls-server-name"),
        "namespace": context.text("namespace"),
    }
    if user is not None:
        user.check()
        access["token"] = user.text("token") or user.file("tokenFile").strip()
        access["cert"] = user.material("client-certificate")
        access["key"] = user.material("client-key")
    return ClusterAccess(server=server_address(cluster.text("server")), **access)


class _Part:
    """One object of the file."""

    def __init__(self, fields: Mapping[str, object], path: Path) -> None:
        self._fields = fields
        self._path = path

    def named(self, name: str, wanted: str, inner: str) -> "_Part":
        """The entry of the list `name` that is called `wanted`."""
        entries = self._fields.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("name") == wanted:
                part = entry.get(inner)
                return _Part(part if isinstance(part, dict) else {}, self._path)
        raise NoAccessError(f"{self._path}: {name} has no entry named {wanted[:80]!a}")

    def check(self) -> None:
        """Raises NoAccessError for what the plugin does not do."""
        for name in _REFUSED:
            if self._fields.get(name):
                raise NoAccessError(
                    f"{self._path}: {name} is not supported; use a token, a token file or a client "
                    "certificate, and a CA"
                )

    def text(self, name: str) -> str:
        """A string; empty where there is none."""
        value = self._fields.get(name)
        return value if isinstance(value, str) else ""

    def file(self, name: str) -> str:
        """The text of the file that a field names, relative to the kubeconfig; empty without one."""
        named = self.text(name)
        return read_text(self._path.parent / named) if named else ""

    def material(self, name: str) -> str:
        """PEM text, from `<name>-data` in base64 or from the file `name`."""
        encoded = self.text(f"{name}-data")
        if not encoded:
            return self.file(name)
        try:
            return base64.b64decode(encoded, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise NoAccessError(
                f"{self._path}: {name}-data: found no base64 of PEM text"
            ) from error
