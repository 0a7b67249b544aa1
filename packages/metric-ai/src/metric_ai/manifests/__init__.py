"""`metric-ai check`: what is wrong with AnalysisTemplates and ConfigMaps, with file and line."""

from ._arguments import declared, is_open, resolved
from ._config_map import NAME as CONFIG_NAME
from ._config_map import config_problems, entry_of
from ._documents import BrokenYamlError, Document, read_documents, read_text
from ._findings import Problem
from ._templates import KINDS, asks_us, metrics_of, stanza_of, template_problems

__all__ = [
    "CONFIG_NAME",
    "KINDS",
    "BrokenYamlError",
    "Document",
    "Problem",
    "asks_us",
    "config_problems",
    "declared",
    "entry_of",
    "is_open",
    "metrics_of",
    "read_documents",
    "read_text",
    "resolved",
    "stanza_of",
    "template_problems",
]
