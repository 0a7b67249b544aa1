"""Sockets, processes and threads around `goplugin.wire`: the plugin's side here, the host's in `goplugin.runtime.host`.

The public names are those of `goplugin`.
"""

__all__: list[str] = []
