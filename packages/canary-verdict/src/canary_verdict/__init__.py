"""The contract between the plugin and an agent: the request, the verdict, and nothing else.

Documents are plain JSON objects; `parse_request` and `parse_verdict` turn them into frozen
dataclasses or raise `ContractError` with the path, what was found and what is expected.
"""

from ._errors import ContractError
from ._reader import clip
from .attached import (
    MAX_ATTACHED_GAPS,
    MAX_ATTACHED_LOG,
    MAX_ATTACHED_LOGS,
    MAX_ATTACHED_PODS,
    MAX_ATTACHED_TEXT,
    MAX_GAP,
    MAX_POD_STATUS,
    SIDES,
    AttachedGap,
    AttachedLog,
    AttachedPod,
    Attachments,
    SideName,
)
from .durations import format_duration, parse_duration
from .request import (
    EXTENSION_URI,
    MAX_EXTRA_PROMPT,
    REQUEST_MEDIA_TYPE,
    SCHEMA_VERSION,
    SENSITIVITIES,
    CanaryRequest,
    Policy,
    Repository,
    Run,
    Selection,
    parse_policy,
    parse_request,
)
from .schemas import REQUEST_SCHEMA, VERDICT_SCHEMA, load_schema
from .sides import HASH_LABEL, Origin, side_of
from .timeline import MAX_MARKS, MAX_STEPS, Timeline, TimelineMark, TimelineSide
from .verdict import (
    ARTIFACT_NAME,
    VERDICT_MEDIA_TYPE,
    CanaryVerdict,
    Coverage,
    EvidenceItem,
    ModelResult,
    Sample,
    Verdict,
    parse_verdict,
)
from .waivers import WAIVABLE, wrong_waiver

__all__ = [
    "ARTIFACT_NAME",
    "EXTENSION_URI",
    "HASH_LABEL",
    "MAX_ATTACHED_GAPS",
    "MAX_ATTACHED_LOG",
    "MAX_ATTACHED_LOGS",
    "MAX_ATTACHED_PODS",
    "MAX_ATTACHED_TEXT",
    "MAX_EXTRA_PROMPT",
    "MAX_GAP",
    "MAX_MARKS",
    "MAX_POD_STATUS",
    "MAX_STEPS",
    "REQUEST_MEDIA_TYPE",
    "REQUEST_SCHEMA",
    "SCHEMA_VERSION",
    "SENSITIVITIES",
    "SIDES",
    "VERDICT_MEDIA_TYPE",
    "VERDICT_SCHEMA",
    "WAIVABLE",
    "AttachedGap",
    "AttachedLog",
    "AttachedPod",
    "Attachments",
    "CanaryRequest",
    "CanaryVerdict",
    "ContractError",
    "Coverage",
    "EvidenceItem",
    "ModelResult",
    "Origin",
    "Policy",
    "Repository",
    "Run",
    "Sample",
    "Selection",
    "SideName",
    "Timeline",
    "TimelineMark",
    "TimelineSide",
    "Verdict",
    "clip",
    "format_duration",
    "load_schema",
    "parse_duration",
    "parse_policy",
    "parse_request",
    "parse_verdict",
    "side_of",
    "wrong_waiver",
]
