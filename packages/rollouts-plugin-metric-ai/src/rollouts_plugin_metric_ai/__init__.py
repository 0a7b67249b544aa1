"""Argo Rollouts metric provider plugin that asks an A2A agent whether a canary may be promoted."""
