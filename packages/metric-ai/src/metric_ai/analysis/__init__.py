"""`metric-ai analyze`: a verdict now, by the agent's own evidence, without an agent."""
