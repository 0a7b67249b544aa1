"""What is wrong with a document, and where."""


class ContractError(ValueError):
    """A request or verdict that does not keep the contract.

    Attributes:
        path: where in the document, as `coverage.pods` or `evidence[3].p`; empty for the whole.
        found: what stands there, shortened; never more than 80 characters of foreign text.
        expected: what the contract allows there.
    """

    def __init__(self, path: str, found: str, expected: str) -> None:
        self.path = path
        self.found = found
        self.expected = expected
        super().__init__(f"{path or 'document'}: found {found}, expected {expected}")


def describe(value: object) -> str:
    """A short name of a JSON value for an error text: `the string "promot"`, `a list`, `nothing`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            shown = value if len(value) <= 60 else value[:60] + "…"
            return f"the string {shown!a}"
        case int() | float():
            return f"the number {value!s:.40}"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
