"""Causes between programs: names, connections, TLS, limits."""

from ._signature import Signature, one

# From the particular to the general.
NETWORK: tuple[Signature, ...] = (
    one(
        "certificate",
        r"certificate (?:has expired|is not (?:yet )?valid|verify failed|signed by unknown authority)|x509:|CERTIFICATE_VERIFY_FAILED|SSLHandshakeException|PKIX path|tls: (?:handshake|bad certificate)|self[- ]signed certificate",
        "A TLS certificate is not accepted.",
        "Check the certificate's validity, its names and the authorities that the new image trusts.",
    ),
    one(
        "TLS versions",
        r"wrong version number|unsupported protocol|handshake[_ ]failure|protocol[_ ]version|client sent an HTTP request to an HTTPS server|server gave HTTP response to HTTPS client|SSL routines",
        "Two programs do not agree on TLS.",
        "Check which side speaks TLS at all, and the versions and ciphers that both allow.",
    ),
    one(
        "name resolution",
        r"no such host|host not found in upstream \"?TARGET|could not translate host name \"?TARGET|nodename nor servname|\bSERVFAIL|could not resolve host|(?:lookup|\bENOTFOUND|\bEAI_AGAIN) TARGET|\bENOTFOUND|\bEAI_AGAIN|Name or service not known|UnknownHostException(?:: TARGET)?|Temporary failure in name resolution|getaddrinfo|NXDOMAIN",
        "A host name cannot be resolved{target}.",
        "Check the name in the new version's configuration, and the cluster's DNS.",
    ),
    one(
        "connection refused",
        r"dial tcp TARGET: connect: connection refused|\bECONNREFUSED TARGET|connection (?:to|refused to|refused:) TARGET refused|(?:connect(?:ion|ing)?|connect failed) to (?:server )?(?:at )?\"?TARGET\"?.{0,60}refused|connection refused(?:(?:: | to:? )TARGET)?|\bECONNREFUSED|ConnectionRefusedError|actively refused",
        "A dependency refuses connections{target}.",
        "Check that it runs, and that the address and port in the new version's configuration are right.",
    ),
    one(
        "unreachable network",
        r"no route to host|network is unreachable|\bEHOSTUNREACH|\bENETUNREACH|NoRouteToHostException|host is down",
        "A dependency is unreachable: there is no route to it.",
        "Check network policies, the address in the new version's configuration, and the dependency's Service.",
    ),
    one(
        "rate limit",
        r"rate limit|limiting (?:requests|connections)|delaying request|too many requests|\b429\b|throttl(?:ed|ing)|quota exceeded|RESOURCE_EXHAUSTED",
        "A dependency limits the canary's requests.",
        "Compare how many requests both versions make; add caching, or back off.",
    ),
    one(
        "circuit breaker",
        r"circuit ?breaker .{0,60}open|CallNotPermittedException|BrokenCircuitException|circuit is open",
        "A circuit breaker keeps the canary from a dependency that failed before.",
        "Look at the first failures of that dependency: they come before the breaker's.",
    ),
    one(
        "unknown remote method",
        r"code = Unimplemented|\bUNIMPLEMENTED\b|unknown (?:service|method) TARGET|no handler for method",
        "The canary calls a method that the other side does not have{target}.",
        "Compare the interface versions of both services; deploy the server's first.",
    ),
    one(
        "message broker",
        r"UnknownTopicOrPartition|UNKNOWN_TOPIC|unknown topic|NOT_LEADER|LeaderNotAvailable|NOT_FOUND - no (?:queue|exchange) '?TARGET|no queue '?TARGET|RESOURCE_LOCKED|consumer group .{0,40}rebalanc",
        "The message broker does not have, or does not give, what the canary asks for{target}.",
        "Check topics, queues and exchanges that the new version names, and who declares them.",
    ),
    one(
        "request too large",
        r"request entity too large|\b413 (?:payload|content|request)|payload too large|message larger than max|body (?:exceeded|too large)|MaxUploadSizeExceeded",
        "A request is larger than its receiver allows.",
        "Compare what both versions send, and the limits on the way.",
    ),
    one(
        "connection reset",
        r"connection reset|\bECONNRESET|broken pipe|\bEPIPE|unexpected EOF|socket hang up|connection (?:was )?closed by|server closed the connection|prematurely closed|EOFException",
        "The other side closes the canary's connections: a dependency is not available, or resets them.",
        "Look at the other side's log at that time, and at what the new version sends before.",
    ),
)  # fmt: skip
