"""A2A agent that compares a canary's logs with stable's and answers promote, rollback or inconclusive."""
