"""A node for tests: pods' containers are processes of this machine, on addresses of 127.0.0.0/8.

`python -m kubelet --help` starts one. It registers a node, takes pods that have none, runs, probes and
restarts their containers, keeps status and events, forwards what is sent to Services' addresses to
ready pods, and serves logs to the API server over TLS. No images: a table says which command an
image's name stands for. No volumes, no DNS, no limits but memory.
"""

from ._network import Network, claim_network

__all__ = ["Network", "claim_network"]
