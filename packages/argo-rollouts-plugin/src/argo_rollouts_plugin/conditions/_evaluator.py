"""Evaluation of a checked syntax tree (expr v1.15.5, compiler/compiler.go and vm/vm.go)."""

from collections.abc import Callable
from typing import Any, Final

from . import _limits as limits
from . import _syntax as syntax
from . import _values as values
from ._errors import ConditionError
from ._functions import FUNCTIONS
from ._kinds import Byte, Static, admitted, go_name
from ._syntax import Node

_UNREADABLE: Final = object()


class _NilInChain(Exception):  # noqa: N818 - ends a chain, tells of no error
    """A `?.` found nil: the rest of its chain is nil."""


def evaluate_node(node: Node, result: object) -> object:
    """The value of an expression.

    Raises:
        ConditionError: an operation does not take the values it meets, or there are more than
            `_limits` allows.
    """
    return _Evaluator(result).value(node)


class _Evaluator:
    def __init__(self, result: object) -> None:
        self._result = admitted(result)
        self._elements: list[object] = []
        self._steps = 0
        self._items = 0

    def value(self, node: Node) -> Any:  # noqa: ANN401 - a value of the language
        self._steps += 1
        if self._steps > limits.STEPS:
            raise ConditionError(f"condition takes more than {limits.STEPS} steps")
        try:
            return _VALUES[type(node)](self, node)
        except ConditionError as error:
            if error.position is None:
                error.position = node.position
            raise

    def _spend(self, items: int) -> None:
        self._items += items
        if self._items > limits.VALUE_ITEMS:
            raise ConditionError(f"condition compares more than {limits.VALUE_ITEMS} elements")

    def _bool(self, node: Node) -> bool:
        value = self.value(node)
        if not isinstance(value, bool):
            raise ConditionError(f"expected bool, found {go_name(value)}", node.position)
        return value

    def constant(self, node: syntax.Constant) -> object:
        return node.value

    def result(self, _node: syntax.Result) -> object:
        return self._result

    def element(self, _node: syntax.Element) -> object:
        element = self._elements[-1]
        if element is _UNREADABLE:
            raise ConditionError("the entries of a map are no elements of an array")
        return element

    def unary(self, node: syntax.Unary) -> object:
        if node.operator == "not":
            return not self._bool(node.operand)
        value = self.value(node.operand)
        return values.negate(value) if node.operator == "-" else value

    def binary(self, node: syntax.Binary) -> object:
        if node.operator in _LAZY:
            return _LAZY[node.operator](self, node)
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "==":
            return self._equal(node, left, right)
        if node.operator == "!=":
            return not values.equal(left, right, self._spend)
        if node.operator == "in":
            return values.contains(right, left, self._spend)
        if node.operator in _TEXT_TESTS:
            return _TEXT_TESTS[node.operator](_text(left), _text(right))
        if node.operator in {"<", ">", "<=", ">="}:
            return values.compare(node.operator, left, right)
        return values.arithmetic(node.operator, left, right)

    def _equal(self, node: syntax.Binary, left: object, right: object) -> bool:
        """Where both sides are declared int or string, expr insists that they are."""
        declared = node.left.static
        expected = {Static.INT: int, Static.STRING: str}.get(declared)
        if expected is not None and declared is node.right.static:
            for value in (left, right):
                if type(value) is not expected:
                    raise ConditionError(f"expected {declared}, found {go_name(value)}")
        return values.equal(left, right, self._spend)

    def all_of(self, node: syntax.Binary) -> object:
        return self._bool(node.left) and self.value(node.right)

    def any_of(self, node: syntax.Binary) -> object:
        return self._bool(node.left) or self.value(node.right)

    def coalesce(self, node: syntax.Binary) -> object:
        left = self.value(node.left)
        return self.value(node.right) if left is None else left

    def in_set(self, node: syntax.InSet) -> object:
        needle = self.value(node.needle)
        if needle is None:
            needle = node.kind()
        if type(needle) is not node.kind:
            wanted = Static.STRING if node.kind is str else Static.INT
            raise ConditionError(f"the array holds {wanted} alone, found {go_name(needle)}")
        return needle in node.members

    def member(self, node: syntax.Member) -> object:
        base = self.value(node.base)
        if node.optional and base is None:
            raise _NilInChain
        return values.fetch(base, self.value(node.key))

    def chain(self, node: syntax.Chain) -> object:
        try:
            return self.value(node.node)
        except _NilInChain:
            return None

    def conditional(self, node: syntax.Conditional) -> object:
        return self.value(node.then if self._bool(node.condition) else node.otherwise)

    def array(self, node: syntax.Array) -> object:
        return [self.value(item) for item in node.items]

    def mapping(self, node: syntax.Mapping) -> object:
        made: dict[str, object] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            key = self.value(key_node)
            made[_text(key)] = self.value(value_node)
        return made

    def call(self, node: syntax.Call) -> object:
        arguments = [self.value(argument) for argument in node.arguments]
        return FUNCTIONS[node.name].apply(self._result, *arguments)

    def quantifier(self, node: syntax.Quantifier) -> object:
        decisive = node.name == "any"
        for element in _elements(node.name, self.value(node.collection)):
            self._elements.append(element if element is _UNREADABLE else admitted(element))
            found = self._bool(node.predicate)
            self._elements.pop()
            if found is decisive:
                return decisive
        return not decisive


_VALUES: Final[dict[type[Node], Callable[[_Evaluator, Any], object]]] = {
    syntax.Constant: _Evaluator.constant,
    syntax.Result: _Evaluator.result,
    syntax.Element: _Evaluator.element,
    syntax.Unary: _Evaluator.unary,
    syntax.Binary: _Evaluator.binary,
    syntax.InSet: _Evaluator.in_set,
    syntax.Member: _Evaluator.member,
    syntax.Chain: _Evaluator.chain,
    syntax.Conditional: _Evaluator.conditional,
    syntax.Array: _Evaluator.array,
    syntax.Mapping: _Evaluator.mapping,
    syntax.Call: _Evaluator.call,
    syntax.Quantifier: _Evaluator.quantifier,
}
_LAZY: Final[dict[str, Callable[[_Evaluator, syntax.Binary], object]]] = {
    "and": _Evaluator.all_of,
    "or": _Evaluator.any_of,
    "??": _Evaluator.coalesce,
}
_TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ConditionError(f"expected string, found {go_name(value)}")
    return value


def _elements(name: str, collection: object) -> list[object]:
    """What `any` and `all` go over.

    expr takes strings byte by byte, and maps as well as long as nobody asks for an element.
    """
    if isinstance(collection, list):
        return collection
    if isinstance(collection, str):
        return [Byte(byte) for byte in collection.encode("utf-8", "surrogatepass")]
    if isinstance(collection, dict):
        return [_UNREADABLE] * len(collection)
    raise ConditionError(f"{name} takes an array, found {go_name(collection)}")
