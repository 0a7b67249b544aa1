"""AnalysisRuns as the Kubernetes API serves them: whole, as tables, and watched.

Sources: Kubernetes API concepts ("Efficient detection of changes", "Receiving resources as Tables"),
k8s.io/apiserver (pkg/endpoints/handlers/response.go, watch.go), Argo Rollouts' CRD of AnalysisRuns.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubernetes_objects import Json


class BreakOffError(Exception):
    """Raised by a scripted stream: the connection is cut without an end."""


@dataclass
class Change:
    """One event of a watch."""

    version: int
    kind: str
    run: Json


@dataclass
class AnalysisRuns:
    """All AnalysisRuns of a cluster; tests change them as they like.

    `columns` are the printer columns; `oldest` is the first version that a watch may begin at; `lines`
    go to the next watch as they are; `watches` counts the watches under way, `begun` all so far.
    """

    runs: dict[tuple[str, str], Json] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    columns: tuple[str, ...] = ("Name", "Status", "Age")
    managed_fields: bool = True
    version: int = 100
    oldest: int = 0
    lines: list[bytes] = field(default_factory=list)
    watches: int = 0
    begun: int = 0
    _ending: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def create(self, name: str, uid: str, namespace: str = "prod", **spec: object) -> None:
        """A run under way."""
        run = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": name, "namespace": namespace, "uid": uid, "generation": 1},
            "spec": {"metrics": [], **spec},
            "status": {"phase": "Running"},
        }
        if self.managed_fields:
            run["metadata"]["managedFields"] = [  # type: ignore[index]
                {"manager": "rollouts-controller", "fieldsV1": {"f:spec": {"f:metrics": {}}}}
            ]
        self.runs[namespace, name] = run
        self._note("ADDED", run)

    def merge(
        self, name: str, part: str, fields: Mapping[str, object], namespace: str = "prod"
    ) -> None:
        """Merges fields into a run's `metadata`, `spec` or `status`."""
        run: Json = json.loads(json.dumps(self.runs[namespace, name]))
        run[part] = {**run[part], **fields}
        if "terminate" in fields and self.managed_fields:
            run["metadata"]["managedFields"].append(
                {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:terminate": {}}}}
            )
        self.runs[namespace, name] = run
        self._note("MODIFIED", run)

    def terminate(self, name: str, namespace: str = "prod") -> None:
        """As an abort of the Rollout does."""
        self.merge(name, "spec", {"terminate": True}, namespace)

    def delete(self, name: str, namespace: str = "prod") -> None:
        """The run is gone."""
        self._note("DELETED", self.runs.pop((namespace, name)))

    def bookmark(self) -> None:
        """Lets watches know how far they have come."""
        self._note("BOOKMARK", {"metadata": {}})

    def compact(self) -> None:
        """Forgets all changes so far."""
        self.oldest = self.version

    def end_watches(self, how: str = "end") -> None:
        """Ends the watches under way: `end` in good order, `cut` in the midst of it, `gone` with an error."""
        with self._changed:
            self._ending = how
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self.watches, 20)
            self._ending = ""

    def wait_for_watch(self, count: int = 1) -> None:
        """Returns when so many watches have begun."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.begun >= count, 20), self.begun

    def listed(self, namespace: str, query: Mapping[str, str], accept: str) -> Json:
        """The answer to a list."""
        chosen = [run for (own, _), run in self.runs.items() if namespace in ("", own)]
        chosen = chosen[: int(query.get("limit") or len(chosen) + 1)]
        metadata = {"resourceVersion": str(self.version)}
        if "as=Table" not in accept:
            return {"kind": "AnalysisRunList", "metadata": metadata, "items": chosen}
        return self._table(chosen, metadata, columns=True)

    def one(self, namespace: str, name: str, accept: str) -> Json | None:
        """The answer to a get."""
        run = self.runs.get((namespace, name))
        if run is None or "as=Table" not in accept:
            return run
        return self._table(
            [run], {"resourceVersion": run["metadata"]["resourceVersion"]}, columns=True
        )

    def watched(self, namespace: str, query: Mapping[str, str]) -> Iterator[bytes]:
        """The answer to a watch, piece by piece."""
        end = time.monotonic() + float(query["timeoutSeconds"])
        seen = int(query["resourceVersion"])
        first = True
        with self._changed:
            self.begun += 1
            self.watches += 1
            self._changed.notify_all()
            pending, self.lines = self.lines, []
        try:
            yield from pending
            if seen < self.oldest:
                yield _gone()
                return
            while not self._ending:
                for change in [change for change in self.changes if change.version > seen]:
                    seen = change.version
                    if change.kind == "BOOKMARK" or namespace in (
                        "",
                        change.run["metadata"]["namespace"],
                    ):
                        yield self._event(change, columns=first)
                        first = False
                if not self._wait_for_news(seen, end):
                    return
            if self._ending == "cut":
                raise BreakOffError
            if self._ending == "gone":
                yield _gone()
        finally:
            with self._changed:
                self.watches -= 1
                self._changed.notify_all()

    def _wait_for_news(self, seen: int, end: float) -> bool:
        with self._changed:
            left = max(0.0, end - time.monotonic())
            return self._changed.wait_for(lambda: bool(self._ending) or self.version > seen, left)

    def _note(self, kind: str, run: Json) -> None:
        with self._changed:
            self.version += 1
            run["metadata"]["resourceVersion"] = str(self.version)
            self.changes.append(Change(self.version, kind, run))
            self._changed.notify_all()

    def _event(self, change: Change, *, columns: bool) -> bytes:
        metadata = {"resourceVersion": str(change.version)}
        table = self._table([change.run], metadata, columns=columns)
        return json.dumps({"type": change.kind, "object": table}).encode() + b"\n"

    def _table(self, runs: list[Json], metadata: Json, *, columns: bool) -> Json:
        definitions = [{"name": name, "type": "string"} for name in self.columns]
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": definitions if columns else None,
            "rows": [{"cells": self._cells(run), "object": _metadata_of(run)} for run in runs],
        }

    def _cells(self, run: Json) -> list[Any]:
        cells = {
            "Name": run["metadata"].get("name", ""),
            "Status": run.get("status", {}).get("phase"),
            "Age": "5s",
        }
        return [cells[name] for name in self.columns]


def _metadata_of(run: Json) -> Json:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": run["metadata"],
    }


def _gone() -> bytes:
    status = {
        "kind": "Status",
        "code": 410,
        "reason": "Expired",
        "message": "too old resource version",
    }
    return json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
