"""What a model may ask for besides the digest: more of the same sample, read-only, and little of it."""

from ._lookups import LookupLimits, LookupRefused, Lookups

__all__ = ["LookupLimits", "LookupRefused", "Lookups"]
