"""Known causes: what they look like in a log line, what they mean, what to do."""

import re
from dataclasses import dataclass

# What may be taken over from a log line into a sentence of ours: a name, an address, nothing more.
_TARGET = r"([A-Za-z0-9][A-Za-z0-9_.:/-]{0,80}[A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Signature:
    """One known cause.

    The pattern's groups are what the cause is about, at most one of them in a match.
    `cause` and `remedy` are whole sentences; `{target}` in the cause stands for what the expression
    named so found, with the words before it, and is left out where it found nothing.
    """

    name: str
    pattern: re.Pattern[str]
    cause: str
    remedy: str


def _one(name: str, pattern: str, cause: str, remedy: str) -> Signature:
    return Signature(
        name, re.compile(pattern.replace("TARGET", _TARGET), re.IGNORECASE), cause, remedy
    )


# From the particular to the general: the first that matches names the cause.
SIGNATURES: tuple[Signature, ...] = (
    _one(
        "out of memory",
        r"OOMKilled|OutOfMemoryError|out of memory|cannot allocate memory|MemoryError\b|heap out of memory|bad_alloc",
        "The canary runs out of memory.",
        "Compare the memory use of both versions; find what keeps more of it, or raise the limit.",
    ),
    _one(
        "image pull",
        r"ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|manifest unknown|pull access denied|failed to pull image",
        "The canary's image cannot be pulled.",
        "Check the image's name and tag, that it was pushed, and the pull secret.",
    ),
    _one(
        "missing secret or configuration object",
        r"(?:secret|configmap) \"?TARGET\"? not found|couldn't find key TARGET|CreateContainerConfigError",
        "A Secret or ConfigMap that the canary needs is missing{target}.",
        "Create it, or correct its name or key in the canary's pod template.",
    ),
    _one(
        "certificate",
        r"certificate (?:has expired|is not (?:yet )?valid|verify failed|signed by unknown authority)|x509:|CERTIFICATE_VERIFY_FAILED|SSLHandshakeException|PKIX path|tls: (?:handshake|bad certificate)|self[- ]signed certificate",
        "A TLS certificate is not accepted.",
        "Check the certificate's validity, its names and the authorities that the new image trusts.",
    ),
    _one(
        "name resolution",
        r"no such host|could not resolve host|(?:lookup|\bENOTFOUND|\bEAI_AGAIN) TARGET|\bENOTFOUND|\bEAI_AGAIN|Name or service not known|UnknownHostException(?:: TARGET)?|Temporary failure in name resolution|getaddrinfo|NXDOMAIN",
        "A host name cannot be resolved{target}.",
        "Check the name in the new version's configuration, and the cluster's DNS.",
    ),
    _one(
        "connection refused",
        r"dial tcp TARGET: connect: connection refused|\bECONNREFUSED TARGET|connection (?:to|refused to|refused:) TARGET refused|(?:connect(?:ion|ing)?|connect failed) to (?:server )?(?:at )?\"?TARGET\"?.{0,60}refused|connection refused(?:(?:: | to:? )TARGET)?|\bECONNREFUSED|ConnectionRefusedError|actively refused",
        "A dependency refuses connections{target}.",
        "Check that it runs, and that the address and port in the new version's configuration are right.",
    ),
    _one(
        "missing environment variable",
        r"KeyError: ['\"]TARGET['\"]|(?:environment variable|env var|env) ['\"`]?TARGET['\"`]? (?:is )?(?:not set|missing|required|undefined|must be set)|(?:missing|required|unset) (?:required )?environment variables?:? ['\"`]?TARGET|Could not resolve placeholder '?TARGET",
        "A setting or key is missing{target}.",
        "Set it in the canary's pod template, or give it a default in the code.",
    ),
    _one(
        "database migration or schema",
        r"(?:relation|table|column) ['\"`]?TARGET['\"`]?.{0,40}(?:does not exist|doesn't exist|not found)|no such (?:table|column):? ?TARGET|unknown column '?TARGET|migration.{0,60}(?:failed|error)|UndefinedTable|UndefinedColumn|flyway|liquibase.{0,40}exception",
        "The database schema does not fit the new version{target}.",
        "Run the migration that the new version needs before it gets traffic, and keep it compatible with stable.",
    ),
    _one(
        "database deadlock or lock timeout",
        r"deadlock (?:detected|found)|lock wait timeout|database is locked|could not obtain lock|could not serialize access",
        "Transactions block each other in the database.",
        "Look at the transactions that the new version changed: their order of locks and their length.",
    ),
    _one(
        "authentication",
        r"password authentication failed|access denied for user|authentication failed|invalid (?:credentials|api key|token)|\b401 Unauthorized|InvalidAccessKeyId|token (?:has )?expired",
        "A dependency does not accept the canary's credentials.",
        "Check the credentials that the new version uses and the Secret they come from.",
    ),
    _one(
        "permission denied",
        r"permission denied(?::? ['\"]?TARGET)?|\bEACCES|PermissionError|AccessDeniedException|\bforbidden: User|operation not permitted|\b403 Forbidden|read-only file system",
        "The canary lacks a permission{target}.",
        "Check the service account's roles, the file's owner and mode, and the container's security context.",
    ),
    _one(
        "disk full",
        r"no space left on device|\bENOSPC|disk quota exceeded|disk (?:is )?full",
        "A disk is full.",
        "Look at what the new version writes, and at the size of its volumes.",
    ),
    _one(
        "too many open files or connections",
        r"too many open files|\bEMFILE|too many (?:connections|clients)|connection pool (?:is )?(?:exhausted|timeout)|pool exhausted|remaining connection slots|QueuePool limit",
        "The canary uses up files or connections.",
        "Look for what the new version opens and does not close, and at the pool's size.",
    ),
    _one(
        "rate limit",
        r"rate limit|too many requests|\b429\b|throttl(?:ed|ing)|quota exceeded|RESOURCE_EXHAUSTED",
        "A dependency limits the canary's requests.",
        "Compare how many requests both versions make; add caching, or back off.",
    ),
    _one(
        "timeout",
        r"timed? ?out|deadline exceeded|\bETIMEDOUT|TimeoutError|SocketTimeoutException|context canceled|upstream request timeout",
        "Requests time out.",
        "Find what has become slower: the dependency, the query or the new version's own work.",
    ),
    _one(
        "missing module or class",
        r"ModuleNotFoundError(?:: No module named '?TARGET)?|cannot find module '?\"?TARGET|ImportError|NoClassDefFoundError(?:: TARGET)?|ClassNotFoundException(?:: TARGET)?|NoSuchMethodError|error while loading shared libraries: TARGET|version `?GLIBC|executable file not found|exec format error|no such file or directory.{0,40}exec",
        "Something the program needs is not in the image{target}.",
        "Check the image's build: dependencies, their versions, and the processor architecture.",
    ),
    _one(
        "configuration",
        r"(?:failed|unable|error|could not|cannot) .{0,20}(?:pars|load|read)\w{0,4} .{0,40}config\w{0,10}(?: \"?TARGET)?|invalid (?:configuration|config|yaml|option|flag)|yaml: line|BindException: |unknown (?:flag|option|directive)|configuration error|could not bind properties",
        "The configuration cannot be read or is not valid.",
        "Compare the new version's configuration with what its program expects.",
    ),
    _one(
        "address in use",
        r"address already in use|\bEADDRINUSE|bind: address|port \d{1,5} (?:is )?already in use",
        "The address that the program listens on is taken.",
        "Check the ports of the pod's containers, and that an old process has ended.",
    ),
    _one(
        "null reference",
        r"NullPointerException|nil pointer dereference|NullReferenceException|'NoneType' object|cannot read propert(?:y|ies) .{0,60}(?:undefined|null)|undefined is not|is not a function|called `Option::unwrap\(\)` on a `None`",
        "The new version uses a value that is not there.",
        "Look at the top of the stack in the sample line: the value is empty in a case that stable handles.",
    ),
    _one(
        "data that cannot be read",
        r"JSONDecodeError|unexpected token .{0,40}JSON|json: cannot unmarshal|JsonParseException|UnrecognizedPropertyException|invalid character .{0,40}looking for|ValidationError|unmarshal|deserializ",
        "The new version cannot read data that it is given.",
        "Compare the formats that both versions read and write, and what other services send.",
    ),
    _one(
        "index or bounds",
        r"IndexError|index out of (?:range|bounds)|ArrayIndexOutOfBounds|slice bounds out of range",
        "The new version reads beyond the end of a list.",
        "Look at the top of the stack in the sample line, and at what input leads there.",
    ),
    _one(
        "type or value",
        r"\bTypeError\b|\bValueError\b|AttributeError|ClassCastException|IllegalArgumentException|IllegalStateException|NameError|ReferenceError",
        "The new version fails on a value of an unexpected kind.",
        "Look at the exception and the top of the stack in the sample line.",
    ),
    _one(
        "division by zero",
        r"ZeroDivisionError|divide by zero|division by zero",
        "The new version divides by zero.",
        "Look at the top of the stack in the sample line, and at what input leads there.",
    ),
    _one(
        "killed by a signal",
        r"segmentation fault|SIGSEGV|SIGABRT|SIGBUS|core dumped|exit code (?:139|134|135)\b",
        "The program is killed for a memory fault of its own.",
        "Look at native code that the new version brings: libraries, extensions, the image's base.",
    ),
    _one(
        "failing probe",
        r"(?:liveness|readiness|startup) probe failed|probe (?:failed|errored)",
        "The canary does not answer its probes.",
        "Compare the probe's path, port and time-out with what the new version serves, and its start time.",
    ),
    _one(
        "upstream unavailable",
        r"\b(?:502 Bad Gateway|503 Service Unavailable|504 Gateway)|bad gateway|service unavailable|upstream (?:connect error|prematurely closed)|no healthy upstream|connection reset|\bECONNRESET|broken pipe|\bEPIPE",
        "A service behind or before the canary is not available.",
        "Check that the services which the new version calls answer, and that it keeps its connections open.",
    ),
)  # fmt: skip
