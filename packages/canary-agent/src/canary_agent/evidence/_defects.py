r"""Errors that only a mistake in the code makes: null references, wrong types, missing names, indexes out of bounds.

Time-outs, refused connections and bad requests come and go with the surroundings; one more of them proves
nothing. These do not: code that works does not meet them by chance. So a single one of a kind that stable has
never written stops a promotion, unless stable has rare ones of its own, see `_novelty`.

The names are those of the languages' own libraries: java.lang, Python's built-in exceptions, ECMAScript's native
errors, Go's runtime, System in .NET, Ruby's and PHP's core, SQLSTATE class 42. What a client's input may cause as
easily (number formats, JSON syntax, encodings) is not among them.

>>> is_defect("request failed [java.lang.NullPointerException]"), is_defect("connection refused")
(True, False)
"""

import re
from functools import lru_cache

_OF_JAVA_AND_DOTNET = (
    r"NullPointer|NullReference|(?:Array|String)?IndexOutOf(?:Bounds|Range)|ClassCast|InvalidCast|ArrayStore"
    r"|ClassNotFound|NoSuch(?:Method|Field)|NoClassDefFound|AbstractMethod|UnsatisfiedLink|Arithmetic|DivideByZero"
    r"|UnsupportedOperation|NotImplemented|ConcurrentModification|StackOverflow|MissingMethod|TypeLoad|KeyNotFound"
)
_OF_SCRIPTS = (
    r"Type|Attribute|Key|Index|Name|UnboundLocal|ZeroDivision|DivisionByZero|Import|ModuleNotFound|Assertion"
    r"|NotImplemented|Recursion|Indentation|Reference|Range|NoMethod|ArgumentCount"
)
_DEFECT = re.compile(
    rf"\b(?:(?:{_OF_JAVA_AND_DOTNET})(?:Exception|Error)|(?:{_OF_SCRIPTS})Error)\b"
    r"|\b(?:panic(?:ked at)?(?=[: ])|runtime error:|nil pointer dereference|SIGSEGV|signal 11\b)"
    r"|(?i:\bsegmentation fault|\bcannot read propert|\bis not a function\b|\bcall to (?:an )?undefined )"
    r"|(?i:\bundefined (?:index|variable|method|array key)\b|\bno such (?:column|table)\b|\bunknown column\b)"
    r"|(?i:\b(?:column|relation|table)\b.{0,80} (?:does not|doesn't) exist)"
)
_LOOKED_AT = 1000


@lru_cache(maxsize=4096)
def is_defect(template: str) -> bool:
    """Whether the text of a template, its exception included, names such an error."""
    return _DEFECT.search(template[:_LOOKED_AT]) is not None
