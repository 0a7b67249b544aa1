"""`python -m shop`: serves one version until SIGTERM or SIGINT."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from shop.logs import set_up_logging
from shop.server import ShopServer
from shop.versions import VERSIONS, load_version

_log = logging.getLogger("shop")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the shop; 0 after a signal, 2 when the port cannot be had.

    What `Shop.refresh_stock` raises is not caught: Python prints the stack and exits with 1.
    """
    options = _parse(arguments)
    set_up_logging(sys.stdout)
    shop = load_version(options.version)(options.seed)
    try:
        server = ShopServer(shop, options.host, options.port)
    except OSError as error:
        _log.error("cannot listen on %s:%d: %s", options.host, options.port, error)
        return 2
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    shop.started()
    server.serve_in_background()
    _log.info("listening on http://%s:%d version=%s", options.host, server.server_port, shop.number)
    while not stopping.wait(options.refresh_seconds):
        shop.refresh_stock()
    _log.info("stopping on a signal")
    server.shutdown()
    server.server_close()
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="shop", description="A small shop, released well or badly."
    )
    parser.add_argument(
        "--version",
        choices=VERSIONS,
        default=os.environ.get("SHOP_VERSION", "stable"),
        help="which release to be (SHOP_VERSION; default: stable)",
    )
    parser.add_argument(
        "--host",
        default=os.environ.get("SHOP_HOST", "127.0.0.1"),
        help="address to listen on (SHOP_HOST; default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("SHOP_PORT", "0"),
        help="port; 0 takes a free one, the log names it (SHOP_PORT; default: 0)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=os.environ.get("SHOP_SEED", "1"),
        help="decides what chance decides (SHOP_SEED; default: 1)",
    )
    parser.add_argument(
        "--refresh-seconds",
        type=float,
        default=1.0,
        help="time between two looks at the stock (default: 1)",
    )
    options = parser.parse_args(arguments)
    # A default from the environment is not checked against choices.
    if options.version not in VERSIONS:
        parser.error(f"SHOP_VERSION is {options.version!r}; expected one of {', '.join(VERSIONS)}")
    if not 0 <= options.port <= 65535:
        parser.error(f"--port is {options.port}; expected 0 to 65535")
    return options


if __name__ == "__main__":
    sys.exit(main())
