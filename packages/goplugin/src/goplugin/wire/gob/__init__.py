"""Go's encoding/gob, sans IO: `Decoder` turns bytes of a stream into values, `Encoder` values into bytes.

    node: Struct = Struct("Node", {"Value": INT, "Next": lambda: node})
    data = Encoder().encode(node, {"Value": 1, "Next": {"Value": 2}})
    decoder = Decoder()
    decoder.receive_data(data)
    decoder.next_value()  # {'Value': 1, 'Next': {'Value': 2}}
    decoder.next_value()  # NEED_DATA

Gob describes itself: a stream defines each type once, and a decoder needs to know none of them. The decoder accepts every
type a peer defines and gives every field it sends; the encoder is told the type of each value.

Source: Go's encoding/gob, doc.go.
"""

from goplugin.wire.gob._decoder import NEED_DATA, Decoder
from goplugin.wire.gob._encoder import Encoder
from goplugin.wire.gob._types import (
    BOOL,
    BYTES,
    COMPLEX,
    FLOAT,
    INT,
    INTERFACE,
    STRING,
    UINT,
    Array,
    BinaryMarshaler,
    GobEncoder,
    Interface,
    Map,
    Slice,
    Struct,
    TextMarshaler,
    Type,
)

__all__ = [
    "BOOL",
    "BYTES",
    "COMPLEX",
    "FLOAT",
    "INT",
    "INTERFACE",
    "NEED_DATA",
    "STRING",
    "UINT",
    "Array",
    "BinaryMarshaler",
    "Decoder",
    "Encoder",
    "GobEncoder",
    "Interface",
    "Map",
    "Slice",
    "Struct",
    "TextMarshaler",
    "Type",
]
