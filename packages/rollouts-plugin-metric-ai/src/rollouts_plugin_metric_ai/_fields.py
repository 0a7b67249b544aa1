"""Reads the stanza's fields one by one, with errors that a person can act on."""

from collections.abc import Mapping


class ConfigError(ValueError):
    """The stanza in the AnalysisTemplate cannot be used; the text names field, finding and remedy."""


class Fields:
    """One JSON object of the stanza.

    Values written by hand and values that came through `{{args.x}}` (always strings) read the same:
    `"70"` is a number and `"true"` a boolean where one is expected.
    """

    def __init__(self, value: object, known: tuple[str, ...], path: str = "") -> None:
        """Raises ConfigError for what is no object and for fields that are not in `known`."""
        self._path = path
        if not isinstance(value, Mapping):
            raise ConfigError(f"{path or 'the stanza'}: found {found(value)}, expected an object")
        self._fields: Mapping[str, object] = value
        for name in value:
            if name not in known:
                raise ConfigError(_unknown(self.path(str(name)), str(name), known))

    def path(self, name: str) -> str:
        """The field's full name, as `auth.token`."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether the field is there, not null and not an empty string."""
        return self._fields.get(name) not in (None, "")

    def value(self, name: str) -> object:
        """The field as it stands, None where there is none."""
        return self._fields.get(name)

    def text(self, name: str, *, max_bytes: int, default: str = "") -> str:
        """A string of at most `max_bytes` in UTF-8."""
        value = self._fields.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error(name, found(value), "a string")
        size = len(value.encode("utf-8", "surrogatepass"))
        if size > max_bytes:
            raise self.error(name, f"{size} bytes", f"at most {max_bytes}")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of `choices`; the first is the default."""
        value = self.text(name, max_bytes=100) or choices[0]
        if value not in choices:
            near = _nearest(value, choices)
            hint = f"; did you mean {near}?" if near else ""
            raise self.error(name, found(value), f"one of {', '.join(choices)}{hint}")
        return value

    def texts(
        self, name: str, count: int, max_bytes: int, default: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """A list of at most `count` strings of at most `max_bytes` each; empty ones are left out."""
        value = self._fields.get(name)
        if value is None:
            return default
        expected = f"a list of at most {count} strings of at most {max_bytes} bytes"
        if not isinstance(value, list):
            raise self.error(name, found(value), expected)
        if len(value) > count:
            raise self.error(name, f"{len(value)} entries", expected)
        for one in value:
            if not isinstance(one, str) or len(one.encode("utf-8", "surrogatepass")) > max_bytes:
                raise self.error(name, found(one), expected)
        return tuple(stripped for one in value if (stripped := one.strip()))

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """A number from `low` to `high`, or a string that holds one."""
        value = self._fields.get(name)
        if value is None or value == "":
            return default
        expected = f"a number from {low:g} to {high:g}"
        try:
            number = float(value) if isinstance(value, str | int | float) else None
        except (ValueError, OverflowError):
            number = None
        if number is None or isinstance(value, bool) or not low <= number <= high:
            raise self.error(name, found(value), expected)
        return number

    def boolean(self, name: str, *, default: bool) -> bool:
        """True or false, or a string that says so."""
        value = self._fields.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower(), value)
        if not isinstance(value, bool):
            raise self.error(name, found(value), "true or false")
        return value

    def error(self, name: str, was: str, expected: str) -> ConfigError:
        """The error for a field that does not hold what it should."""
        return ConfigError(f"{self.path(name)}: found {was}, expected {expected}")


def found(value: object) -> str:
    """What was found, without quoting more than a person needs to find it again."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= 60 else value[:60] + "…")
        case int() | float():
            return f"{value!s:.40}"
        case list():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            return f"a {type(value).__name__}"


def _unknown(path: str, name: str, known: tuple[str, ...]) -> str:
    shown = path if len(path) <= 80 else path[:80] + "…"
    by_lower = {each.lower(): each for each in known}
    near = _nearest(name.lower(), tuple(by_lower))
    hint = f"; did you mean {by_lower[near]}?" if near else ""
    return f"{shown!a} is not a field of the stanza{hint} (known: {', '.join(known)})"


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that is most like this one; empty where none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - for mistakes only

    return next(iter(get_close_matches(word, known, n=1)), "")
