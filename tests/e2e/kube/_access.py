"""Where an API server is, and as whom it is asked."""

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

__all__ = ["Access", "Json", "kubeconfig_of"]

Json = dict[str, Any]

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Access:
    """One account at one API server.

    Attributes:
        server: such as `https://127.0.0.1:6443`.
        ca: file with the certificate that signed the server's.
        token: sent as bearer token.
    """

    server: str
    ca: Path
    token: str

    @classmethod
    def read(cls, kubeconfig: Path) -> "Access":
        """What `kubeconfig_of` wrote."""
        document = json.loads(kubeconfig.read_text())
        cluster = document["clusters"][0]["cluster"]
        return cls(
            cluster["server"],
            Path(cluster["certificate-authority"]),
            document["users"][0]["user"]["token"],
        )

    def http(self) -> dict[str, Any]:
        """Arguments for httpx2.Client and AsyncClient; proxies of the environment are not used."""
        return {
            "base_url": self.server,
            "headers": {"Authorization": f"Bearer {self.token}"},
            "verify": ssl.create_default_context(cafile=self.ca),
            "timeout": httpx2.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
            "trust_env": False,
        }


def kubeconfig_of(access: Access, namespace: str = "default") -> str:
    """A kubeconfig as JSON, which is YAML, and all that the plugin reads."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "e2e",
        "contexts": [
            {"name": "e2e", "context": {"cluster": "e2e", "user": "e2e", "namespace": namespace}}
        ],
        "clusters": [
            {
                "name": "e2e",
                "cluster": {"server": access.server, "certificate-authority": str(access.ca)},
            }
        ],
        "users": [{"name": "e2e", "user": {"token": access.token}}],
    }
    return json.dumps(document, indent=1)
