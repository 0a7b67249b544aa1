"""The plugin's stanza in an AnalysisTemplate: what a user writes, checked field by field."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from canary_verdict import (
    ContractError,
    Policy,
    format_duration,
    parse_duration,
    parse_policy,
    wrong_waiver,
)

from . import PLUGIN_NAME
from ._fields import ConfigError, Fields, found
from .a2a_client import AddressRefused, Credentials, CredentialsRefused, parse_address

DEFAULT_STABLE_LABEL = "role=stable"
DEFAULT_CANARY_LABEL = "role=canary"
DEFAULT_GITHUB_LABELS = ("canary-failure",)

PROTOCOLS = ("auto", "a2a", "rest")
FIELDS = (
    "agentUrl",
    "stableLabel",
    "canaryLabel",
    "extraPrompt",
    "githubUrl",
    "baseBranch",
    "githubLabels",
    "githubAssignees",
    "protocol",
    "minConfidence",
    "timeout",
    "window",
    "attachLogs",
    "policy",
    "remediation",
    "auth",
)
POLICY_FIELDS = ("minLines", "minDuration", "sensitivity", "accepted", "waive")
AUTH_FIELDS = ("token", "header", "caFile", "ca", "cert", "key")

# Bytes in UTF-8.
MAX_EXTRA_PROMPT = 8192
MAX_URL = 2048
MAX_NAME = 100
MAX_NAMES = 10
MAX_SELECTOR = 2048
MAX_SECRET = 64 * 1024
_MAX_STANZA = 256 * 1024
_REMEMBERED_BYTES = 16 * 1024

# The grammar of k8s.io/apimachinery/pkg/labels, Parse: equality- and set-based requirements.
_KEY = r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?"
_SET = rf"\(\s*{_VALUE}(?:\s*,\s*{_VALUE})*\s*\)"
_REQUIREMENT = rf"\s*(?:{_KEY}\s*(?:(?:==?|!=)\s*{_VALUE}|(?:in|notin)\s*{_SET})?|!\s*{_KEY})\s*"
SELECTOR = re.compile(rf"{_REQUIREMENT}(?:,{_REQUIREMENT})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """A stanza that has been checked.

    Attributes:
        min_confidence: 0 to 100; a promote below it is Inconclusive.
        timeout: seconds from submission to verdict.
        window: seconds of logs.
        warnings: what the user should know but need not change.
    """

    agent_url: str
    stable_label: str = DEFAULT_STABLE_LABEL
    canary_label: str = DEFAULT_CANARY_LABEL
    extra_prompt: str = ""
    github_url: str = ""
    base_branch: str = ""
    github_labels: tuple[str, ...] = DEFAULT_GITHUB_LABELS
    github_assignees: tuple[str, ...] = ()
    protocol: str = "auto"
    min_confidence: float = 50.0
    timeout: float = 600.0
    window: float = 600.0
    attach_logs: bool = False
    policy: Policy = field(default_factory=Policy)
    remediation_allowed: bool = False
    credentials: Credentials = field(default_factory=Credentials)
    warnings: tuple[str, ...] = ()


def parse_settings(stanza: bytes | None) -> Settings:
    """Reads the stanza as the controller hands it over: JSON, its `{{args.x}}` resolved.

    Raises:
        ConfigError: something in it is missing, unknown, of the wrong type or out of bounds. The text
            never quotes a secret.
    """
    # The same stanza comes with every call.
    if stanza is not None and len(stanza) <= _REMEMBERED_BYTES:
        return _remembered_settings(stanza)
    return _settings(stanza)


@lru_cache(maxsize=64)
def _remembered_settings(stanza: bytes) -> Settings:
    return _settings(stanza)


def _settings(stanza: bytes | None) -> Settings:
    fields = Fields(_decoded(stanza), FIELDS)
    github_url, github_warnings = _github_url(fields)
    return Settings(
        agent_url=_agent_url(fields),
        stable_label=_selector(fields, "stableLabel", DEFAULT_STABLE_LABEL),
        canary_label=_selector(fields, "canaryLabel", DEFAULT_CANARY_LABEL),
        extra_prompt=fields.text("extraPrompt", max_bytes=MAX_EXTRA_PROMPT),
        github_url=github_url,
        base_branch=fields.text("baseBranch", max_bytes=250),
        github_labels=fields.texts("githubLabels", MAX_NAMES, MAX_NAME, DEFAULT_GITHUB_LABELS),
        github_assignees=fields.texts("githubAssignees", MAX_NAMES, MAX_NAME),
        protocol=fields.choice("protocol", PROTOCOLS),
        min_confidence=fields.number("minConfidence", 0, 100, 50),
        timeout=_duration(fields, "timeout", 10, 7200, 600),
        window=_duration(fields, "window", 1, 86_400, 600),
        attach_logs=fields.boolean("attachLogs", default=False),
        policy=_policy(fields),
        remediation_allowed=_remediation(fields),
        credentials=_credentials(fields),
        warnings=(*_default_labels(fields), *github_warnings),
    )


def _default_labels(fields: Fields) -> tuple[str, ...]:
    return tuple(
        f"{name} is not set: {default} is used"
        for name, default in (
            ("stableLabel", DEFAULT_STABLE_LABEL),
            ("canaryLabel", DEFAULT_CANARY_LABEL),
        )
        if not fields.has(name)
    )


def _decoded(stanza: bytes | None) -> object:
    if stanza is None:
        raise ConfigError(
            f"the metric has no provider.plugin stanza named {PLUGIN_NAME}; "
            "give it one with agentUrl, stableLabel and canaryLabel"
        )
    if len(stanza) > _MAX_STANZA:
        raise ConfigError(f"the stanza: found {len(stanza)} bytes, expected at most {_MAX_STANZA}")
    try:
        return json.loads(stanza)
    except (ValueError, RecursionError) as error:
        # The JSON error's own text is left out: it may quote a secret that stands in the stanza.
        raise ConfigError("the stanza: found no valid JSON, expected an object") from error


def _agent_url(fields: Fields) -> str:
    if not fields.has("agentUrl"):
        raise ConfigError(
            "agentUrl is required in plugin configuration: found nothing, expected an address such as "
            "http://kubernetes-agent.argo-rollouts.svc.cluster.local:8080"
        )
    text = fields.text("agentUrl", max_bytes=MAX_URL)
    try:
        parse_address(text)
    except AddressRefused as error:
        raise ConfigError(str(error)) from error
    return text.rstrip("/")


def _github_url(fields: Fields) -> tuple[str, tuple[str, ...]]:
    """The address, and warnings: one that cannot be used costs the issue, and never the verdict."""
    text = fields.text("githubUrl", max_bytes=_MAX_STANZA).strip()
    if not text:
        return "", ()
    try:
        parse_address(text, "githubUrl")
    except AddressRefused as error:
        return "", (f"{error}; GitHub is left out",)
    return text.rstrip("/"), ()


def _selector(fields: Fields, name: str, default: str) -> str:
    text = fields.text(name, max_bytes=MAX_SELECTOR).strip()
    if text and not SELECTOR.fullmatch(text):
        raise fields.error(
            name, found(text), "a Kubernetes label selector such as role=canary or app in (a, b)"
        )
    return text or default


def _duration(fields: Fields, name: str, low: float, high: float, default: float) -> float:
    text = fields.text(name, max_bytes=100)
    if not text:
        return default
    expected = f"a duration from {low:g}s to {high / 3600:g}h, such as 90s or 10m"
    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        raise fields.error(name, found(text), expected) from error
    if not low <= seconds <= high:
        raise fields.error(name, found(text), expected)
    return seconds


def _policy(fields: Fields) -> Policy:
    value = fields.value("policy")
    if value is None:
        return Policy()
    Fields(value, POLICY_FIELDS, "policy")
    try:
        policy = parse_policy(value)
    except ContractError as error:
        raise ConfigError(str(error)) from error
    if wrong := wrong_waiver(policy.waive):
        raise ConfigError(f"policy.waive: {wrong}")
    return policy


def _remediation(fields: Fields) -> bool:
    value = fields.value("remediation")
    if value is None:
        return False
    return Fields(value, ("allowed",), "remediation").boolean("allowed", default=False)


def _credentials(fields: Fields) -> Credentials:
    value = fields.value("auth")
    if value is None:
        return Credentials()
    auth = Fields(value, AUTH_FIELDS, "auth")
    if auth.has("header") and not auth.has("token"):
        raise auth.error("token", "nothing", "the value of the header")
    try:
        return Credentials(
            token=auth.text("token", max_bytes=MAX_SECRET).strip(),
            header=auth.text("header", max_bytes=100) or "Authorization",
            ca_file=auth.text("caFile", max_bytes=4096),
            ca=auth.text("ca", max_bytes=MAX_SECRET),
            cert=auth.text("cert", max_bytes=MAX_SECRET),
            key=auth.text("key", max_bytes=MAX_SECRET),
        )
    except CredentialsRefused as error:
        raise ConfigError(f"auth.{error}") from error


def describe_settings(settings: Settings) -> dict[str, object]:
    """The settings for a log line at debug and for `GetMetadata`: no secrets, no prompt text."""
    return {
        "agentUrl": settings.agent_url,
        "stableLabel": settings.stable_label,
        "canaryLabel": settings.canary_label,
        "extraPromptBytes": len(settings.extra_prompt.encode()),
        "protocol": settings.protocol,
        "minConfidence": settings.min_confidence,
        "timeout": format_duration(timedelta(seconds=settings.timeout)),
        "window": format_duration(timedelta(seconds=settings.window)),
        "attachLogs": settings.attach_logs,
        "policy": settings.policy.to_json(),
        "remediationAllowed": settings.remediation_allowed,
        "githubUrl": settings.github_url,
        "baseBranch": settings.base_branch,
        "githubLabels": list(settings.github_labels),
        "githubAssignees": list(settings.github_assignees),
        "auth": "token" if settings.credentials.token else "none",
    }
