"""Decides from evidence, a policy and models' votes; the only place where a verdict is made."""

from ._cause import root_cause
from ._decide import Decision, decide, evidence_id
from ._grade import BY_SENSITIVITY, Graded, Strength, Thresholds, grade
from ._report import analysis, evidence_items
from ._shortage import DEFAULT_MIN_LINES, waits
from ._table import TABLE, Against, Evidence, Vote, VotingRules, against, valid_votes
from ._voting import NOBODY, rationale

__all__ = [
    "BY_SENSITIVITY",
    "DEFAULT_MIN_LINES",
    "NOBODY",
    "TABLE",
    "Against",
    "Decision",
    "Evidence",
    "Graded",
    "Strength",
    "Thresholds",
    "Vote",
    "VotingRules",
    "against",
    "analysis",
    "decide",
    "evidence_id",
    "evidence_items",
    "grade",
    "rationale",
    "root_cause",
    "valid_votes",
    "waits",
]
