"""AnalysisRuns as rows of a table.

A client that accepts a Table gets a resource's printer columns and metadata instead of its objects
(apiserver, pkg/endpoints/handlers/response.go); for AnalysisRuns the columns are Name, Status (the phase)
and Age (argo-rollouts, manifests/crds/analysis-run-crd.yaml).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rollouts_plugin_metric_ai.kube._json import as_mapping, as_mappings, as_text

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
DELETED = "it was deleted"

_ENDED = frozenset({"Successful", "Failed", "Error", "Inconclusive"})
_PHASE_COLUMN = "Status"


@dataclass(frozen=True, slots=True)
class RunRef:
    """Which AnalysisRun; one that is deleted and made again has another uid."""

    uid: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a table tells of an AnalysisRun.

    Attributes:
        end: why no measurement of it will be asked for again; empty while it goes on.
        unclear: whether it may have ended all the same, which the whole object tells.
    """

    ref: RunRef
    end: str
    unclear: bool


class RowReader:
    """Reads tables of one request; a watch names its columns with the first row only."""

    def __init__(self) -> None:
        self._phase: int | None = None

    def read(self, table: Mapping[str, object]) -> RunRow | None:
        """The first row; None where there is none, as in a bookmark."""
        columns = [
            as_text(column.get("name")) for column in as_mappings(table.get("columnDefinitions"))
        ]
        if columns:
            self._phase = columns.index(_PHASE_COLUMN) if _PHASE_COLUMN in columns else None
        for row in as_mappings(table.get("rows")):
            metadata = as_mapping(as_mapping(row.get("object")).get("metadata"))
            ref = run_ref(metadata)
            if not ref.uid:
                continue
            phase = self._phase_of(row.get("cells"))
            unclear = phase is None or _may_be_terminated(metadata)
            return RunRow(ref, why_ended(metadata, phase or "", terminate=False), unclear)
        return None

    def _phase_of(self, cells: object) -> str | None:
        if self._phase is None or not isinstance(cells, list) or len(cells) <= self._phase:
            return None
        return as_text(cells[self._phase])


def run_ref(metadata: Mapping[str, object]) -> RunRef:
    """Which run it is whose metadata these are; texts are empty where they are missing."""
    return RunRef(
        as_text(metadata.get("uid"))[:128],
        as_text(metadata.get("namespace"))[:253],
        as_text(metadata.get("name"))[:253],
    )


def why_ended(metadata: Mapping[str, object], phase: str, *, terminate: bool) -> str:
    """Why nobody will ask for a run's measurements again; empty while somebody may."""
    if metadata.get("deletionTimestamp"):
        return DELETED
    if phase in _ENDED:
        return f"it ended as {phase}"
    return "it was terminated" if terminate else ""


def _may_be_terminated(metadata: Mapping[str, object]) -> bool:
    """Whether anybody has ever written `spec.terminate`, which no column shows.

    Every writer's fields are listed in managedFields; where these are missing, nobody knows.
    """
    writers = as_mappings(metadata.get("managedFields"))
    return not writers or any(
        "f:terminate" in as_mapping(as_mapping(writer.get("fieldsV1")).get("f:spec"))
        for writer in writers
    )
