"""The options of `canary-agent serve` that concern models."""

import argparse
from collections.abc import Callable, MutableMapping

from ._panel import PanelSettings

_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")


def _number(low: float, high: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, expected {low:g} to {high:g}")
        return value

    return number


def _whole(low: int, high: int) -> Callable[[str], int]:
    return lambda text: int(_number(low, high)(text))


def _yes(text: str) -> bool:
    if text.lower() not in _YES + _NO:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected yes or no")
    return text.lower() in _YES


MODEL_OPTIONS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "models": (
        str,
        "NAMES",
        "models that vote, provider:name with commas between them; a|b asks b when a fails (or MODELS)",
    ),
    "model_seconds": (_number(1, 600), "SECONDS", "for one model, with all attempts (default 60)"),
    "model_tokens": (_whole(200, 64_000), "N", "output tokens of one answer (default 4000)"),
    "digest_tokens": (_whole(1000, 100_000), "N", "tokens that a model reads (default 4000)"),
    "model_lookups": (_yes, "yes", "models may ask for more of the same evidence (default no)"),
    "one_model_may_roll_back": (_yes, "yes", "one vote to roll back is enough (default no: two)"),
    "disagreement": (
        _number(0, 1),
        "SHARE",
        "of the votes for a promotion, above which models alone roll nothing back (default 0.5)",
    ),
}
"""By the option's name: its type, metavar and help."""

_FIELDS = {
    "model_seconds": "seconds",
    "model_tokens": "output_tokens",
    "digest_tokens": "digest_tokens",
    "model_lookups": "lookups",
    "one_model_may_roll_back": "one_may_roll_back",
    "disagreement": "disagreement",
}


def take_panel(values: MutableMapping[str, object]) -> PanelSettings:
    """Takes the options of `MODEL_OPTIONS` but the names out of what was given."""
    given = {field: values.pop(name) for name, field in _FIELDS.items() if name in values}
    return PanelSettings(**given)  # type: ignore[arg-type]  # each was read by its option's type
