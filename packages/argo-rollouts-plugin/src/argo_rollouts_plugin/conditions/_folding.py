"""What expr's optimiser does before evaluation, as far as it can be seen in an answer.

(expr v1.15.5, optimizer/in_array.go and optimizer/fold.go.) `x and false` is false without a look at
x, `1 % 0` is an error wherever it stands, and an array of literals is looked up by type.
"""

from typing import Final

from . import _syntax as syntax
from . import _values as values
from ._errors import ConditionError
from ._kinds import Static
from ._syntax import Node

_NUMBERS: Final = {int: Static.INT, float: Static.FLOAT}


def fold(node: Node) -> Node:
    """Computes what does not depend on `result`; nodes are changed in place.

    Raises:
        ConditionError: an integer literal is divided by zero.
    """
    return _fold(_with_sets(node))


def _with_sets(node: Node) -> Node:
    node.change_children(_with_sets)
    if not (isinstance(node, syntax.Binary) and node.operator == "in"):
        return node
    if not isinstance(node.right, syntax.Array) or not node.right.items:
        return node
    literals = [item.value for item in node.right.items if isinstance(item, syntax.Constant)]
    if len(literals) != len(node.right.items):
        return node
    types = {type(literal) for literal in literals}
    if types == {str}:
        return _in_set(node, literals, str)
    if types == {int} and node.left.static is Static.INT:
        return _in_set(node, literals, int)
    return node


def _in_set(
    node: syntax.Binary, literals: list[object], kind: type[int] | type[str]
) -> syntax.InSet:
    return syntax.InSet(
        node.left, frozenset(literals), kind, position=node.position, static=Static.BOOL
    )


def _fold(node: Node) -> Node:
    node.change_children(_fold)
    if isinstance(node, syntax.Unary):
        return _unary(node)
    return _binary(node) if isinstance(node, syntax.Binary) else node


def _unary(node: syntax.Unary) -> Node:
    operand = _value(node.operand)
    if node.operator == "not":
        return _constant(node, not operand) if isinstance(operand, bool) else node
    if type(operand) not in {int, float}:
        return node
    return _constant(node, values.negate(operand) if node.operator == "-" else operand)


def _binary(node: syntax.Binary) -> Node:
    left, right = _value(node.left), _value(node.right)
    types = {type(left), type(right)}
    if node.operator in {"and", "or"}:
        return _logical(node, left, right, absorbing=node.operator == "or")
    if node.operator == "==" and types in ({int}, {str}, {bool}):
        return _constant(node, left == right)
    numbers = types <= {int} if node.operator == "%" else types <= {int, float}
    if node.operator in "+-*/%^" and (numbers or (types == {str} and node.operator == "+")):
        try:
            return _constant(node, values.arithmetic(node.operator, left, right))
        except ConditionError as error:
            raise ConditionError(error.reason, node.position) from error
    return node


def _logical(node: syntax.Binary, left: object, right: object, *, absorbing: bool) -> Node:
    """`and`, where False absorbs the other side, or `or`, where True does."""
    if isinstance(left, bool) and left is not absorbing:
        return node.right
    if isinstance(right, bool) and right is not absorbing:
        return node.left
    if isinstance(left, bool) or isinstance(right, bool):
        return _constant(node, absorbing)
    return node


def _value(node: Node) -> object:
    return node.value if isinstance(node, syntax.Constant) else None


def _constant(node: Node, value: object) -> Node:
    """A constant in the place of a node; its type is noted where expr notes it, for numbers."""
    known = not (isinstance(node, syntax.Binary) and node.operator == "%")
    static = _NUMBERS.get(type(value), Static.ANY) if known else Static.ANY
    return syntax.Constant(value, position=node.position, static=static)
