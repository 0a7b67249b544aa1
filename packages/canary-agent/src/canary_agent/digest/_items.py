"""Evidence items as documents, in three sizes."""

from dataclasses import dataclass

from canary_verdict import EvidenceItem, Sample

from ._encode import Value, untrusted


@dataclass(frozen=True, slots=True)
class Size:
    """Characters of the longest texts; samples are left out at 0."""

    what: int
    sample: int


SIZES = (Size(300, 400), Size(200, 140), Size(120, 0))
"""From the fullest to the leanest."""

_NAME = 80


def item_document(item: EvidenceItem, size: Size) -> dict[str, Value]:
    """One evidence item; what has no value is left out."""
    document: dict[str, Value] = {
        "id": item.id,
        "kind": item.kind,
        "strength": item.strength,
        "what": untrusted(item.what, size.what),
        "stable": item.stable,
        "canary": item.canary,
        "stablePer1000": item.stable_rate,
        "canaryPer1000": item.canary_rate,
        "ratio": item.ratio,
        "p": item.p,
        "q": item.q,
    }
    if size.sample:
        document["stableSample"] = _sample(item.stable_sample, size.sample)
        document["canarySample"] = _sample(item.canary_sample, size.sample)
    return {name: value for name, value in document.items() if value is not None}


def _sample(sample: Sample | None, limit: int) -> dict[str, Value] | None:
    if sample is None:
        return None
    return {
        "line": untrusted(sample.line, limit),
        "pod": untrusted(sample.pod, _NAME),
        "container": untrusted(sample.container, _NAME),
    }
