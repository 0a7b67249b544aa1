"""A host that is there to be killed: starts the plugin, says its pid and socket, and waits.

With the argument `connect` it connects to the plugin, with `wait` it does not.
"""

import json
import os
import subprocess
import sys

from goplugin import Client, HandshakeConfig

HANDSHAKE = HandshakeConfig(1, "GOPLUGIN_TEST", "echo")


def main() -> None:
    how, argv = sys.argv[1], sys.argv[2:]
    if how == "connect":
        client = Client(argv, HANDSHAKE)
        client.start()
        tell(client.pid, client.address)
    else:
        env = {**os.environ, "GOPLUGIN_TEST": "echo"}
        plugin = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)
        assert plugin.stdout is not None
        tell(plugin.pid, plugin.stdout.readline().split("|")[3])
    sys.stdin.read()


def tell(pid: int, address: str) -> None:
    print(json.dumps({"pid": pid, "address": address}), flush=True)


if __name__ == "__main__":
    main()
