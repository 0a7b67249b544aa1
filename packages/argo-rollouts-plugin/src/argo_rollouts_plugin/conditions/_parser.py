"""From tokens to a syntax tree (expr v1.15.5, parser/parser.go).

Precedence, associativity and oddities are expr's. What expr has and this language has not is
refused by its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from . import _functions as functions
from . import _limits as limits
from . import _syntax as syntax
from ._errors import ConditionError
from ._syntax import Node
from ._tokens import Kind, Token, tokenize


@dataclass(frozen=True, slots=True)
class _Operator:
    precedence: int
    right_associative: bool = False


_UNARY: Final = {"not": 50, "!": 50, "-": 90, "+": 90}
_BINARY: Final = {
    "|": _Operator(0),
    "or": _Operator(10),
    "||": _Operator(10),
    "and": _Operator(15),
    "&&": _Operator(15),
    **dict.fromkeys(("==", "!=", "<", ">", ">=", "<="), _Operator(20)),
    **dict.fromkeys(("in", "matches", "contains", "startsWith", "endsWith"), _Operator(20)),
    "..": _Operator(25),
    "+": _Operator(30),
    "-": _Operator(30),
    **dict.fromkeys("*/%", _Operator(60)),
    "**": _Operator(100, right_associative=True),
    "^": _Operator(100, right_associative=True),
    "??": _Operator(500),
}
_SYNONYMS: Final = {"&&": "and", "||": "or", "**": "^", "!": "not"}
_REFUSED_OPERATORS: Final = {
    "|": "pipes ('|') are not supported; write the call as f(x)",
    "..": "ranges ('..') are not supported; compare with >= and <=",
    "matches": "the operator 'matches' is not supported; there are contains, startsWith, endsWith",
}


def parse(expression: str) -> Node:
    """Reads an expression.

    Raises:
        ConditionError: it is none, is longer or deeper than `_limits` says, or uses what this
            language does not have.
    """
    if len(expression) > limits.EXPRESSION_CHARS:
        raise ConditionError(
            f"condition of {len(expression)} characters, at most {limits.EXPRESSION_CHARS} are read"
        )
    parser = _Parser(tokenize(expression))
    node = parser.expression(0)
    parser.expect_end()
    _check_depth(node)
    return node


def _check_depth(root: Node) -> None:
    """Long rows of operators nest as deeply as brackets do, without any bracket."""
    level = [root]
    for _ in range(limits.NESTING):
        level = [child for node in level for child in node.children()]
        if not level:
            return
    raise _too_deep(level[0].position)


def _too_deep(position: int) -> ConditionError:
    return ConditionError(f"nested deeper than {limits.NESTING} levels", position)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._predicates = 0

    @property
    def _current(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._current
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def _accept_operator(self, text: str) -> bool:
        found = self._current.is_operator(text)
        if found:
            self._next()
        return found

    def _accept_bracket(self, text: str) -> bool:
        found = self._current.is_bracket(text)
        if found:
            self._next()
        return found

    def _expect(self, found: bool, wanted: str) -> None:  # noqa: FBT001 - the outcome of an accept
        if not found:
            raise ConditionError(
                f"expected {wanted}, found {self._current}", self._current.position
            )

    def expect_end(self) -> None:
        """Nothing may follow."""
        self._expect(self._current.kind is Kind.END, "an operator or the end")

    def expression(self, precedence: int) -> Node:
        """Reads operators that bind at least as tightly as `precedence`."""
        self._depth += 1
        if self._depth > limits.NESTING:
            raise _too_deep(self._current.position)
        if self._current.is_operator("let"):
            raise ConditionError("variables ('let') are not supported", self._current.position)
        node = self._operators(self._primary(), precedence)
        if precedence == 0:
            node = self._conditional(node)
        self._depth -= 1
        return node

    def _operators(self, left: Node, precedence: int) -> Node:
        previous = ""
        while self._current.kind is Kind.OPERATOR:
            negation = self._next() if self._current.is_operator("not") else None
            token = self._current
            operator = _BINARY.get(token.text) if token.kind is Kind.OPERATOR else None
            if operator is None or operator.precedence < precedence:
                if negation is not None:
                    raise _stray_negation(negation, token, known=operator is not None)
                break
            self._next()
            if token.text in _REFUSED_OPERATORS:
                raise ConditionError(_REFUSED_OPERATORS[token.text], token.position)
            if previous == "??" and token.text != "??":
                raise ConditionError(
                    f"{token.text!r} after '??' is ambiguous; put one of them in parentheses",
                    token.position,
                )
            least = operator.precedence + (0 if operator.right_associative else 1)
            left = _binary(token, left, self.expression(least))
            if negation is not None:
                left = syntax.Unary("not", left, position=negation.position)
            previous = token.text
        return left

    def _conditional(self, node: Node) -> Node:
        while self._current.is_operator("?"):
            position = self._next().position
            then = node
            if not self._accept_operator(":"):
                then = self.expression(0)
                self._expect(self._accept_operator(":"), "':' of '? :'")
            otherwise = self.expression(0)
            node = syntax.Conditional(node, then, otherwise, position=position)
        return node

    def _primary(self) -> Node:
        token = self._current
        if token.kind is Kind.OPERATOR and token.text in _UNARY:
            self._next()
            operator = _SYNONYMS.get(token.text, token.text)
            operand = self.expression(_UNARY[token.text])
            return self._postfix(syntax.Unary(operator, operand, position=token.position))
        if self._accept_bracket("("):
            node = self.expression(0)
            self._expect(self._accept_bracket(")"), "')'")
            return self._postfix(node)
        if token.is_operator("#", "."):
            return self._postfix(self._element(token))
        return self._secondary(token)

    def _element(self, token: Token) -> Node:
        if not self._predicates:
            raise ConditionError(
                f"{token.text!r} stands for an element, outside any() and all() there is none",
                token.position,
            )
        if token.is_operator("#"):
            self._next()
            name = self._current
            glued = name.position == token.position + 1 and name.text[:1].isalpha()
            if name.kind is Kind.NAME or glued:
                raise ConditionError(
                    f"'#{name.text}' is not supported; '#' alone is the element", token.position
                )
        return syntax.Element(position=token.position)

    def _secondary(self, token: Token) -> Node:
        self._next()
        if token.kind is Kind.STRING:
            return syntax.Constant(token.text, position=token.position)
        if token.kind is Kind.NUMBER:
            return syntax.Constant(token.value, position=token.position)
        if token.kind is Kind.NAME:
            if token.text in _NAMED_CONSTANTS:
                return syntax.Constant(_NAMED_CONSTANTS[token.text], position=token.position)
            return self._postfix(self._named(token))
        if token.is_bracket("["):
            return self._postfix(self._array(token))
        if token.is_bracket("{"):
            return self._postfix(self._mapping(token))
        raise ConditionError(f"expected a value, found {token}", token.position)

    def _named(self, token: Token) -> Node:
        called = self._current.is_bracket("(")
        if called and token.text in {"any", "all"}:
            return self._quantifier(token)
        if called and token.text in functions.FUNCTIONS:
            return syntax.Call(token.text, self._arguments(), position=token.position)
        if token.text == "result" and not called:
            return syntax.Result(position=token.position)
        raise ConditionError(_unknown_name(token.text, called=called), token.position)

    def _quantifier(self, token: Token) -> Node:
        self._next()
        collection = self.expression(0)
        self._expect(self._accept_operator(","), "','")
        braced = self._accept_bracket("{")
        self._predicates += 1
        predicate = self.expression(0)
        self._predicates -= 1
        if braced:
            self._expect(self._accept_bracket("}"), "'}'")
        self._expect(self._accept_bracket(")"), "')'")
        return syntax.Quantifier(token.text, collection, predicate, position=token.position)

    def _arguments(self) -> list[Node]:
        self._next()
        arguments: list[Node] = []
        while not self._accept_bracket(")"):
            if arguments:
                self._expect(self._accept_operator(","), "',' or ')'")
            arguments.append(self.expression(0))
        return arguments

    def _array(self, token: Token) -> Node:
        items: list[Node] = []
        self._items("]", lambda: items.append(self.expression(0)))
        return syntax.Array(items, position=token.position)

    def _mapping(self, token: Token) -> Node:
        keys: list[Node] = []
        values: list[Node] = []

        def pair() -> None:
            keys.append(self._key())
            self._expect(self._accept_operator(":"), "':'")
            values.append(self.expression(0))

        self._items("}", pair)
        return syntax.Mapping(keys, values, position=token.position)

    def _items(self, end: str, read: Callable[[], None]) -> None:
        """Reads items divided by commas; one more comma may stand before the end."""
        while not self._accept_bracket(end):
            read()
            if not self._accept_operator(","):
                self._expect(self._accept_bracket(end), f"',' or '{end}'")
                return

    def _key(self) -> Node:
        token = self._current
        if token.kind in {Kind.NUMBER, Kind.STRING, Kind.NAME}:
            self._next()
            return syntax.Constant(token.text, position=token.position)
        self._expect(token.is_bracket("("), "a key: a name, a string, a number or '('")
        return self.expression(0)

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self._current
            if token.is_operator(".", "?."):
                self._next()
                node = self._named_member(node, optional=token.text == "?.")
            elif token.is_bracket("["):
                self._next()
                node = self._index(node, token)
            else:
                return node

    def _named_member(self, node: Node, *, optional: bool) -> Node:
        name = self._next()
        word = name.kind is Kind.OPERATOR and name.text[0].isalpha()
        if name.kind is not Kind.NAME and not word:
            raise ConditionError(f"expected a field name, found {name}", name.position)
        if self._current.is_bracket("("):
            raise ConditionError(f"methods are not supported: {name.text!r}", name.position)
        chained = isinstance(node, syntax.Chain)
        base = node.node if isinstance(node, syntax.Chain) else node
        key = syntax.Constant(name.text, position=name.position)
        member = syntax.Member(base, key, optional, position=name.position)
        return syntax.Chain(member, position=name.position) if chained or optional else member

    def _index(self, node: Node, bracket: Token) -> Node:
        key = None if self._current.is_operator(":") else self.expression(0)
        if key is None or self._current.is_operator(":"):
            raise ConditionError("slices ('[a:b]') are not supported", self._current.position)
        self._expect(self._accept_bracket("]"), "']'")
        return syntax.Member(node, key, position=bracket.position)


_NAMED_CONSTANTS: Final[dict[str, object]] = {"true": True, "false": False, "nil": None}


def _binary(token: Token, left: Node, right: Node) -> Node:
    operator = _SYNONYMS.get(token.text, token.text)
    return syntax.Binary(operator, left, right, position=token.position)


def _stray_negation(negation: Token, token: Token, *, known: bool) -> ConditionError:
    """With `-a not in b` or `a == b not in c` expr reads over the `not` and answers the opposite."""
    reason = f"expected an operator such as 'in' after 'not', found {token}"
    if known:
        reason = f"this 'not' would be lost; write not (... {token.text} ...)"
    return ConditionError(reason, negation.position)


def _unknown_name(name: str, *, called: bool) -> str:
    what = "function" if called else "name"
    hint = f"; {name} is a function, write {name}(...)" if name in functions.FUNCTIONS else ""
    known = ", ".join(sorted({*functions.FUNCTIONS, "any", "all"}))
    return f"the {what} {name[:40]!r} is not supported{hint or f'; there are result and {known}'}"
