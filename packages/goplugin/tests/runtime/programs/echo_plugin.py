"""A plugin for the tests: small methods that show what a host can see."""

import asyncio
import logging
import os
import sys
import time

from goplugin import HandshakeConfig, Method, ServeConfig, Service, serve
from goplugin.wire.gob import BYTES, INT, STRING

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
}


def make_service(_broker: object) -> Service:
    return Service(METHODS)


def make_broken(_broker: object) -> Service:
    raise RuntimeError("the factory is broken")


if __name__ == "__main__":
    sys.exit(serve(ServeConfig(HANDSHAKE, {"Echo": make_service, "Broken": make_broken})))
