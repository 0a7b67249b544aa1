"""hashicorp/go-plugin's net/rpc protocol in pure Python: write Go plugins, and hosts of them, in Python.

A plugin calls `serve`; a host starts plugins with `Client`. The wire underneath, without any IO, is `goplugin.wire`; the types
of arguments and replies are in `goplugin.wire.gob`.

Names are imported when they are first used: a plugin's handshake line has to be out before anything heavy is imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goplugin.runtime._errors import (
        BrokerTimeout,
        CallTimeout,
        HandshakeFailed,
        PluginError,
        PluginExited,
        RemoteError,
        SessionClosed,
        StartTimeout,
    )
    from goplugin.runtime._mux_broker import MuxBroker
    from goplugin.runtime._serve import ServeConfig, serve
    from goplugin.runtime._service import Method, Service
    from goplugin.runtime._stream import Stream
    from goplugin.runtime.hclog import TRACE, HclogHandler
    from goplugin.runtime.host import Client, LogLine, RpcClient
    from goplugin.wire import (
        DEFAULT_LIMITS,
        Limits,
        LocalProtocolError,
        ProtocolError,
        RemoteProtocolError,
    )
    from goplugin.wire.handshake import HandshakeConfig

__all__ = [
    "DEFAULT_LIMITS",
    "TRACE",
    "BrokerTimeout",
    "CallTimeout",
    "Client",
    "HandshakeConfig",
    "HandshakeFailed",
    "HclogHandler",
    "Limits",
    "LocalProtocolError",
    "LogLine",
    "Method",
    "MuxBroker",
    "PluginError",
    "PluginExited",
    "ProtocolError",
    "RemoteError",
    "RemoteProtocolError",
    "RpcClient",
    "ServeConfig",
    "Service",
    "SessionClosed",
    "StartTimeout",
    "Stream",
    "serve",
]

_HOMES = {
    "goplugin.runtime._errors": (
        "BrokerTimeout CallTimeout HandshakeFailed PluginError PluginExited RemoteError SessionClosed StartTimeout"
    ),
    "goplugin.runtime._mux_broker": "MuxBroker",
    "goplugin.runtime._serve": "ServeConfig serve",
    "goplugin.runtime._service": "Method Service",
    "goplugin.runtime._stream": "Stream",
    "goplugin.runtime.hclog": "TRACE HclogHandler",
    "goplugin.runtime.host": "Client LogLine RpcClient",
    "goplugin.wire": "DEFAULT_LIMITS Limits LocalProtocolError ProtocolError RemoteProtocolError",
    "goplugin.wire.handshake": "HandshakeConfig",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
