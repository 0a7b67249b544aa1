"""The A2A server over durable analyses."""

from .app import AppSettings, build_app
from .handler import CanaryRequestHandler
from .serving import ServeSettings, serve

__all__ = ["AppSettings", "CanaryRequestHandler", "ServeSettings", "build_app", "serve"]
