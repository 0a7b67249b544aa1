"""Language models: which ones are asked, what they were asked and answered, and how to ask again.

This package is light: what imports pydantic-ai and the providers' own libraries is `models.asking` and
`models.building`, which nothing imports before a model is asked.
"""

from ._errors import ModelsError
from ._exchange import Exchange, LookedUp, Outcome, Purpose
from ._names import ModelName, parse_models
from ._options import MODEL_OPTIONS, take_panel
from ._panel import (
    Ask,
    Bounds,
    NoAnswer,
    Panel,
    PanelSettings,
    Question,
    RecordedPanel,
    Stopped,
    parts_of,
)
from ._prompt import INSTRUCTIONS
from ._providers import SECRETS
from ._settings import ModelSettings, modules_for, panel_for, read_models

__all__ = [
    "INSTRUCTIONS",
    "MODEL_OPTIONS",
    "SECRETS",
    "Ask",
    "Bounds",
    "Exchange",
    "LookedUp",
    "ModelName",
    "ModelSettings",
    "ModelsError",
    "NoAnswer",
    "Outcome",
    "Panel",
    "PanelSettings",
    "Purpose",
    "Question",
    "RecordedPanel",
    "Stopped",
    "modules_for",
    "panel_for",
    "parse_models",
    "parts_of",
    "read_models",
    "take_panel",
]
