"""One namespace of a cluster."""

from dataclasses import dataclass

from ._access import Json
from ._client import KubeClient

__all__ = ["Namespace"]


@dataclass(frozen=True, slots=True)
class Namespace:
    """The calls of `KubeClient`, in one namespace.

    Attributes:
        client: whose account is used.
        name: the namespace's.
    """

    client: KubeClient
    name: str

    def get(self, kind: str, name: str) -> Json:
        """One object."""
        return self.client.get(kind, name, self.name)

    def find(self, kind: str, name: str) -> Json | None:
        """One object, or None where there is none."""
        return self.client.find(kind, name, self.name)

    def objects(self, kind: str, labels: str = "", fields: str = "") -> list[Json]:
        """Objects that the selectors match; empty ones match all."""
        return self.client.objects(kind, self.name, labels, fields)

    def apply(self, *manifests: Json) -> list[Json]:
        """Server-side apply."""
        return self.client.apply(*manifests, namespace=self.name)

    def apply_yaml(self, text: str) -> list[Json]:
        """Server-side apply of each document."""
        return self.client.apply_yaml(text, self.name)

    def patch(self, kind: str, name: str, change: Json, subresource: str = "") -> Json:
        """A merge patch."""
        return self.client.patch(kind, name, change, self.name, subresource)

    def delete(self, kind: str, name: str, *, at_once: bool = False) -> None:
        """Deletes in the background; gone already is fine."""
        self.client.delete(kind, name, self.name, at_once=at_once)

    def log(self, pod: str, **options: object) -> str:
        """A container's log."""
        return self.client.log(pod, self.name, **options)
