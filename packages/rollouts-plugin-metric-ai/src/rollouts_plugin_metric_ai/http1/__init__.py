"""HTTP/1.1 as a client of strangers speaks it: h11 over asyncio's transports, and connections that are kept.

h11 reads and writes the protocol; what is here moves its bytes, resolves names through a function that may
refuse addresses, and keeps a few connections for the next request. No redirects, cookies, proxies, compression
or retries: whoever asks decides about those. An engine with more to it was used before: its requests took
about three times the processor time, and a plugin at rest 4 MB more.

Importing this takes 15 ms, for h11, so it is imported with the first request.
"""

from ._connection import Connection, Head, HungUpError, NoHttpError, Progress, Request
from ._dial import ConnectTimeoutError, Resolve, resolve_any
from ._pool import Pool, PoolLimits

__all__ = [
    "ConnectTimeoutError",
    "Connection",
    "Head",
    "HungUpError",
    "NoHttpError",
    "Pool",
    "PoolLimits",
    "Progress",
    "Request",
    "Resolve",
    "resolve_any",
]
