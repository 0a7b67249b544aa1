"""The kinds of fault, and the root cause that a verdict should name for each.

A verdict's root cause is a sentence. It names the right cause when it has one of the words by which
people speak of it. A log line that it quotes as its evidence names nothing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        cause: the name of the cause, a key of `CAUSES`.
        silent: it may tell of itself by no line: something is slower, or no longer happens.
        error: whether its lines are errors, so that three of them are evident.
    """

    cause: str
    silent: bool = False
    error: bool = True


CAUSES: dict[str, str] = {
    "authentication": r"credential|authenticat|unauthori[sz]ed|\b401\b|token|password",
    "certificate": r"certificate|\btls\b|x509",
    "configuration": r"configur|setting|directive|option|\bpars|\bno such file|not found|\b404\b",
    "connection refused": r"refuse|\bECONNREFUSED|unreachable|cannot be reached|connection",
    "connection pool": r"pool|connections (?:are|is) (?:used up|exhausted|not available)",
    "crash": r"crash|exit|kill|signal|\bend(?:s|ed)\b|start|panic|abort|terminat",
    "database lock": r"\block|deadlock|transactions? block",
    "data format": r"cannot read data|data that|json|format|unmarshal|pars|decode",
    "dependency unavailable": r"not available|unavailable|\b50[234]\b|5xx|upstream|reset|refuse",
    "disk full": r"disk|no space",
    "division by zero": r"divi(?:des|sion).*zero|by zero",
    "dropped": r"no longer|vanish|missing|fewer|stopped|\b404\b|\b4xx\b|never|absent|less often",
    "hang": r"probe|slow|time|hang|stuck|lock|gap",
    "index": r"index|bounds|range|end of a list",
    "memory": r"memory|\boom",
    "missing environment": r"environment|setting|variable|\bkey\b|secret",
    "missing module": r"module|class|dependenc|image|not in the image|import|librar",
    "name resolution": r"resol|\bdns\b|host name|no such host|unknown host|not known",
    "null reference": r"not there|null|nil|none|undefined|unexpected kind|type",
    "open files": r"files|descriptor|connections",
    "permission": r"permission|denied|forbidden|\b403\b",
    "port in use": r"address|port|in use|taken",
    "rate limit": r"limit|too many requests|\b429\b|throttl",
    "schema": r"schema|migration|column|table|relation",
    "server errors": r"5xx|\b50\d\b|server error|status",
    "slow": r"slow|latency|median|longer|time",
    "timeout": r"time[sd]? ?-?out|deadline|slow|too (?:long|late)",
    "type or value": r"value|type|kind|argument",
}
"""What the sentence on each cause must have, case ignored."""

FAULTS: dict[str, Fault] = {
    "authentication": Fault("authentication"),
    "bad-data": Fault("data format"),
    "bad-migration": Fault("schema"),
    "config-syntax": Fault("configuration"),
    "connection-refused": Fault("connection refused"),
    "connection-reset": Fault("dependency unavailable"),
    "database-locked": Fault("database lock"),
    "disk-full": Fault("disk full"),
    "division-by-zero": Fault("division by zero"),
    "dns": Fault("name resolution"),
    "dropped-feature": Fault("dropped", silent=True, error=False),
    "expired-certificate": Fault("certificate"),
    "hang": Fault("hang", silent=True, error=False),
    "index-bounds": Fault("index"),
    "killed": Fault("crash"),
    "memory-limit": Fault("memory"),
    "missing-environment": Fault("missing environment"),
    "missing-module": Fault("missing module"),
    "null-reference": Fault("null reference"),
    "open-files": Fault("open files"),
    "panic-on-input": Fault("crash"),
    "permission-denied": Fault("permission"),
    "pool-exhausted": Fault("connection pool"),
    "port-in-use": Fault("port in use"),
    "rate-limit": Fault("rate limit"),
    "slow-dependency": Fault("slow", silent=True, error=False),
    "slow-version": Fault("slow", silent=True, error=False),
    "timeout": Fault("timeout"),
    "type-error": Fault("type or value"),
    "upstream-unavailable": Fault("dependency unavailable"),
    "wrong-config": Fault("configuration"),
    "wrong-status": Fault("server errors"),
}
"""By kind, as recordings and cases name them."""


_QUOTED = re.compile(r"(?:evidence|\(HTTP \dxx\)): ")


def names_cause(sentence: str, cause: str) -> bool:
    """Whether a verdict's root cause speaks of `cause`; one that is not listed must be named word for word.

    >>> names_cause("A dependency refuses connections: db:5432.", "connection refused")
    True
    >>> names_cause("The strongest evidence: ERROR connection refused.", "connection refused")
    False
    """
    pattern = CAUSES.get(cause, re.escape(cause))
    return bool(re.search(pattern, _QUOTED.split(sentence, maxsplit=1)[0], re.IGNORECASE))
