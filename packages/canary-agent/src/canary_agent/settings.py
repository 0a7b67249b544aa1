"""Settings of the agent: command line first, then environment, then defaults."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from canary_agent.logs import FORMATS, LEVELS

PREFIX = "CANARY_AGENT_"
MEBIBYTE = 1024 * 1024


class SettingsError(ValueError):
    """A setting is wrong; the text names it, what was found and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `canary-agent serve` can be told; see `canary-agent serve --help`.

    Attributes:
        token: clients must send it; never shown.
        grace: seconds.
        max_body: bytes.
        keep_days: days that a finished task is kept.
        keep_count: finished tasks that are kept.
    """

    logs: Path
    host: str = "127.0.0.1"
    port: int = 8080
    state: Path = Path("canary-agent.sqlite")
    concurrency: int = 2
    token: str = field(default="", repr=False)
    insecure: bool = False
    public_url: str = ""
    grace: float = 20.0
    max_body: int = 8 * MEBIBYTE
    keep_days: float = 7.0
    keep_count: int = 10_000
    log_format: str = "json"
    log_level: str = "info"

    def check(self) -> None:
        """Looks at what can be wrong before anything is started.

        Raises:
            SettingsError: naming the first setting that is wrong.
        """
        if not self.logs.is_dir():
            raise SettingsError(
                f"--logs: {self.logs} is no folder; expected one with stable/ and canary/ in it"
            )
        if not self.state.absolute().parent.is_dir():
            raise SettingsError(
                f"--state: the folder of {self.state} does not exist; make it first"
            )
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
