"""A bundle as a page."""

import json
from pathlib import Path

from canary_agent.analysis import analyse
from canary_agent.bundle import Bundle, BundleError, read_bundle
from canary_agent.collect import CollectError
from canary_agent.evidence import PolicyError
from canary_agent.report import Report, report_page
from canary_verdict import CanaryVerdict, ContractError, parse_verdict

from .exits import CommandError


def page_of(path: Path) -> str:
    """The page of a bundle; one without a verdict is judged first.

    Raises:
        CommandError: it is no bundle, or it cannot be judged.
    """
    try:
        bundle = read_bundle(path)
    except BundleError as error:
        raise CommandError(
            str(error),
            "metric-ai analyze --save FILE and canary-agent serve --bundles DIR write them",
        ) from error
    verdict = _verdict(bundle, path)
    return report_page(Report(verdict=verdict, request=bundle.request, bundle=path.name))


def _verdict(bundle: Bundle, path: Path) -> CanaryVerdict:
    try:
        if not bundle.verdict:
            return analyse(bundle.request, bundle, lambda: False)
        return parse_verdict(json.loads(bundle.verdict), bundle.request.run.uid)
    except (CollectError, PolicyError, ContractError, ValueError, OSError) as error:
        raise CommandError(
            f"{path}: its verdict cannot be read: {error}",
            f"metric-ai analyze {path} judges it anew",
        ) from error
