"""The Argo Rollouts metric provider plugin `argoproj-labs/metric-ai`.

The executable starts in `cli.main`. Nothing is imported here, since the controller waits for the
handshake line, which comes before asyncio and the HTTP engine.
"""

PLUGIN_NAME = "argoproj-labs/metric-ai"

__all__ = ["PLUGIN_NAME"]
