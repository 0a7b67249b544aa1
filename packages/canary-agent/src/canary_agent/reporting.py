"""The report of what lies in a file or a folder, offline: `canary-agent report`."""

import json
from pathlib import Path

from canary_verdict import CanaryRequest, ContractError, parse_verdict

from .bundle import BundleError, read_bundle
from .judging import OFFLINE, judge_file
from .report import Report, report_page


class ReportingError(Exception):
    """There can be no report; says why, and what to do."""


def report_file(path: Path) -> str:
    """The page of a bundle's verdict, or of a folder's, which is reached now.

    Raises:
        ReportingError: the bundle cannot be read, or its verdict.
        JudgingError: see `judging.judge_file`.
    """
    if path.is_dir():
        return _page(path, judge_file(path)[0], None)
    try:
        return report_bundle(path)
    except BundleError as error:
        raise ReportingError(str(error)) from error


def report_bundle(path: Path) -> str:
    """The page of a bundle's verdict; one without is judged first.

    Raises:
        BundleError: it is no bundle.
        ReportingError: its verdict cannot be read, or is another run's.
        JudgingError: see `judging.judge_file`.
    """
    bundle = read_bundle(path)
    return _page(path, bundle.verdict or judge_file(path)[0], bundle.request)


def _page(path: Path, text: str, request: CanaryRequest | None) -> str:
    try:
        verdict = parse_verdict(json.loads(text), (request or OFFLINE).run.uid)
    except ContractError as error:
        raise ReportingError(
            f"{path}: its verdict cannot be read: {error}; use a canary-agent as new as the one that "
            "saved it"
        ) from error
    except ValueError as error:
        raise ReportingError(f"{path}: its verdict is no JSON: {error}") from error
    return report_page(Report(verdict=verdict, request=request, bundle=path.name))
