"""How the agent reaches the cluster: the account of its pod, or a kubeconfig."""

import os
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec
from lightkube.config.client_adapter import AsyncClient, ConnectionParams
from lightkube.config.kubeconfig import (
    DEFAULT_KUBECONFIG,
    SERVICE_ACCOUNT,
    KubeConfig,
    SingleConfig,
)
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from canary_agent.collect import CollectError

# A token file is read again by lightkube when the API answers 401, and each analysis opens its own client.
_UNREADABLE = (ConfigError, OSError, KeyError, TypeError, ValueError, msgspec.MsgspecError)


@dataclass(frozen=True, slots=True)
class Access:
    """Where to look for the cluster.

    The first there is counts: `kubeconfig`, the variable KUBECONFIG, the account of the agent's pod,
    `~/.kube/config`.

    Attributes:
        kubeconfig: files, separated as in KUBECONFIG; the first one with the context counts.
        context: of the kubeconfig; empty: its current one.
        service_account: the folder with `token`, `ca.crt` and `namespace`.
    """

    kubeconfig: str = ""
    context: str = ""
    service_account: str = SERVICE_ACCOUNT

    def connect(self) -> "Connection":
        """Reads the configuration; opens nothing yet.

        Raises:
            CollectError: there is none, or it cannot be read; names the file, never its content.
        """
        files = self.kubeconfig or os.environ.get("KUBECONFIG", "")
        if not files and os.environ.get("KUBERNETES_SERVICE_HOST"):
            return Connection(self._of_account(), in_cluster=True)
        return Connection(self._of_files(files or DEFAULT_KUBECONFIG), in_cluster=False)

    def _of_account(self) -> SingleConfig:
        try:
            config = KubeConfig.from_service_account(self.service_account).get()
        except _UNREADABLE as error:
            raise CollectError(
                f"the account in {self.service_account} cannot be read ({type(error).__name__});"
                " mount it (automountServiceAccountToken), or name a kubeconfig"
            ) from error
        assert config is not None  # noqa: S101 - from_service_account sets the context
        return config._replace(
            context=msgspec.structs.replace(
                config.context, namespace=(config.context.namespace or "").strip()
            )
        )

    def _of_files(self, files: str) -> SingleConfig:
        paths = [Path(item).expanduser() for item in files.split(os.pathsep) if item]
        there = [path for path in paths if path.is_file()]
        if not there:
            raise CollectError(
                f"no cluster is configured: {files} is no file and the agent is in no pod; set"
                " KUBECONFIG, or name a folder with logs"
            )
        for path in there:
            if config := self._of_file(path):
                return config
        wanted = f"context {self.context!a}" if self.context else "current context"
        raise CollectError(f"kubeconfig {files}: it has no {wanted}")

    def _of_file(self, path: Path) -> SingleConfig | None:
        try:
            loaded = KubeConfig.from_file(path)
            name = self.context or loaded.current_context
            if name not in loaded.contexts:
                return None
            config = loaded.get(name)
        except Exception as error:  # the parsers of YAML raise kinds of their own
            raise CollectError(
                f"kubeconfig {path} cannot be read: {type(error).__name__}"
            ) from error
        return config


@dataclass(frozen=True, slots=True)
class Connection:
    """A configuration that was read."""

    config: SingleConfig
    in_cluster: bool

    @property
    def own_namespace(self) -> str | None:
        """The namespace that the agent runs in; None outside a cluster."""
        return self.config.namespace if self.in_cluster else None

    def client(self, call_seconds: float) -> httpx2.AsyncClient:
        """An HTTP client with the cluster's address, authorities and credentials.

        Raises:
            CollectError: a file that the configuration names cannot be read, or it asks for a kind
                of credentials that is not supported.
        """
        user = self.config.user or User()
        if user.token_file:
            path = str(self.config.abs_file(user.token_file))
            user = msgspec.structs.replace(user, token_file=path)
        parameters = ConnectionParams(
            timeout=httpx2.Timeout(call_seconds),
            # In a pod the API is a neighbour, whatever proxy leads out of the cluster.
            trust_env=not self.in_cluster,
        )
        try:
            return AsyncClient(self.config._replace(user=user), parameters)
        except _UNREADABLE as error:
            raise CollectError(
                f"context {self.config.context_name}: its credentials or authorities cannot be"
                f" used: {type(error).__name__}"
            ) from error
