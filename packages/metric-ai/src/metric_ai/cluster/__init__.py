"""The cluster, as far as the commands ask it: reading, and reviews of rights. Nothing here writes.

Configuration and credentials are read as the agent reads them (`canary_agent.collect.kubernetes.Access`): YAML, client
certificates, tokens, and programs that fetch them.
"""

from ._calls import Calls, ClusterError
from ._cluster import Cluster, connect
from ._objects import Json, items_of, mapping, mappings, name_of, text

__all__ = [
    "Calls",
    "Cluster",
    "ClusterError",
    "Json",
    "connect",
    "items_of",
    "mapping",
    "mappings",
    "name_of",
    "text",
]
