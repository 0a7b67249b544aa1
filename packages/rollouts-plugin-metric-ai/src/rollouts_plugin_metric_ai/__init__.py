"""The Argo Rollouts metric provider plugin `argoproj-labs/metric-ai`.

The executable starts in `cli.main`. Nothing is imported here, since the controller waits for the
handshake line, which comes before asyncio and the HTTP engine.
"""

PLUGIN_NAME = "argoproj-labs/metric-ai"

VERSION = "0.1.0"
"""The distribution's; not asked of its metadata, whose reader takes 60 ms and 1.2 MB."""

__all__ = ["PLUGIN_NAME", "VERSION"]
