"""What proxies and web servers say of those behind them, by the codes in their access lines."""

from ._signature import Depth, Signature, one

_SERVERS = "Find out why it does not take connections: whether it runs, its health check, its address, and TLS on the way."

# From the particular to the general. HAProxy's codes are in its manual, "Session state at disconnection";
# Envoy's in "Access logging", response flags.
PROXIES: tuple[Signature, ...] = (
    one(
        "backend down by its health check",
        "A server behind the proxy is marked down by its health check, and is not available{target}.",
        "Look at the reason in the sample line, and at that server's own log.",
        r"Server TARGET is DOWN|backend '?TARGET'? has no server available|Health check for server TARGET failed|no live upstreams|no healthy upstream|All upstreams? .{0,30}(?:down|failed)|no (?:available|healthy) (?:upstream|server|backend|host|endpoint)s?|no endpoints available for service \\?\"?TARGET|AH0\d{4}: all workers are in error state|all workers are in error state|no servers? (?:is|are) available|no available server|disabling worker for",
        depth=Depth.GENERAL,
    ),
    one(
        "proxy reaches no server",
        "The proxy cannot connect to a server behind it (the upstream is not available, or refuses){target}.",
        _SERVERS,
        r"] \S{1,80} TARGET/<NOSRV> \S{1,40} 503 .{0,30} S[CQ]--",
        r"] \S{1,80} TARGET \S{1,40} 503 .{0,30} SC[-NIDVPRU]{2}|\b503 (?:UF|UH|LH|UF,URX|UC,URX|UR)\b|response_flags\\?\"?[:=]\\?\"(?:UF|UH|URX)|upstream_reset_before_response_started\{connection_failure|upstream connect error or disconnect|upstream_unreachable|dial tcp .{0,60}: connect: connection refused",
        depth=Depth.SYMPTOM,
    ),
    one(
        "proxy waits in vain",
        "A service behind the canary answers too late (requests to the upstream time out){target}.",
        "Find what has become slower behind it, or what it no longer reaches.",
        r"] \S{1,80} TARGET \S{1,40} 50[34] .{0,30} s[HDQC][-NIDVPRU]{2}|\b504 (?:UT|SI|DPE|DI|URX|UT,URX|UF|-)\b|response_flags\\?\"?[:=]\\?\"(?:UT|SI|DT)|\b504 (?:Gateway|GATEWAY)|upstream (?:request )?timed? ?out|upstream response timeout|upstream_response_timeout|\bHTTP(?:/\d(?:\.\d)?)?\"? 504\b|The timeout specified has expired|Gateway Time-?out",
        depth=Depth.SYMPTOM,
    ),
    one(
        "proxy gets a broken answer",
        "A service behind the canary breaks off its answer, or gives one that is no HTTP (bad gateway, the upstream is not available){target}.",
        "Look at that server's own log at the time: it ends, restarts, or speaks another protocol.",
        r"] \S{1,80} TARGET \S{1,40} (?:-1|50\d) .{0,30} (?:SH|SD|PH|PR)[-NIDVPRU]{2}|\b50[23] (?:UC|UPE|UC,URX|DPE)\b|response_flags\\?\"?[:=]\\?\"(?:UC|UPE)|\b502 Bad Gateway|bad gateway|upstream prematurely closed|upstream sent (?:invalid|no valid|duplicate|unsupported)|error reading (?:status line )?from remote server|\bHTTP(?:/\d(?:\.\d)?)?\"? 502\b|proxy: error reading|reverseproxy.{0,60}error",
        depth=Depth.SYMPTOM,
    ),
    one(
        "proxy has no route",
        "The proxy has no route for what is asked (a host or path that stable serves is missing, 404){target}.",
        "Compare the routes, hosts and clusters in both versions' configuration.",
        r"\b404 NR\b|\b(?:503|500) NC\b|response_flags\\?\"?[:=]\\?\"(?:NR|NC)|route_not_found|cluster_not_found|unknown cluster|no matching route|(?:service|router) \\?\"?TARGET\\?\"? (?:does not exist|not found)|the service \\?\"TARGET\\?\" does not exist|] \S{1,80} \S{1,80}<NOSRV> \S{1,40} 503 .{0,30} LR",
        depth=Depth.SYMPTOM,
    ),
    one(
        "proxy refuses",
        "The proxy itself refuses requests, by a limit or a rule of its own{target}.",
        "Compare limits, queues and rules in both versions' configuration.",
        r"] \S{1,80} TARGET \S{1,40} (?:4\d\d|50\d) .{0,30} P[RT][-NIDVPRU]{2}|\b(?:503 UO|429 (?:RL|RLSE)|403 (?:UAEX|RBAC))\b|response_flags\\?\"?[:=]\\?\"(?:UO|RL|UAEX|RLSE)|upstream_rq_pending_overflow|overload[_ ]manager|maximum (?:pending|connections) (?:reached|exceeded)",
        depth=Depth.SYMPTOM,
    ),
)  # fmt: skip
