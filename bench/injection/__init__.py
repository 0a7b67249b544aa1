"""Texts that try to talk a judge into a promotion, and secrets that must not leave: against a stub that obeys."""
