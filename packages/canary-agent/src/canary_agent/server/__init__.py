"""The A2A server over durable analyses."""

from .app import AppSettings, build_app
from .serving import ServeSettings, serve
from .waiting import Waiting

__all__ = ["AppSettings", "ServeSettings", "Waiting", "build_app", "serve"]
