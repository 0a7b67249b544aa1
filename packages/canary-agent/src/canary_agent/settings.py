"""Settings of the agent: command line first, then environment, then defaults."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from canary_agent.act import ActSettings
from canary_agent.cluster import ClusterSettings
from canary_agent.logs import FORMATS, LEVELS
from canary_agent.models import ModelSettings

PREFIX = "CANARY_AGENT_"
MEBIBYTE = 1024 * 1024
_EXPECTED_URL = "expected a URL such as postgresql://user@host:5432/database"


class SettingsError(ValueError):
    """A setting is wrong; the text names it, what was found and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `canary-agent serve` can be told; see `canary-agent serve --help`.

    Attributes:
        logs: folder with the logs; None: they are read in the cluster.
        bundles: folder to save analyses in; None: they are not saved.
        baseline: whether the last promoted one among them tells what is usual.
        state: a file's path, or a database's URL, whose password is never shown.
        token: clients must send it; never shown.
        grace: seconds.
        max_body: bytes.
        metrics_open: figures are told without the token.
        keep_days: days that a finished task is kept.
        keep_count: finished tasks that are kept.
    """

    logs: Path | None = None
    bundles: Path | None = None
    baseline: bool = False
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    act: ActSettings = field(default_factory=ActSettings)
    host: str = "127.0.0.1"
    port: int = 8080
    state: str = field(default="canary-agent.sqlite", repr=False)
    concurrency: int = 2
    token: str = field(default="", repr=False)
    insecure: bool = False
    public_url: str = ""
    grace: float = 20.0
    max_body: int = 8 * MEBIBYTE
    keep_days: float = 7.0
    keep_count: int = 10_000
    metrics_open: bool = False
    log_format: str = "json"
    log_level: str = "info"

    def check(self) -> None:
        """Looks at what can be wrong before anything is started.

        Raises:
            SettingsError: naming the first setting that is wrong.
        """
        if self.logs is not None and not self.logs.is_dir():
            raise SettingsError(
                f"--logs: {self.logs} is no folder; expected one with stable/ and canary/ in it"
            )
        if self.baseline and self.bundles is None:
            raise SettingsError(
                "--baseline: it looks among saved analyses; name their folder with --bundles"
            )
        _check_state(self.state)
        _check_choice("--log-format", self.log_format, FORMATS)
        _check_choice("--log-level", self.log_level, LEVELS)
        _check_origin(self.public_url)
        if not (self.token or self.insecure or is_loopback(self.host)):
            raise SettingsError(
                f"--host {self.host}: without a token the agent listens on loopback only; "
                f"set {PREFIX}TOKEN or --token-file, or say --insecure"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(environment: Mapping[str, str], token_file: str) -> str:
    """The token from the environment or from a file; empty where there is none.

    Raises:
        SettingsError: both are given, the file cannot be read, or the token is empty or not one
            word of printable ASCII characters.
    """
    token = environment.get(f"{PREFIX}TOKEN", "")
    if not token_file:
        return _checked(token, f"{PREFIX}TOKEN") if f"{PREFIX}TOKEN" in environment else ""
    if token:
        raise SettingsError(f"{PREFIX}TOKEN and --token-file are both given; use one of them")
    try:
        return _checked(Path(token_file).read_text("utf-8").strip(), f"--token-file {token_file}")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--token-file {token_file}: cannot be read: {error}") from error


def check_cluster(environment: Mapping[str, str], kubeconfig: str) -> None:
    """Looks whether there is a cluster to read logs in.

    Args:
        environment: the process's own.
        kubeconfig: the command line's --kubeconfig.

    Raises:
        SettingsError: neither a service account's variables nor a kubeconfig is there.
    """
    default = Path(environment.get("HOME", "/")) / ".kube" / "config"
    named = kubeconfig or environment.get("KUBECONFIG", "")
    if not named and "KUBERNETES_SERVICE_HOST" not in environment and not default.is_file():
        raise SettingsError(
            f"--logs: missing, and no cluster is there to read logs in; name a folder with --logs or "
            f"{PREFIX}LOGS, or a kubeconfig with --kubeconfig, or run in a cluster"
        )


def read_state(environment: Mapping[str, str], given: str, url_file: str) -> str:
    """Where analyses are kept, from the command line, the environment or a file; empty for the default.

    A URL without a password gets that of `PGPASSWORD`, which is not for child processes.

    Args:
        environment: the process's own.
        given: the command line's --state.
        url_file: path of a file that holds the URL.

    Raises:
        SettingsError: there are two, the command line's has a password, which everybody on the
            machine can read there, or the file cannot be read. The text never holds a URL.
    """
    if given and _password(given):
        raise SettingsError(
            "--state: a password on the command line is seen by everybody on this machine; "
            f"put the URL in {PREFIX}STATE, or in a file that --state-url-file names"
        )
    state = given or environment.get(f"{PREFIX}STATE", "")
    if url_file:
        if state:
            raise SettingsError("--state and --state-url-file are both given; use one of them")
        state = _first_line(url_file)
    if is_url(state) and not _password(state) and environment.get("PGPASSWORD"):
        query = "password=" + quote(environment["PGPASSWORD"], safe="")
        state += ("&" if "?" in state else "?") + query
    return state


def is_url(state: str) -> bool:
    """Whether a state is a database's URL, and no path."""
    return "://" in state


def _password(state: str) -> bool:
    """Whether a URL holds a password; read generously, since a malformed one may hold it, too."""
    _, separator, rest = state.partition("://")
    return bool(separator) and (":" in rest.rpartition("@")[0] or "password=" in rest)


def _first_line(url_file: str) -> str:
    try:
        text = Path(url_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--state-url-file {url_file}: cannot be read: {error}") from error
    if not is_url(text) or len(text.split()) != 1:
        raise SettingsError(f"--state-url-file {url_file}: {_EXPECTED_URL}")
    return text


def _check_state(state: str) -> None:
    if not is_url(state):
        if not Path(state).absolute().parent.is_dir():
            raise SettingsError(f"--state: the folder of {state} does not exist; make it first")
    elif not state.startswith(("postgresql://", "postgres://")):
        raise SettingsError(f"--state: {_EXPECTED_URL}")


def _checked(token: str, name: str) -> str:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(f"{name}: expected one word of printable ASCII characters")
    return token


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"{name}: found {value!r}, expected one of {', '.join(choices)}")


def _check_origin(url: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise SettingsError(
            f"--public-url: found {url!r}, expected an origin such as https://agent.example:8443"
        )
