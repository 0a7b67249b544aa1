"""How grave a line is, judged once per template."""

import re
from enum import IntEnum


class Severity(IntEnum):
    """In order of gravity; a line that says nothing about itself is INFO."""

    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3
    FATAL = 4


_WORDS = {
    Severity.DEBUG: "trace trce trc dbug debug dbg fine finer finest verbose verb silly debug1 debug2 debug3",
    Severity.INFO: "info inf default information informational notice log ok config statement hint detail http",
    Severity.WARN: "warn warning wrn",
    Severity.ERROR: "error err eror severe fail failure exception",
    Severity.FATAL: "fatal panic emerg emergency crit critical alert ftl pnc dpanic",
}
_BY_WORD = {word: severity for severity, words in _WORDS.items() for word in words.split()}
_BY_SYSLOG: tuple[Severity, ...] = (
    *[Severity.FATAL] * 3,
    Severity.ERROR,
    Severity.WARN,
    *[Severity.INFO] * 2,
    Severity.DEBUG,
)
_BY_OTEL: tuple[Severity, ...] = (Severity.DEBUG, *Severity)
_BY_LETTER = {
    "T": Severity.DEBUG,
    "D": Severity.DEBUG,
    "V": Severity.DEBUG,
    "I": Severity.INFO,
    "W": Severity.WARN,
    "E": Severity.ERROR,
    "F": Severity.FATAL,
}

# A level in the text's head: in capitals as a word of its own; in any case within brackets, between
# tabs, before a colon, after a masked time or number, or after `level=`.
_LEVELS = "|".join(sorted(_BY_WORD, key=len, reverse=True))
_COMMON = "trace|trce|debug|dbug|info|notice|warn(?:ing)?|error|err|fail|crit(?:ical)?|fatal|panic"
_UPPER = r"TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG|FATAL|PANIC|LOG"
_LEVEL = re.compile(
    rf"(?<![\w$.])(?:(?P<upper>{_UPPER})(?![\w$]|\.\w)"
    rf"|(?i:(?:\[\w{{1,40}}:|[\[<(|] {{0,8}})(?P<bracket>{_LEVELS}) {{0,8}}[\]>)|])"
    rf"|(?i:(?P<colon>{_COMMON})(?=: |\t))"
    rf"|(?<=<\*> )(?P<letter>[DIWEF])(?= +[A-Z]{{2,}}\b)"
    # Monolog's and Laravel's: channel and level.
    rf"|(?<=\] )[\w-]{{1,60}}\.(?P<channel>{_UPPER}|EMERGENCY)(?=: )"
    rf"|(?P<detail>STATEMENT|DETAIL|HINT|CONTEXT)(?=:  )"
    rf"|(?<=<\*> )(?P<short>TRC|DBG|INF|WRN|ERR|FTL|PNC)(?= )"
    rf"|(?<=<\*> )(?i:(?P<after>{_COMMON})(?= ))"
    rf"|(?i:(?:level|lvl|severity)[\"']?[=:] ?[\"']?(?P<named>{_LEVELS})\b))"
)
_HEAD = 160
# What PHP-FPM puts before the lines of PHP itself.
_FPM = re.compile(r"(?:NOTICE|WARNING): .{0,80}PHP message: ")

# Without any level, words decide; "0 errors", "error handler registered" and the like are not errors.
_OF_ERRORS = r"(?![ _-]?(?:handl|page|log|report|rate|budget|middleware|boundar|track|count|threshold|mapp|filter|resolv|polic|detect|mode|recover))"
_FATAL_WORDS = re.compile(
    r"(?i)\b(?:panicked at|segmentation fault|core dumped|out of memory)\b|^panic: "
)
_ERROR_WORDS = re.compile(
    r"(?i)(?<!\bno )(?<!\b0 )(?<!<\*> )(?<!without )(?<!-)(?<!\bon )"
    rf"\b(?:errors?\b(?! ?[=:] ?(?:<\*>|none|null|nil|false|\[\]))(?!\.html){_OF_ERRORS}|exception\b{_OF_ERRORS}|traceback\b|panic\b"
    r"|unhandled\b|uncaught\b|failed\b(?! ?[=:] ?<\*>)|unable to\b|could not\b|can't\b|aborting\b|crashed\b|denied\b"
    rf"|failure\b(?! ?[=:] ?<\*>){_OF_ERRORS}|cannot\b|refused\b|timed out\b)"
    r"|\w(?:Error|Exception)\b"
)
# Redis writes its level as a sign, after process, role and time.
_REDIS = re.compile(r"<\*>:[A-Z] <\*> <\*> ([.*#-]) ")
# PostgreSQL's FATAL ends one client's session, not the server.
_SESSION_FATAL = re.compile(r"\bFATAL:  ")
_DEPRECATION = re.compile(r"(?i)\bdeprecat")


def of_level(value: object) -> Severity | None:
    """The severity that a level field names: `warn`, `ERROR`, `W`, or pino's and bunyan's 10 to 60."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word.isdigit() and len(word) <= 3:
            return of_level(int(word))
        return _BY_WORD.get(word, _BY_LETTER.get(word.upper()))
    if isinstance(value, int | float) and not isinstance(value, bool) and 10 <= value <= 69:
        return Severity(min(4, max(0, int(value // 10) - 2)))
    return None


def of_syslog(value: object) -> Severity | None:
    """The severity of RFC 5424, 0 to 7 as a number or its text, as GELF and journald have it."""
    word = str(value).strip()
    if len(word) != 1 or word not in "01234567" or isinstance(value, bool):
        return None
    return _BY_SYSLOG[int(word)]


def of_otel(value: object) -> Severity | None:
    """The severity that OpenTelemetry numbers from 1 to 24, four of each kind."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 24:
        return None
    return _BY_OTEL[(value - 1) // 4]


def of_text(template: str) -> Severity:
    """The severity of a text line, by its level in the head, otherwise by its words.

    >>> of_text("<*> <*> ERROR worker: lost <*>").name, of_text("checked: <*> errors").name
    ('ERROR', 'INFO')
    """
    if "PHP message: " in template[:_HEAD]:
        template = _FPM.sub("", template, count=1)
    redis = _REDIS.match(template)
    if redis is not None:
        return _of_redis(redis[1], template)
    match = _LEVEL.search(template[:_HEAD])
    if match is not None:
        if _SESSION_FATAL.search(template):
            return Severity.ERROR
        return calmed(_named(match), template)
    if _FATAL_WORDS.search(template):
        return Severity.FATAL
    return calmed(Severity.ERROR, template) if _ERROR_WORDS.search(template) else Severity.INFO


def _of_redis(sign: str, template: str) -> Severity:
    # It marks what it always wants to be seen: warnings and errors, but its version and its start, too.
    if sign != "#":
        return Severity.INFO if sign == "*" else Severity.DEBUG
    if _ERROR_WORDS.search(template):
        return Severity.ERROR
    return Severity.WARN if "warning" in template.lower() else Severity.INFO


def _named(match: re.Match[str]) -> Severity:
    if match["letter"]:
        return _BY_LETTER[match["letter"]]
    return _BY_WORD.get(match[match.lastgroup or 0].lower(), Severity.INFO)


def calmed(severity: Severity, template: str) -> Severity:
    """A deprecation notice is news of the next release, not a fault of this one."""
    if severity is Severity.WARN and _DEPRECATION.search(template):
        return Severity.INFO
    return severity
