"""Where an installation is looked for, and what the checks learn on their way."""

from dataclasses import dataclass, field

from metric_ai.cluster import Cluster, Json


@dataclass(slots=True)
class Place:
    """One cluster's installation.

    Attributes:
        namespace: whose AnalysisTemplates count; empty: all.
        argo_namespace: the controller's.
        agent_url: asked instead of those that templates name.
        agent_account: `NAMESPACE/NAME` of the agent's account.
        controller: its Deployment, once it was found.
        agent: the agent's, likewise.
        templates: those that ask our plugin, likewise.
    """

    cluster: Cluster
    namespace: str
    argo_namespace: str
    agent_url: str = ""
    agent_account: str = ""
    controller: Json = field(default_factory=dict)
    agent: Json = field(default_factory=dict)
    templates: list[Json] = field(default_factory=list)
