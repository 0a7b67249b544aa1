"""The templates, and what keeps foreign text in them harmless.

Three walls, each enough by itself: everything is escaped, nothing in a page may run or be fetched (the
policy allows one style sheet, by its hash), and links go to plain http and https addresses only.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from canary_verdict.redaction import visible

from ._words import FILTERS

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_TEXT = 4000
"""Characters that one value may put into a page."""

_STYLE = (_TEMPLATES / "style.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; "
    "form-action 'self'"
)
CONTENT_SECURITY_POLICY: Final = f"{_POLICY}; frame-ancestors 'none'"
"""The header for served pages; the pages carry the same, but for what a page cannot say of itself."""


def render(template: str, **values: object) -> str:
    """The page that a template makes of the values."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(style=Markup(_STYLE), policy=_POLICY)  # noqa: S704 - a file of ours
    return environment


def _shown(value: object) -> object:
    # What is marked as safe is ours, and so is what is no text.
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, _MOST_TEXT)
    return value
