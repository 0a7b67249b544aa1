"""What an image stands for on a machine without images."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kube import Json

__all__ = ["Image", "ImageMissingError", "ImageTable"]


class ImageMissingError(Exception):
    """Nothing in the table has that name: the pod's container cannot be created."""


@dataclass(frozen=True, slots=True)
class Image:
    """A command, as a Dockerfile would name it.

    Attributes:
        entrypoint: what a container's `command` replaces.
        arguments: what a container's `args` replace.
        folder: where it runs.
        environment: variables that the container's own replace.
    """

    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    folder: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, container: Json) -> list[str]:
        """The whole command of a container of this image, before variables are filled in."""
        if given := container.get("command"):
            return [*given, *container.get("args", [])]
        return [*self.entrypoint, *container.get("args", self.arguments)]


class ImageTable:
    """Images by name, with or without a tag.

    Args:
        document: `{"shop": {"entrypoint": [...], "arguments": [...], "folder": "...", "environment":
            {...}}}`. In commands `{tag}` stands for the image's tag and `{python}` for this interpreter.
    """

    def __init__(self, document: Json) -> None:
        self._document = document

    def find(self, image: str) -> Image:
        """The image, by its whole name first and then without registry and tag.

        Raises:
            ImageMissingError: it is not in the table.
        """
        last = image.partition("@")[0].rpartition("/")[2]
        name, _, tag = last.partition(":")
        entry = self._document.get(image) or self._document.get(name)
        if entry is None:
            known = ", ".join(sorted(self._document)) or "none"
            raise ImageMissingError(f"{image}: no such image; there are: {known}")

        def filled(words: list[str]) -> tuple[str, ...]:
            pairs = {"{tag}": tag or "latest", "{python}": sys.executable}
            return tuple(_fill(word, pairs) for word in words)

        return Image(
            filled(entry["entrypoint"]),
            filled(entry.get("arguments", [])),
            Path(entry.get("folder", "/")),
            dict(entry.get("environment", {})),
        )


def _fill(word: str, pairs: Mapping[str, str]) -> str:
    for placeholder, text in pairs.items():
        word = word.replace(placeholder, text)
    return word
