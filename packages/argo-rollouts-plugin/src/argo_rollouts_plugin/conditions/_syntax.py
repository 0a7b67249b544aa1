"""The syntax tree of a condition.

Nodes are changed in place twice between parsing and evaluation: `_checker` notes static types and
turns integer literals into floats where a function wants one, `_folding` computes constants. Both
do what expr's compiler does, since both can be seen in an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ._kinds import Static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True, kw_only=True)
class Node:
    """Base of all nodes; the fields of a node that are nodes, or lists of them, are its children.

    Attributes:
        position: where the node's own token begins, in characters from 0.
        static: the type known before evaluation.
    """

    position: int
    static: Static = Static.ANY

    def children(self) -> Iterator[Node]:
        """The nodes this one is made of."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, list):
                yield from value

    def change_children(self, change: Callable[[Node], Node]) -> None:
        """Puts `change(child)` in the place of each child."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Node):
                setattr(self, item.name, change(value))
            elif isinstance(value, list):
                value[:] = map(change, value)


@dataclass(slots=True)
class Constant(Node):
    """A literal, or what folding made of one: None, bool, int, float or str."""

    value: object


@dataclass(slots=True)
class Result(Node):
    """The variable `result`."""


@dataclass(slots=True)
class Element(Node):
    """`#`: the current element within `any` and `all`."""


@dataclass(slots=True)
class Unary(Node):
    """`not`, `-` or `+`."""

    operator: str
    operand: Node


@dataclass(slots=True)
class Binary(Node):
    """An operator between two operands; `&&`, `||` and `**` are `and`, `or` and `^` here."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class InSet(Node):
    """`in` a literal array of nothing but strings, or of integers where the needle is one.

    expr looks these up in a map whose key type is fixed, so that a needle of another type is an
    error instead of an answer.
    """

    needle: Node
    members: frozenset[object]
    kind: type[int | str]


@dataclass(slots=True)
class Member(Node):
    """`base.name`, `base?.name` or `base[key]`."""

    base: Node
    key: Node
    optional: bool = False


@dataclass(slots=True)
class Chain(Node):
    """All of a chain that has a `?.` in it: nil as soon as that finds nil."""

    node: Node


@dataclass(slots=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Array(Node):
    """`[a, b]`."""

    items: list[Node]


@dataclass(slots=True)
class Mapping(Node):
    """`{a: b}`, its keys and its values in the same order."""

    keys: list[Node]
    values: list[Node]


@dataclass(slots=True)
class Call(Node):
    """A call of a function that has a name."""

    name: str
    arguments: list[Node]


@dataclass(slots=True)
class Quantifier(Node):
    """`any` or `all` of an array."""

    name: str
    collection: Node
    predicate: Node
