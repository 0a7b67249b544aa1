"""All signatures, in the order in which they are tried."""

from ._code import CODE
from ._data import DATA
from ._network import NETWORK
from ._platform import PLATFORM
from ._signature import Signature
from ._symptoms import SYMPTOMS

# The first that matches names the cause: what a program runs on before what it says of itself, causes
# before symptoms.
SIGNATURES: tuple[Signature, ...] = (*PLATFORM, *NETWORK, *DATA, *CODE, *SYMPTOMS)
