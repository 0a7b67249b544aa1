"""The contract between Argo Rollouts' AI metric plugin and the agents that answer it: request, verdict, JSON Schema."""
