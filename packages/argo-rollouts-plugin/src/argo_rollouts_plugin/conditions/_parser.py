"""From tokens to a syntax tree (expr v1.15.5, parser/parser.go).

Precedence, associativity and oddities are expr's. What expr has and this language has not is
refused by its name.
"""

from collections.abc import Callable
from typing import Final

from . import _functions as functions
from . import _limits as limits
from . import _operators as operators
from . import _syntax as syntax
from ._cursor import Cursor
from ._errors import ConditionError
from ._refusals import stray_negation, unknown_name
from ._syntax import Node
from ._tokens import Kind, Token, tokenize


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


class _Parser(Cursor):
    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self._depth = 0
        self._predicates = 0

    def expect_end(self) -> None:
        """Nothing may follow."""
        self.expect(self.current.kind is Kind.END, "an operator or the end")

    def expression(self, precedence: int) -> Node:
        """Reads operators that bind at least as tightly as `precedence`."""
        self._depth += 1
        if self._depth > limits.NESTING:
            raise _too_deep(self.current.position)
        if self.current.is_operator("let"):
            raise ConditionError("variables ('let') are not supported", self.current.position)
        node = self._operators(self._primary(), precedence)
        if precedence == 0:
            node = self._conditional(node)
        self._depth -= 1
        return node

    def _operators(self, left: Node, precedence: int) -> Node:
        previous = ""
        while self.current.kind is Kind.OPERATOR:
            negation = self.next() if self.current.is_operator("not") else None
            token = self.current
            operator = operators.BINARY.get(token.text) if token.kind is Kind.OPERATOR else None
            if operator is None or operator.precedence < precedence:
                if negation is not None:
                    raise stray_negation(negation, token, known=operator is not None)
                break
            self.next()
            if token.text in operators.REFUSED_OPERATORS:
                raise ConditionError(operators.REFUSED_OPERATORS[token.text], token.position)
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
        while self.current.is_operator("?"):
            position = self.next().position
            then = node
            if not self.accept_operator(":"):
                then = self.expression(0)
                self.expect(self.accept_operator(":"), "':' of '? :'")
            otherwise = self.expression(0)
            node = syntax.Conditional(node, then, otherwise, position=position)
        return node

    def _primary(self) -> Node:
        token = self.current
        if token.kind is Kind.OPERATOR and token.text in operators.UNARY:
            self.next()
            operator = operators.SYNONYMS.get(token.text, token.text)
            operand = self.expression(operators.UNARY[token.text])
            return self._postfix(syntax.Unary(operator, operand, position=token.position))
        if self.accept_bracket("("):
            node = self.expression(0)
            self.expect(self.accept_bracket(")"), "')'")
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
            self.next()
            name = self.current
            glued = name.position == token.position + 1 and name.text[:1].isalpha()
            if name.kind is Kind.NAME or glued:
                raise ConditionError(
                    f"'#{name.text}' is not supported; '#' alone is the element", token.position
                )
        return syntax.Element(position=token.position)

    def _secondary(self, token: Token) -> Node:
        self.next()
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
        called = self.current.is_bracket("(")
        if called and token.text in {"any", "all"}:
            return self._quantifier(token)
        if called and token.text in functions.FUNCTIONS:
            return syntax.Call(token.text, self._arguments(), position=token.position)
        if token.text == "result" and not called:
            return syntax.Result(position=token.position)
        raise ConditionError(unknown_name(token.text, called=called), token.position)

    def _quantifier(self, token: Token) -> Node:
        self.next()
        collection = self.expression(0)
        self.expect(self.accept_operator(","), "','")
        braced = self.accept_bracket("{")
        self._predicates += 1
        predicate = self.expression(0)
        self._predicates -= 1
        if braced:
            self.expect(self.accept_bracket("}"), "'}'")
        self.expect(self.accept_bracket(")"), "')'")
        return syntax.Quantifier(token.text, collection, predicate, position=token.position)

    def _arguments(self) -> list[Node]:
        self.next()
        arguments: list[Node] = []
        while not self.accept_bracket(")"):
            if arguments:
                self.expect(self.accept_operator(","), "',' or ')'")
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
            self.expect(self.accept_operator(":"), "':'")
            values.append(self.expression(0))

        self._items("}", pair)
        return syntax.Mapping(keys, values, position=token.position)

    def _items(self, end: str, read: Callable[[], None]) -> None:
        """Reads items divided by commas; one more comma may stand before the end."""
        while not self.accept_bracket(end):
            read()
            if not self.accept_operator(","):
                self.expect(self.accept_bracket(end), f"',' or '{end}'")
                return

    def _key(self) -> Node:
        token = self.current
        if token.kind in {Kind.NUMBER, Kind.STRING, Kind.NAME}:
            self.next()
            return syntax.Constant(token.text, position=token.position)
        self.expect(token.is_bracket("("), "a key: a name, a string, a number or '('")
        return self.expression(0)

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self.current
            if token.is_operator(".", "?."):
                self.next()
                node = self._named_member(node, optional=token.text == "?.")
            elif token.is_bracket("["):
                self.next()
                node = self._index(node, token)
            else:
                return node

    def _named_member(self, node: Node, *, optional: bool) -> Node:
        name = self.next()
        word = name.kind is Kind.OPERATOR and name.text[0].isalpha()
        if name.kind is not Kind.NAME and not word:
            raise ConditionError(f"expected a field name, found {name}", name.position)
        if self.current.is_bracket("("):
            raise ConditionError(f"methods are not supported: {name.text!r}", name.position)
        chained = isinstance(node, syntax.Chain)
        base = node.node if isinstance(node, syntax.Chain) else node
        key = syntax.Constant(name.text, position=name.position)
        member = syntax.Member(base, key, optional, position=name.position)
        return syntax.Chain(member, position=name.position) if chained or optional else member

    def _index(self, node: Node, bracket: Token) -> Node:
        key = None if self.current.is_operator(":") else self.expression(0)
        if key is None or self.current.is_operator(":"):
            raise ConditionError("slices ('[a:b]') are not supported", self.current.position)
        self.expect(self.accept_bracket("]"), "']'")
        return syntax.Member(node, key, position=bracket.position)


_NAMED_CONSTANTS: Final[dict[str, object]] = {"true": True, "false": False, "nil": None}


def _binary(token: Token, left: Node, right: Node) -> Node:
    operator = operators.SYNONYMS.get(token.text, token.text)
    return syntax.Binary(operator, left, right, position=token.position)
