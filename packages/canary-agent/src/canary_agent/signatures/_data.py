"""Causes in settings, credentials, databases and the form of data."""

from ._signature import Signature, one

# From the particular to the general.
DATA: tuple[Signature, ...] = (
    one(
        "missing environment variable",
        r"KeyError: ['\"]TARGET['\"]|(?:environment variable|env var|env) ['\"`]?TARGET['\"`]? (?:is )?(?:not set|missing|required|undefined|must be set)|(?:missing|required|unset) (?:required )?environment variables?:? ['\"`]?TARGET|Could not resolve placeholder '?TARGET",
        "A setting or key is missing{target}.",
        "Set it in the canary's pod template, or give it a default in the code.",
    ),
    one(
        "SQL syntax",
        r"syntax error at or near|error in your SQL syntax|near \\\"[^\\\"]{0,40}\\\": syntax error|SQLSyntaxErrorException|SQLGrammarException",
        "The database does not understand a query of the new version.",
        "Look at the query in the sample line, and at the database's version.",
    ),
    one(
        "database migration or schema",
        r"(?:relation|table|column) ['\"`]?TARGET['\"`]?.{0,40}(?:does not exist|doesn't exist|not found)|no such (?:table|column):? ?TARGET|unknown column '?TARGET|migration.{0,60}(?:failed|error)|has no column named TARGET|UndefinedTable|UndefinedColumn|flyway|liquibase.{0,40}exception",
        "The database schema does not fit the new version{target}.",
        "Run the migration that the new version needs before it gets traffic, and keep it compatible with stable.",
    ),
    one(
        "database constraint",
        r"duplicate key value|unique constraint|UNIQUE constraint failed|foreign key constraint|violates .{0,40}constraint|duplicate entry|IntegrityError|NOT NULL constraint|DataIntegrityViolation",
        "The new version writes what a constraint of the database forbids.",
        "Look at the constraint in the sample line, and at the value that the new version gives.",
    ),
    one(
        "read-only database",
        r"in a read-only transaction|READONLY You can't write|attempt to write a readonly database|--read-only option|not (?:master|primary)",
        "The canary writes to a database that only reads.",
        "Check that the new version's configuration names the primary.",
    ),
    one(
        "database deadlock or lock timeout",
        r"deadlock (?:detected|found when)|lock wait timeout|database is locked|could not obtain lock|could not serialize access",
        "Transactions block each other in the database.",
        "Look at the transactions that the new version changed: their order of locks and their length.",
    ),
    one(
        "authentication",
        r"password authentication failed|\bNOAUTH\b|WRONGPASS|invalid signature|JWT .{0,40}(?:expired|invalid)|access denied for user|authentication failed|\bNOAUTH\b|WRONGPASS|invalid signature|JWT .{0,40}(?:expired|invalid)|invalid (?:credentials|api key|token)|\b401 Unauthorized|InvalidAccessKeyId|token (?:has )?expired",
        "A dependency does not accept the canary's credentials.",
        "Check the credentials that the new version uses and the Secret they come from.",
    ),
    one(
        "licence or subscription",
        r"licen[cs]e (?:has )?(?:expired|is invalid|not found)|invalid licen[cs]e|subscription (?:has )?expired",
        "A licence is not valid.",
        "Check the licence that the new version is given.",
    ),
    one(
        "clocks",
        r"clock skew|RequestTimeTooSkewed|token used before issued|issued in the future|NotBefore claim",
        "Two clocks are apart.",
        "Check the time of the node that the canary runs on.",
    ),
    one(
        "permission denied",
        r"permission denied(?: for (?:table|relation|schema|database|sequence) TARGET|: ['\"]?TARGET)?|\bEACCES|PermissionError|AccessDeniedException|\bforbidden: User|operation not permitted|AccessDenied\b|insufficient privilege|\b403 Forbidden",
        "The canary lacks a permission{target}.",
        "Check the service account's roles, the file's owner and mode, and the container's security context.",
    ),
    one(
        "encoding",
        r"UnicodeDecodeError|UnicodeEncodeError|invalid byte sequence|invalid UTF-?8|malformed UTF|MalformedInputException|incompatible character encodings",
        "The new version reads text in the wrong encoding.",
        "Compare the encodings that both versions expect, and the image's locale.",
    ),
    one(
        "malformed document",
        r"SyntaxError: .{0,120}JSON|in JSON at position|toml: line|XMLSyntaxError|mapping values are not allowed|invalid YAML",
        "A document cannot be parsed: its configuration, or data in a format such as JSON, is malformed.",
        "Look at the place that the sample line names, in what the new version is configured with or is sent.",
    ),
    one(
        "damaged data",
        r"wrong signature trying to load|fatal error loading the DB|failed to open database|corrupt(?:ed|ion)?\b|checksum (?:mismatch|error)|bad magic|invalid (?:snapshot|page) |unexpected end of (?:file|archive)",
        "The new version cannot read data that it is given: it is damaged, or of another format.",
        "Compare the versions that wrote and read it; restore it from a copy before the new version starts.",
    ),
    one(
        "data that cannot be read",
        r"JSONDecodeError|unexpected token .{0,40}JSON|json: cannot unmarshal|JsonParseException|UnrecognizedPropertyException|invalid character .{0,40}looking for|ValidationError|unmarshal|deserializ",
        "The new version cannot read data that it is given.",
        "Compare the formats that both versions read and write, and what other services send.",
    ),
    one(
        "missing template or page",
        r"TemplateNotFound(?:: TARGET)?|TemplateDoesNotExist|template \\\"?TARGET\\\"? (?:not found|does not exist)|ActionView::MissingTemplate|Error resolving template",
        "A page's template is missing{target}.",
        "Check that the build puts it into the image, and its name.",
    ),
    one(
        "wrong type in a store",
        r"\bWRONGTYPE\b|mapper_parsing_exception|cannot be cast to type|invalid input syntax for",
        "A store holds another type than the new version expects.",
        "Compare what both versions write under the same key or column.",
    ),
)  # fmt: skip
