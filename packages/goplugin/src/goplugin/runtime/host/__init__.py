"""The host's side: start a plugin's process, connect to it, call it, end it (client.go, rpc_client.go)."""

from goplugin.runtime._rpc_client import RpcClient
from goplugin.runtime.host._client import Client
from goplugin.runtime.host._log_line import LogLine, parse_log_line

__all__ = ["Client", "LogLine", "RpcClient", "parse_log_line"]
