"""Connections to agents: made to the very addresses that the policy has been asked about.

Importing this takes 15 ms, for the HTTP engine, so it is imported when the first request is sent.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rollouts_plugin_metric_ai.http1 import Pool, PoolLimits, resolve_any

from ._address import HostPolicy, as_ip
from ._errors import AddressRefused, AgentUnreachable
from ._limits import ClientLimits

if TYPE_CHECKING:
    import ssl

_MAX_ADDRESSES = 4


class CheckedResolver:
    """Resolves a host and asks the policy about each of its addresses."""

    def __init__(self, policy: HostPolicy) -> None:
        self._policy = policy

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The allowed addresses of `host`, at most four.

        Raises:
            AddressRefused: it has addresses, and none is allowed.
            AgentUnreachable: it has none.
        """
        ip = as_ip(host)
        if ip is not None:
            self._policy.check_ip(ip, host)
            return (host,)
        try:
            found = await resolve_any(host, port)
        except OSError as error:
            raise AgentUnreachable(
                f"the name {host!r} does not resolve ({error.strerror}); check the address"
            ) from error
        allowed, refusal = [], None
        for address in found:
            try:
                self._check(address, host)
            except AddressRefused as error:
                refusal = error
            else:
                allowed.append(address)
        if not allowed:
            raise refusal or AgentUnreachable(f"the name {host!r} has no address")
        return allowed[:_MAX_ADDRESSES]

    def _check(self, address: str, host: str) -> None:
        ip = as_ip(address)
        if ip is None:
            # A zone, as in fe80::1%eth0, is a link-local address.
            raise AddressRefused(f"found {host!r} at {address}, expected no link-local address")
        self._policy.check_ip(ip, host)


def open_pool(policy: HostPolicy, limits: ClientLimits, tls: "ssl.SSLContext | None") -> Pool:
    """A pool of connections to agents; `tls` is None where only http is spoken."""
    bounds = PoolLimits(limits.max_idle, limits.keepalive_seconds, limits.connect_seconds)
    return Pool(CheckedResolver(policy), tls, bounds)
