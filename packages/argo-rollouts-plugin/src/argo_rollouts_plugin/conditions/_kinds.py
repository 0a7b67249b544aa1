"""Types of values: those known before evaluation, and Go's names for those met in it."""

from enum import Enum

from ._errors import ConditionError
from ._literals import MAX_INT, MIN_INT


class Static(Enum):
    """The type of an expression before evaluation, named as Go names it."""

    NIL = "<nil>"
    BOOL = "bool"
    INT = "int"
    INT64 = "int64"
    FLOAT = "float64"
    STRING = "string"
    ARRAY = "[]interface {}"
    MAP = "map[string]interface {}"
    ANY = "interface {}"

    def __str__(self) -> str:
        return self.value

    @property
    def is_integer(self) -> bool:
        """Whether it is an integer for certain."""
        return self in {Static.INT, Static.INT64}

    @property
    def is_number(self) -> bool:
        """Whether it is a number for certain."""
        return self.is_integer or self is Static.FLOAT


class Int64(int):
    """What `asInt` gives: Go tells an int64 from an int in arrays that are compared."""

    __slots__ = ()


class Byte(int):
    """An element of a string that is indexed: Go's uint8."""

    __slots__ = ()


_GO_NAMES: dict[type, str] = {
    type(None): Static.NIL.value,
    bool: Static.BOOL.value,
    int: Static.INT.value,
    Int64: Static.INT64.value,
    Byte: "uint8",
    float: Static.FLOAT.value,
    str: Static.STRING.value,
    list: Static.ARRAY.value,
    dict: Static.MAP.value,
}
_STATIC_TYPES: dict[type, Static] = {
    type(None): Static.NIL,
    bool: Static.BOOL,
    int: Static.INT,
    float: Static.FLOAT,
    str: Static.STRING,
    list: Static.ARRAY,
    dict: Static.MAP,
}


def go_name(value: object) -> str:
    """The name of a value's type, as Go's `%T` prints it."""
    return _GO_NAMES.get(type(value), type(value).__name__)


def static_type(value: object) -> Static:
    """The static type of `result`, which expr takes from its value."""
    return _STATIC_TYPES[type(admitted(value))]


def admitted(value: object) -> object:
    """A part of `result` as the language knows it; a tuple is an array.

    Raises:
        ConditionError: it is of a type that JSON does not have, or an integer beyond an int64.
    """
    if isinstance(value, tuple):
        return list(value)
    if type(value) not in _GO_NAMES:
        raise ConditionError(f"result holds a {type(value).__name__}, which no condition can read")
    if isinstance(value, int) and not MIN_INT <= value <= MAX_INT:
        raise ConditionError("result holds an integer beyond the range of an int64")
    return value
