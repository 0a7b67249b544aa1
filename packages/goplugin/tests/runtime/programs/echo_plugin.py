"""A plugin for the tests: small methods that show what a host can see."""

import asyncio
import json
import logging
import os
import sys
import threading
import time

from goplugin import HandshakeConfig, Limits, Method, MuxBroker, ServeConfig, Service, serve
from goplugin.wire.gob import BYTES, INT, STRING, UINT

HANDSHAKE = HandshakeConfig(1, "GOPLUGIN_TEST", "echo")


async def echo(args: object) -> object:
    return args


async def fail(args: object) -> object:
    raise LookupError(f"no such thing: {args}")


async def leave(args: object) -> object:
    sys.exit(3)


async def cancel(args: object) -> object:
    raise asyncio.CancelledError


async def wrong(args: object) -> object:
    return 12


async def later(args: object) -> object:
    """Replies after that many milliseconds."""
    assert isinstance(args, int)
    await asyncio.sleep(args / 1000)
    return args


async def hog(args: object) -> object:
    """Keeps the loop busy for that many milliseconds."""
    assert isinstance(args, int)
    end = time.monotonic() + args / 1000
    while time.monotonic() < end:
        pass
    return args


async def block(args: object) -> object:
    """Holds the loop without using it."""
    assert isinstance(args, int)
    time.sleep(args / 1000)  # noqa: ASYNC251 - to block the loop is its purpose
    return args


async def write(args: object) -> object:
    """Writes on stdout and stderr, and to the log."""
    print(f"out {args}", flush=True)
    print(f"err {args}", file=sys.stderr, flush=True)
    logging.getLogger("goplugin").warning("log %s", args, extra={"answer": 42})
    return str(args)


async def large(args: object) -> object:
    assert isinstance(args, int)
    return b"x" * args


async def pid(args: object) -> object:
    return os.getpid()


async def thread(args: object) -> object:
    """Lets a thread fail."""

    def run() -> None:
        raise LookupError(f"in a thread: {args}")

    failing = threading.Thread(target=run)
    failing.start()
    await asyncio.to_thread(failing.join)
    return args


async def stay(args: object) -> object:
    """Starts a thread that does not end with the plugin."""
    threading.Thread(target=time.sleep, args=(600,)).start()
    return args


async def length(args: object) -> object:
    assert isinstance(args, bytes)
    return len(args)


METHODS = {
    "Echo": Method(STRING, echo),
    "EchoBytes": Method(BYTES, echo),
    "Fail": Method(STRING, fail),
    "Exit": Method(STRING, leave),
    "Cancel": Method(STRING, cancel),
    "Wrong": Method(STRING, wrong),
    "Later": Method(INT, later),
    "Hog": Method(INT, hog),
    "Block": Method(INT, block),
    "Write": Method(STRING, write),
    "Large": Method(BYTES, large),
    "Pid": Method(INT, pid),
    "Thread": Method(STRING, thread),
    "Stay": Method(STRING, stay),
    "Length": Method(INT, length),
}


def make_service(broker: MuxBroker) -> Service:
    async def ask_host(args: object) -> object:
        """Calls Plugin.Echo of what the host serves at an id."""
        assert isinstance(args, int)
        client = await broker.dial_rpc(args)
        reply = await asyncio.wrap_future(client.start("Plugin.Echo", STRING, "from the plugin"))
        client.close()
        return reply

    async def offer(_args: object) -> object:
        """Serves the same once more, on a brokered stream."""
        number = broker.next_id()
        offers.append(asyncio.ensure_future(broker.accept_and_serve(number, Service(METHODS))))
        return number

    offers: list[asyncio.Future[None]] = []
    more = {"AskHost": Method(STRING, ask_host), "Offer": Method(UINT, offer)}
    return Service({**METHODS, **more})


def make_broken(_broker: object) -> Service:
    raise RuntimeError("the factory is broken")


if __name__ == "__main__":
    limits = Limits(**json.loads(os.environ.get("ECHO_LIMITS", "{}")))
    plugins = {"Echo": make_service, "Broken": make_broken}
    sys.exit(serve(ServeConfig(HANDSHAKE, plugins, limits=limits)))
