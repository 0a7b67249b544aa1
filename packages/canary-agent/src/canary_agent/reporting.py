"""The report of what lies in a file or a folder, offline: `canary-agent report`."""

import json
from pathlib import Path

from canary_verdict import CanaryRequest, ContractError, parse_verdict

from .bundle import BundleError, read_bundle
from .judging import judge_file
from .report import Report, report_page


class ReportingError(Exception):
    """There can be no report; says why, and what to do."""


def report_file(path: Path) -> str:
    """The page of a bundle's verdict; of a folder's, or where the bundle has none, of one reached now.

    Raises:
        ReportingError: the bundle cannot be read, or its verdict.
        JudgingError: see `judging.judge_file`.
    """
    text, request = ("", None) if path.is_dir() else _saved(path)
    document = json.loads(text or judge_file(path)[0])
    try:
        verdict = parse_verdict(document, str(document.get("runUid", "")))
    except ContractError as error:
        raise ReportingError(
            f"{path}: its verdict cannot be read: {error}; use a canary-agent as new as the one that "
            "saved it"
        ) from error
    return report_page(Report(verdict=verdict, request=request, bundle=path.name))


def _saved(path: Path) -> tuple[str, CanaryRequest]:
    try:
        bundle = read_bundle(path)
        if bundle.verdict:
            json.loads(bundle.verdict)
    except BundleError as error:
        raise ReportingError(str(error)) from error
    except ValueError as error:
        raise ReportingError(f"{path}: its verdict is no JSON: {error}") from error
    return bundle.verdict, bundle.request
