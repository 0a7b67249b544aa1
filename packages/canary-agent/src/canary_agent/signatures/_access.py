"""Causes in who may do what: credentials, tokens, permissions, licences, clocks."""

from ._signature import Depth, Signature, one

# From the particular to the general.
ACCESS: tuple[Signature, ...] = (
    one(
        "expired token",
        "A token or signature is not accepted: it has expired, is not valid yet, or was signed with another key (authentication).",
        "Check the clocks of both sides, who renews the token, and the key that the new version signs or verifies with.",
        r"ExpiredSignature(?:Error)?|TokenExpired(?:Error|Exception)?|ExpiredJwt|jwt (?:is |has )?expired|JWT .{0,60}(?:expired|invalid|not yet valid|rejected)|token (?:is |has |was )?(?:expired|invalid)|(?:expired|invalid) (?:\w{1,20} )?token|ExpiredToken(?:Exception)?|invalid_(?:token|grant)|InvalidSignature(?:Error|Exception)?|invalid signature|signature (?:verification failed|does not match|is invalid|mismatch)|SignatureDoesNotMatch|JsonWebTokenError|IDX10\d{3}|NotBeforeError|ImmatureSignature|token used before issued|issued in the future|nbf claim|NotBefore claim|BadSignature|InvalidAuthenticityToken|CSRF|kid .{0,40}not found|no matching key",
    ),
    one(
        "clocks",
        "Two clocks are apart (clock skew, time out of step).",
        "Check the time of the node that the canary runs on.",
        r"clock (?:skew|drift|difference)|RequestTimeTooSkewed|clocks? (?:is|are) (?:out of sync|not synchronized)|time (?:skew|drift)|system clock (?:jump|moved|went)|Clock moved backwards|Clock skew too great|request (?:timestamp|time) .{0,30}too (?:skewed|old|far)|Time jumped|clock (?:has been )?(?:set|stepped) back",
    ),
    one(
        "licence or subscription",
        "A licence or subscription is not valid, or has expired.",
        "Check the licence that the new version is given.",
        r"licen[cs]e (?:key )?(?:has )?(?:is )?(?:expired|invalid|not found|missing)|invalid licen[cs]e|subscription (?:has |is )?(?:expired|inactive|not active)|security_exception.{0,60}license|non-compliant for|LicenseException",
    ),
    one(
        "API permission",
        "The API refuses the canary: forbidden, its service account or role lacks a permission (403){target}.",
        "Compare what the new version asks for with the roles that it is bound to.",
        r"forbidden: User \\?\"TARGET|User \\?\"TARGET\\?\" cannot \w{1,20} resource|AccessDenied(?:Exception)?\b.{0,40}is not authorized to perform: TARGET|is not authorized to perform: TARGET|UnauthorizedOperation|PERMISSION_DENIED|code = PermissionDenied|ACCESS_REFUSED|TOPIC_AUTHORIZATION_FAILED|TopicAuthorization|GROUP_AUTHORIZATION_FAILED|ClusterAuthorization|Permissions Violation|NOPERM|not authorized on \S{1,60} to execute|AuthorizationFailed|does not have (?:storage|permission|access|authorization)|insufficient[_ ](?:scope|permissions|privileges?)|lacks? (?:the )?(?:required )?(?:permission|privilege|scope|role)s?",
    ),
    one(
        "authentication",
        "A dependency does not accept the canary's credentials: the authentication by user, password, key or token fails{target}.",
        "Check the credentials that the new version uses and the Secret they come from.",
        r"password authentication failed for user \\?['\"]?TARGET|Access denied for user '?TARGET|Login failed for user '?TARGET|role \\?\"?TARGET\\?\"? (?:does not exist|is not permitted)|no pg_hba\.conf entry|User '?TARGET'? (?:does not exist|not found)",
        r"authenticat\w{1,5} (?:fail(?:ed|ure)|error|required|rejected|unsuccessful|denied)|fail(?:ed|ure) (?:to |in )?authenticat|\bNOAUTH\b|WRONGPASS|invalid (?:username|user name|user|password|credentials?|api[ _-]?key|access key|client secret)|incorrect (?:username|password|api key)|(?:bad|wrong) (?:credentials?|password)|BadCredentials|InvalidPassword|credentials? (?:are |is |were )?(?:invalid|incorrect|missing|expired|rejected|not (?:found|valid))|(?:no|missing|unable to (?:load|locate)) credentials|NoCredentials|CredentialsProvider|CredentialsError|Unable to locate credentials|could not find default credentials",
        r"\b401 ?(?:Unauthorized|\(Unauthorized\))|HTTP(?:/\d\.\d)?\"? 401\b|status(?: ?code)?:? 401\b|InvalidAccessKeyId|UnrecognizedClient|SASL.{0,60}(?:fail|error|denied)|SaslAuthentication|AuthenticationFailed|AuthenticationException|AuthenticationError|AuthFailed|AuthError|auth(?:entication)? fail(?:ed|ure)|Authorization Violation|\bUnauthenticated\b|not authenticated|Unauthorized\b|unauthorised\b|ORA-01017|28P01|unauthorized_client|invalid_client|LOGIN_FAILED|login (?:failed|was refused)|login refused|pull secret|no basic auth credentials",
    ),
    one(
        "denied by a server's configuration",
        "A server's configuration refuses the request (access denied by its settings, forbidden, 403){target}.",
        "Compare the access rules, directories and roots in both versions' configuration.",
        r"client denied by server configuration: TARGET|access forbidden by rule|directory index of \\?\"?TARGET\\?\"? is forbidden|Directory index forbidden|No matching DirectoryIndex|http request denied|RBAC: access denied|ext_authz_denied|ModSecurity: Access denied|blocked by (?:rule|policy|cors)|CORS.{0,40}(?:blocked|denied|not allowed)|Not allowed by CORS|DisallowedHost|Invalid HTTP_HOST header: '?TARGET|Blocked hosts?: ?TARGET|Host not allowed",
    ),
    one(
        "permission denied",
        "The canary lacks a permission (permission denied, forbidden){target}.",
        "Check the service account's roles, the file's owner and mode, and the container's security context.",
        r"permission denied(?: for (?:table|relation|schema|database|sequence|function|view|column) \\?\"?TARGET|: ['\"]?TARGET)?|(?:open|mkdir|stat|unlink|listen tcp|dial unix|read|write|remove|rename|chmod|chown|fork/exec) TARGET: (?:\w{1,10}: )?(?:permission denied|operation not permitted)",
        r"\bEACCES\b(?:: permission denied, \w{1,20} '?TARGET)?|\bEPERM\b|PermissionError|Errno 13\b|Errno::EACCES|AccessDeniedException(?:: TARGET)?|Access to the path '?TARGET'? is denied|UnauthorizedAccessException|operation not permitted|AccessDenied\b|access (?:is |was )?denied|insufficient privilege|\b403 ?\(?Forbidden|HTTP(?:/\d\.\d)?\"? 403\b|SELECT command denied|command denied to user '?TARGET|not permitted\b|os error 13\b|SecurityException|ForbiddenError|ForbiddenException|PolicyException|:eacces\b|\bEACCES|\bDenied (?:PUBLISH|SUBSCRIBE|CONNECT)\b|not authori[sz]ed to (?:publish|subscribe)",
    ),
    one(
        "refused as unauthorised",
        "Requests are refused for want of rights (HTTP 401 or 403, unauthorised or forbidden).",
        "Compare the credentials and roles of both versions, and the rules of what they call.",
        r"\b(?:401|403)\b .{0,30}(?:unauthori[sz]ed|forbidden)|forbidden\b|unauthori[sz]ed\b|status(?:[_ ]?code)?[\"']?[:= ]{1,3}[\"']?(?:401|403)\b",
        depth=Depth.GENERAL,
    ),
)  # fmt: skip
