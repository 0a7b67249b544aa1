"""The parts of metav1.ObjectMeta (k8s.io/apimachinery pkg/apis/meta/v1/types.go)."""

# ruff: noqa: RUF009 - each call declares a dataclass field

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from goplugin.wire import gob

from . import _kinds as kinds
from ._struct import GoStruct, go_struct


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReference(GoStruct):
    """The object that another one belongs to, such as the Rollout of an AnalysisRun."""

    api_version: str = kinds.text("APIVersion")
    kind: str = kinds.text("Kind")
    name: str = kinds.text("Name")
    uid: str = kinds.text("UID")
    controller: bool | None = kinds.optional_flag("Controller")
    block_owner_deletion: bool | None = kinds.optional_flag("BlockOwnerDeletion")


_FIELDS_V1: Final = gob.Struct("FieldsV1", (("Raw", gob.BYTES),))
_MANAGED_FIELDS_ENTRY: Final = gob.Struct(
    "ManagedFieldsEntry",
    (
        ("Manager", gob.STRING),
        ("Operation", gob.STRING),
        ("APIVersion", gob.STRING),
        ("Time", kinds.TIME),
        ("FieldsType", gob.STRING),
        ("FieldsV1", _FIELDS_V1),
        ("Subresource", gob.STRING),
    ),
)


@go_struct
@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMeta(GoStruct):
    """What every Kubernetes object has; `ManagedFields` stay in `extra`, unread."""

    undeclared: ClassVar[Mapping[str, gob.Type]] = {
        "ManagedFields": gob.Slice(_MANAGED_FIELDS_ENTRY)
    }

    name: str = kinds.text("Name")
    generate_name: str = kinds.text("GenerateName")
    namespace: str = kinds.text("Namespace")
    self_link: str = kinds.text("SelfLink")
    uid: str = kinds.text("UID")
    resource_version: str = kinds.text("ResourceVersion")
    generation: int = kinds.integer("Generation")
    creation_timestamp: datetime | None = kinds.time("CreationTimestamp")
    deletion_timestamp: datetime | None = kinds.time("DeletionTimestamp")
    deletion_grace_period_seconds: int | None = kinds.optional_integer("DeletionGracePeriodSeconds")
    labels: Mapping[str, str] = kinds.text_map("Labels")
    annotations: Mapping[str, str] = kinds.text_map("Annotations", shown=False)
    owner_references: Sequence[OwnerReference] = kinds.objects("OwnerReferences", OwnerReference)
    finalizers: tuple[str, ...] = kinds.texts("Finalizers")

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages this object (metav1.GetControllerOf), None without one."""
        return next((owner for owner in self.owner_references if owner.controller), None)
