"""Judges bundles again and compares with what they hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from canary_agent.analysis import analyse
from canary_agent.bundle import read_bundle
from canary_agent.collect import CollectError
from canary_agent.evidence import PolicyError
from canary_agent.models import Panel
from canary_verdict import CanaryRequest, ContractError, parse_policy
from canary_verdict.redaction import visible

from ._columns import Outcome, dollars, lines, total

_MAX_ERROR = 300


@dataclass(frozen=True, slots=True)
class Changes:
    """What is asked otherwise than it was; None: as it was. `policy` is JSON text."""

    policy: str | None = None
    extra_prompt: str | None = None

    def made(self, request: CanaryRequest) -> CanaryRequest:
        """The request with these changes.

        Raises:
            PolicyError: the policy is none.
        """
        if self.extra_prompt is not None:
            request = replace(request, extra_prompt=self.extra_prompt)
        if self.policy is None:
            return request
        try:
            return replace(request, policy=parse_policy(json.loads(self.policy)))
        except (ContractError, ValueError, RecursionError) as error:
            raise PolicyError(f"--policy: {error}") from error


@dataclass(frozen=True, slots=True)
class Row:
    """One bundle; `before` is None where it holds no verdict, `after` where there is none: `error` says why."""

    bundle: str
    before: Outcome | None = None
    after: Outcome | None = None
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether both are there and differ in what they advise."""
        return bool(self.before and self.after and self.before.verdict != self.after.verdict)

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "bundle": self.bundle,
            "before": self.before.to_json() if self.before else None,
            "after": self.after.to_json() if self.after else None,
            "changed": self.changed,
            "error": self.error,
        }


def replay(paths: Sequence[Path], panel: Panel | None, changes: Changes) -> list[Row]:
    """Judges each bundle, with the answers that it holds where `panel` is None."""
    return [_row(path, panel, changes) for path in paths]


def _row(path: Path, panel: Panel | None, changes: Changes) -> Row:
    before = None
    try:
        bundle = read_bundle(path)
        before = Outcome.of(json.loads(bundle.verdict)) if bundle.verdict else None
        request = changes.made(bundle.request)
        verdict = analyse(request, bundle, lambda: False, panel=panel or bundle.panel)
    except (CollectError, PolicyError, OSError, ValueError, KeyError) as error:
        return Row(path.name, before, error=visible(str(error), _MAX_ERROR))
    return Row(path.name, before, Outcome.of(verdict.to_json()))


def summary_of(rows: Sequence[Row]) -> Mapping[str, Any]:
    """Verdicts changed, tokens, cost and seconds of all bundles."""
    after = [row.after for row in rows if row.after]
    return {
        "bundles": len(rows),
        "changed": sum(row.changed for row in rows),
        "errors": sum(bool(row.error) for row in rows),
        "tokensIn": sum(one.tokens_in for one in after),
        "tokensOut": sum(one.tokens_out for one in after),
        "costUsd": total([one.cost for one in after]),
        "seconds": round(sum(one.seconds for one in after), 3),
    }


def table_of(rows: Sequence[Row]) -> str:
    """One line a bundle, and one on all."""
    head = (
        "bundle",
        "before",
        "after",
        "tokens in/out",
        "cost",
        "seconds",
        "before: tokens, cost, s",
    )
    body = [_cells(row) for row in rows]
    found = summary_of(rows)
    return (
        f"{lines(head, body)}\n"
        f"{found['changed']} of {found['bundles']} verdicts changed, {found['errors']} without one; "
        f"{found['tokensIn']} tokens in, {found['tokensOut']} out, {dollars(found['costUsd'])}, "
        f"{found['seconds']:g} s"
    )


def _cells(row: Row) -> tuple[str, ...]:
    before, after = row.before, row.after
    old = (
        f"{before.tokens_in}/{before.tokens_out}, {dollars(before.cost)}, {before.seconds:.1f}"
        if before
        else "-"
    )
    if after is None:
        return row.bundle, _told(before), f"error: {row.error}", "-", "-", "-", old
    changed = " *" if row.changed else ""
    tokens = f"{after.tokens_in}/{after.tokens_out}"
    seconds = f"{after.seconds:.1f}"
    return (
        row.bundle,
        _told(before),
        _told(after) + changed,
        tokens,
        dollars(after.cost),
        seconds,
        old,
    )


def _told(outcome: Outcome | None) -> str:
    return f"{outcome.verdict} {outcome.confidence:g}" if outcome else "-"
