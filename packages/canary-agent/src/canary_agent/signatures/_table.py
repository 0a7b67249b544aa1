"""All signatures, in the order in which they are tried."""

from ._access import ACCESS
from ._brokers import BROKERS
from ._code import CODE
from ._config import CONFIG
from ._data import DATA
from ._network import NETWORK
from ._platform import PLATFORM
from ._proxies import PROXIES
from ._signature import Signature
from ._symptoms import SYMPTOMS

# The first of one depth that matches names the cause: what a program runs on before what it says of itself.
SIGNATURES: tuple[Signature, ...] = tuple(
    sorted(
        (*PLATFORM, *NETWORK, *DATA, *BROKERS, *ACCESS, *CONFIG, *CODE, *PROXIES, *SYMPTOMS),
        key=lambda signature: signature.depth,
    )
)
