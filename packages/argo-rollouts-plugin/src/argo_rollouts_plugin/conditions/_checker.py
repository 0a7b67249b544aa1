"""Types before evaluation, as expr's checker sees them (expr v1.15.5, checker/checker.go).

`result` has the type of its value, what is taken out of it may be anything. A mismatch is an error
even where evaluation would not have come by.
"""

from collections.abc import Callable
from typing import Any, Final

from . import _syntax as syntax
from ._errors import ConditionError
from ._functions import FUNCTIONS
from ._kinds import Static
from ._syntax import Node
from ._typing import RULES, comparable

_ANY: Final = Static.ANY


def check(node: Node, result: Static) -> None:
    """Notes the static type of every node.

    Raises:
        ConditionError: an operation cannot work on the types it is given.
    """
    _Checker(result).visit(node)


class _Checker:
    def __init__(self, result: Static) -> None:
        self._result = result

    def visit(self, node: Node) -> Static:
        node.static = _TYPES[type(node)](self, node)
        return node.static

    def constant(self, node: syntax.Constant) -> Static:
        return _CONSTANTS[type(node.value)]

    def result(self, _node: syntax.Result) -> Static:
        return self._result

    def element(self, _node: syntax.Element) -> Static:
        return _ANY

    def chain(self, node: syntax.Chain) -> Static:
        return self.visit(node.node)

    def array(self, node: syntax.Array) -> Static:
        self._visit_children(node)
        return Static.ARRAY

    def mapping(self, node: syntax.Mapping) -> Static:
        self._visit_children(node)
        return Static.MAP

    def _visit_children(self, node: Node) -> None:
        for child in node.children():
            self.visit(child)

    def unary(self, node: syntax.Unary) -> Static:
        operand = self.visit(node.operand)
        if node.operator == "not" and operand in {Static.BOOL, _ANY}:
            return Static.BOOL
        if node.operator != "not" and (operand.is_number or operand is _ANY):
            return operand
        raise ConditionError(
            f"invalid operation: {node.operator} (mismatched type {operand})", node.position
        )

    def binary(self, node: syntax.Binary) -> Static:
        left = self.visit(node.left)
        right = self.visit(node.right)
        if node.operator == "in":
            found = _membership(node, left, right)
        else:
            found = RULES[node.operator](left, right)
        if found is None:
            raise ConditionError(
                f"invalid operation: {node.operator} (mismatched types {left} and {right})",
                node.position,
            )
        return found

    def member(self, node: syntax.Member) -> Static:
        base = self.visit(node.base)
        key = self.visit(node.key)
        if base is _ANY:
            return _ANY
        if base is Static.MAP and key in {Static.STRING, Static.NIL, _ANY}:
            return _ANY
        if base is Static.ARRAY and (key.is_integer or key is _ANY):
            return _ANY
        raise ConditionError(f"a {base} has no element for a {key}", node.position)

    def conditional(self, node: syntax.Conditional) -> Static:
        condition = self.visit(node.condition)
        if condition not in {Static.BOOL, _ANY}:
            raise ConditionError(
                f"the condition before '?' has to be a bool, found {condition}", node.position
            )
        then = self.visit(node.then)
        otherwise = self.visit(node.otherwise)
        if then is Static.NIL:
            return otherwise
        # Where one branch may be anything, expr goes by the first one's type all the same.
        return then if otherwise in {then, Static.NIL, _ANY} else _ANY

    def call(self, node: syntax.Call) -> Static:
        function = FUNCTIONS[node.name]
        if len(node.arguments) != len(function.parameters):
            raise ConditionError(
                f"{node.name} takes {len(function.parameters)} argument(s), "
                f"found {len(node.arguments)}",
                node.position,
            )
        for index, wanted in enumerate(function.parameters):
            argument = node.arguments[index]
            given = self.visit(argument)
            if wanted is Static.FLOAT and given.is_integer:
                node.arguments[index] = _literals_as_floats(argument)
            elif wanted is Static.FLOAT and given not in {Static.FLOAT, Static.NIL, _ANY}:
                raise ConditionError(f"{node.name} takes a float64, found {given}", node.position)
        if node.name == "len" and node.arguments[0].static not in _MEASURABLE:
            raise ConditionError(
                f"invalid argument for len (type {node.arguments[0].static})", node.position
            )
        return function.returns

    def quantifier(self, node: syntax.Quantifier) -> Static:
        collection = self.visit(node.collection)
        if collection not in {Static.ARRAY, _ANY}:
            raise ConditionError(f"{node.name} takes an array, found {collection}", node.position)
        predicate = self.visit(node.predicate)
        if predicate not in {Static.BOOL, _ANY}:
            raise ConditionError(
                f"the predicate of {node.name} has to be a bool, found {predicate}", node.position
            )
        return Static.BOOL


_TYPES: Final[dict[type[Node], Callable[[_Checker, Any], Static]]] = {
    syntax.Constant: _Checker.constant,
    syntax.Result: _Checker.result,
    syntax.Element: _Checker.element,
    syntax.Unary: _Checker.unary,
    syntax.Binary: _Checker.binary,
    syntax.Member: _Checker.member,
    syntax.Chain: _Checker.chain,
    syntax.Conditional: _Checker.conditional,
    syntax.Array: _Checker.array,
    syntax.Mapping: _Checker.mapping,
    syntax.Call: _Checker.call,
    syntax.Quantifier: _Checker.quantifier,
}
_CONSTANTS: Final = {
    type(None): Static.NIL,
    bool: Static.BOOL,
    int: Static.INT,
    float: Static.FLOAT,
    str: Static.STRING,
}
_MEASURABLE: Final = {Static.ARRAY, Static.MAP, Static.STRING, _ANY}


def _membership(node: syntax.Binary, left: Static, right: Static) -> Static | None:
    if right is Static.MAP:
        return Static.BOOL if left in {Static.STRING, Static.NIL, _ANY} else None
    if right is Static.ARRAY:
        element = _element_type(node.right)
        return Static.BOOL if element is None or comparable(left, element) else None
    if right is _ANY or (left is _ANY and right is Static.STRING):
        return Static.BOOL
    return None


def _element_type(node: Node) -> Static | None:
    """The type of all elements of a literal array; None where there is not one for all."""
    if not isinstance(node, syntax.Array) or not node.items:
        return None
    types = {item.static for item in node.items}
    return types.pop() if len(types) == 1 else None


def _literals_as_floats(node: Node) -> Node:
    """Integer literals where a float64 is wanted; other integers stay, and fail there."""
    match node:
        case syntax.Constant(value=int() as value) if not isinstance(value, bool):
            return syntax.Constant(float(value), position=node.position, static=Static.FLOAT)
        case syntax.Unary():
            node.operand = _literals_as_floats(node.operand)
        case syntax.Binary(operator="+" | "-" | "*"):
            node.left = _literals_as_floats(node.left)
            node.right = _literals_as_floats(node.right)
    return node
