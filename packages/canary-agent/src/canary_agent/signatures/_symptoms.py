"""What is seen where the cause itself does not show: time-outs, ends, missing answers."""

from ._signature import Signature, one

# From the particular to the general.
SYMPTOMS: tuple[Signature, ...] = (
    one(
        "slow worker",
        r"WORKER TIMEOUT|worker .{0,60}timed out|event loop (?:is )?blocked|blocked for .{0,20}(?:ms|seconds)",
        "A worker of the new version is stuck or too slow, and was ended for it: a time-out.",
        "Look at what it did then: a slow query, a lock, a call without a time limit.",
    ),
    one(
        "gateway timeout",
        r"\b504 Gateway|upstream timed out|upstream request timeout|\bHTTP 504\b",
        "A service behind the canary answers too late: requests time out.",
        "Find what has become slower behind it, or what it no longer reaches.",
    ),
    one(
        "timeout",
        r"timed? ?out|deadline exceeded|\bETIMEDOUT|TimeoutError|SocketTimeoutException|context canceled",
        "Requests time out.",
        "Find what has become slower: the dependency, the query or the new version's own work.",
    ),
    one(
        "failing probe",
        r"(?:liveness|readiness|startup) probe failed|probe (?:failed|errored)|\bProbeFailure\b",
        "The canary does not answer its probes.",
        "Compare the probe's path, port and time-out with what the new version serves, and its start time.",
    ),
    one(
        "upstream unavailable",
        r"\b(?:502 Bad Gateway|503 Service Unavailable|504 Gateway)|bad gateway|service unavailable|upstream (?:connect error|prematurely closed)|no healthy upstream|no live upstreams|no server is available",
        "A service behind or before the canary is not available.",
        "Check that the services which the new version calls answer, and that it keeps its connections open.",
    ),
    one(
        "leadership",
        r"leader election lost|failed to renew lease|lost lease|leaderelection lost",
        "The canary loses its leadership, and ends.",
        "Look at the time that its calls to the API server take, and at its CPU limit.",
    ),
    one(
        "missing page",
        r"\b404 Not Found|NoHandlerFoundException|No route matches|NotFoundError",
        "Something that is asked for no longer exists: 404.",
        "Compare the routes and files of both versions.",
    ),
    one(
        "bad request",
        r"\b400 Bad Request|BadRequestException|\b405 Method Not Allowed|\b422 Unprocessable",
        "Requests are refused as malformed.",
        "Compare what both versions send, or accept.",
    ),
    one(
        "killed from outside",
        r"exit code 137\b|\bSIGKILL|^Killed$|signal 9\b|killed: Killed",
        "The program was killed from outside (signal 9).",
        "Look for a memory limit, a failing liveness probe, or whoever removes its pods.",
    ),
    one(
        "uncaught exception",
        r"uncaught (?:\w{1,10} )?exception|unhandled (?:\.NET )?exception|go panic|rust panic|C\+\+ terminate|JVM crash",
        "The program crashes: it ends by an exception that nothing catches.",
        "Look at the exception and the top of the stack in the sample line.",
    ),
    one(
        "program ends",
        r"\bCrashLoopBackOff|\bNonZeroExit|\bRestarts\b|exit code [1-9]\d{0,2}|ended with an error",
        "The program ends by itself, and is started again: a crash.",
        "Look at the last lines before each end, in the log of the instance before.",
    ),
)  # fmt: skip
