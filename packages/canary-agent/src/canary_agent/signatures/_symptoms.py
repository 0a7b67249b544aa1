"""What is seen where the cause itself does not show: time-outs, ends, missing answers."""

from ._signature import Depth, Signature, one

# From the particular to the general.
SYMPTOMS: tuple[Signature, ...] = (
    one(
        "slow worker",
        "A worker of the new version is stuck or too slow (a hang), and was ended for it: a time-out.",
        "Look at what it did then: a slow query, a lock, a call without a time limit.",
        r"WORKER TIMEOUT|worker .{0,60}timed out|event loop (?:is )?(?:blocked|lag|delay)|(?:thread|task|worker) .{0,80}blocked for|has been blocked for|blocked for .{0,20}(?:ms|seconds)|Maximum execution time of \d{1,6} seconds? exceeded|execution timed out .{0,40}terminating|watchdog: .{0,40}(?:stuck|lockup)|hung task|Rack::Timeout|may have completely hung|StuckThreadDetection|clock or thread starvation|heartbeat (?:has been running for|thread)|took too long to shut",
        depth=Depth.SYMPTOM,
    ),
    one(
        "slow call",
        "Something that the canary does or calls is slow: it takes longer than its own log expects.",
        "Compare what both versions do there: queries, calls to others, locks, disk.",
        r"slow (?:query|sql|request|operation|response|log|consumer|fdatasync|command)|apply request took too long|took too long|took longer than|exceeded expected duration|long[- ]running (?:query|request|transaction)|high (?:latency|response time)|longer than (?:expected|usual)|Overly long loop|is taking (?:too long|longer)|duration: \d{4,9}\.\d{1,6} ms",
        depth=Depth.SYMPTOM,
    ),
    one(
        "timeout",
        "Requests time out (something that the canary waits for is too slow){target}.",
        "Find what has become slower: the dependency, the query or the new version's own work.",
        r"(?:Get|Post|Put|Delete|Patch|Head) \\?\"(?:\w{1,8}://)?TARGET\\?\": (?:context deadline exceeded|net/http: timeout|net/http: request canceled|EOF \(Client)",
        r"(?:host|Host|HTTPSConnectionPool\(host)='?TARGET'?, port=\d{1,5}\)?: Read timed out",
        r"timed?[- ]?out\b|deadline[_ ]exceeded|DEADLINE_EXCEEDED|\bETIMEDOUT|\bESOCKETTIMEDOUT|ECONNABORTED|Timeout(?:Error|Exception|Expired)|SocketTimeout|ReadTimeout|WriteTimeout|PoolTimeout|Net::ReadTimeout|context canceled|AbortError|operation was aborted due to timeout|A task was canceled|TaskCanceled|OperationCanceled|:timeout\b|deadline has elapsed|Elapsed\(\(\)\)|execution expired|\btimeout\b|\bUND_ERR_(?:HEADERS|BODY)_TIMEOUT|GenServer\.call|RequestTimeout|requests? (?:took|is) too (?:long|slow)|too slow\b",
        depth=Depth.SYMPTOM,
    ),
    one(
        "failing probe",
        "The canary does not answer its health probes: it hangs, is too slow, or does not serve what they ask for.",
        "Compare the probe's path, port and time-out with what the new version serves, and its start time.",
        r"(?:liveness|readiness|startup) probe (?:failed|errored)|probe (?:failed|errored)|\bProbeFailure\b|Unhealthy: |Health check (?:failed|timed out)|health endpoint .{0,30}(?:fail|down)",
        depth=Depth.SYMPTOM,
    ),
    one(
        "upstream unavailable",
        "A service behind or before the canary is not available (HTTP 502 or 503, bad gateway).",
        "Check that the services which the new version calls answer, and that it keeps its connections open.",
        r"\b(?:502 Bad Gateway|503 Service)|(?:bad gateway|BadGateway)|service (?:is |was )?(?:temporarily |currently )?unavailable|ServiceUnavailable|upstream (?:connect error|prematurely closed|unavailable|error)|is not available\b|code = Unavailable|\bUNAVAILABLE\b|(?:temporarily|currently) unavailable|dependency .{0,30}(?:down|unavailable|failed)|UpstreamError|returned (?:an? )?(?:HTTP )?50[234]\b|(?:responded|answered|failed|error|status)(?: with)?(?: status)?(?: code)?:? 50[234]\b",
        depth=Depth.SYMPTOM,
    ),
    one(
        "upstream error",
        "A service that the canary calls answers with a server error (HTTP 500){target}.",
        "Look at that service's log at the time, and at what the new version sends.",
        r"(?:Server error|500 Server Error)[^\n]{0,60} for url:? '?(?:\w{1,8}://)?TARGET|(?:from|to|by|calling|upstream|dependency) (?:\w{1,8}://)?TARGET (?:returned|responded with|failed with|answered) (?:HTTP |status )?(?:code )?500|HttpServerError(?:Exception)?|InternalServerErrorException|Request failed with status code 500|Response status code does not indicate success: 500|HTTPStatusError|FeignException\$InternalServerError|WebClientResponseException\$InternalServerError|code = Internal\b|returned (?:HTTP )?(?:status )?(?:code )?500\b|unexpected status(?: code)?:? 50\d",
        depth=Depth.SYMPTOM,
    ),
    one(
        "missing page",
        "Something that is asked for no longer exists or is not served (not found, 404){target}.",
        "Compare the routes and files of both versions.",
        r"No route matches \[\w{1,8}\] \\?\"TARGET|Cannot (?:GET|POST|PUT|DELETE|PATCH) TARGET|no route found for \w{1,8} TARGET|No static resource TARGET|404 Client Error[^\n]{0,60} for url:? (?:\w{1,8}://)?TARGET",
        r"\b404 ?\(?Not ?Found|NoHandlerFoundException|NoResourceFoundException|No route matches|NotFoundError|NotFoundHttpException|NoRouteError|RoutingError|no route found|Request failed with status code 404|does not indicate success: 404|unexpected status(?: code)?:? 404|\bNoSuchKey\b|NoSuchBucket|ResourceNotFound|Resolver404|code = NotFound|endpoint not found",
        depth=Depth.SYMPTOM,
    ),
    one(
        "missing template or page",
        "A page's template is missing{target}.",
        "Check that the build puts it into the image, and its name.",
        r"TemplateNotFound(?:: TARGET)?|TemplateDoesNotExist(?:: TARGET)?|template \\?\"?TARGET\\?\"? (?:not found|does not exist|is undefined)|html/template: \\?\"?TARGET\\?\"? is undefined|ActionView::(?:MissingTemplate|Template)|Missing template TARGET|Error resolving template \[TARGET|View \[TARGET\] not found|Failed to lookup view \\?\"?TARGET|The view '?TARGET'? was not found|Unable to find template \\?\"?TARGET|Asset .{1,80} (?:was not|is not) (?:present|found) in",
    ),
    one(
        "bad request",
        "Requests are refused as malformed (HTTP 400, 405, 415 or 422).",
        "Compare what both versions send, or accept.",
        r"\b400 ?\(?Bad Request|BadRequest(?:Exception|Error)?|\b405 Method|MethodNotAllowed|\b415 Unsupported|UnsupportedMediaType|HttpMediaTypeNotSupported|\b422 Unprocessable|UnprocessableEntity|Request failed with status code 4(?:00|05|15|22)|does not indicate success: 4(?:00|05|15|22)|HttpRequestMethodNotSupported|code = InvalidArgument|ActionController::ParameterMissing|RequestValidationError|MethodArgumentNotValid|invalid (?:request|header|method|Host)\b|client sent invalid",
        depth=Depth.SYMPTOM,
    ),
    one(
        "killed from outside",
        "The program was killed from outside (signal 9), as a memory limit or a failing liveness probe does.",
        "Look for a memory limit, a failing liveness probe, or whoever removes its pods.",
        r"exit code 137\b|\bSIGKILL|^Killed$|signal 9\b|signal: 9\b|signal: killed|killed: Killed|exited with code 137|terminated by signal 9|status=9/KILL|was sent SIGKILL",
        depth=Depth.SYMPTOM,
    ),
    one(
        "uncaught exception",
        "The program crashes (it ends by an exception or panic that nothing catches){target}.",
        "Look at the exception and the top of the stack in the sample line.",
        r"uncaught (?:\w{1,10} )?exception: TARGET|unhandled \.NET exception: TARGET|uncaught (?:\w{1,10} )?(?:exception|error)|unhandled (?:\.NET |promise )?(?:exception|rejection|error)|Unhandled(?:Promise)?Rejection|go panic|rust panic|\bpanic(?:ked)?\b|C\+\+ terminate|terminate called|JVM crash|terminating with uncaught|Exception in thread \\?\"|PHP Fatal error|Kernel pid terminated|GenServer .{1,100} terminating|Process .{1,60} raised an exception|Uncaught\b|threw an unhandled exception|fatal error\b",
        depth=Depth.SYMPTOM,
    ),
    one(
        "program ends",
        "The program ends by itself, and is started again: a crash.",
        "Look at the last lines before each end, in the log of the instance before.",
        r"\bCrashLoopBackOff|\bNonZeroExit|\bRestarts\b|exit code [1-9]\d{0,2}|ended with an error|exited with (?:code|status) [1-9]|Main process exited|Worker failed to boot|worker process .{0,40}exited|child process \d{1,9} still did not exit|respawning too fast|Start request repeated too quickly|Failed with result|exit status [1-9]|Deployment failed|have ended and started again",
        depth=Depth.SYMPTOM,
    ),
)  # fmt: skip
