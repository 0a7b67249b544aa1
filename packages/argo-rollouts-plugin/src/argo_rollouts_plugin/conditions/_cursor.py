"""A place in a row of tokens."""

from ._errors import ConditionError
from ._tokens import Kind, Token


class Cursor:
    """Reads tokens one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def current(self) -> Token:
        """The token that is to be read next."""
        return self._tokens[self._at]

    def next(self) -> Token:
        """Reads a token; the end can be read again and again."""
        token = self.current
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def accept_operator(self, text: str) -> bool:
        """Reads this operator, where it is next; says whether it was."""
        found = self.current.is_operator(text)
        if found:
            self.next()
        return found

    def accept_bracket(self, text: str) -> bool:
        """Reads this bracket, where it is next; says whether it was."""
        found = self.current.is_bracket(text)
        if found:
            self.next()
        return found

    def expect(self, found: bool, wanted: str) -> None:  # noqa: FBT001 - the outcome of an accept
        """Refuses the next token where what was wanted was not found."""
        if not found:
            raise ConditionError(f"expected {wanted}, found {self.current}", self.current.position)
