"""A bundle as a page."""

from pathlib import Path

from canary_agent.bundle import BundleError
from canary_agent.judging import JudgingError
from canary_agent.reporting import ReportingError, report_bundle

from .exits import NO_BUNDLE, CommandError


def page_of(path: Path) -> str:
    """The page of a bundle; one without a verdict is judged first.

    Raises:
        CommandError: it is no bundle, or it cannot be judged.
    """
    try:
        return report_bundle(path)
    except BundleError as error:
        raise CommandError(str(error), NO_BUNDLE) from error
    except (ReportingError, JudgingError) as error:
        raise CommandError(str(error), f"metric-ai analyze {path} judges it anew") from error
