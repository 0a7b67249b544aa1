"""Back to stable's image in the manifests of a GitOps repository: by text, so that all else stays as it is.

Three forms are known: `image: name:tag` of manifests, `newTag` of kustomize's images, and `repository` with
`tag` of Helm's values. No model is asked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MANIFEST = re.compile(r"\.(?:ya?ml|json)$")
_NAME_FIELD = r"(?:name|newName|repository)"
_TAG_FIELD = r"(?:newTag|tag)"
_NEAR = 3
"""Lines between an image's name and its tag."""
_REFERENCE = re.compile(
    r"(?P<name>[a-z0-9][a-zA-Z0-9._/:-]{0,254}?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class Swap:
    """One container's image, on the canary's and on stable's side, as its pods name it."""

    canary: str
    stable: str


def swaps(stable: Mapping[str, str], canary: Mapping[str, str]) -> list[Swap]:
    """What differs, by container; both sides must have it."""
    found = {
        Swap(image, stable[name])
        for name, image in canary.items()
        if name in stable and stable[name] != image
    }
    return sorted(found, key=lambda swap: swap.canary)


def is_manifest(path: str) -> bool:
    """Whether a path may be a manifest's."""
    return _MANIFEST.search(path) is not None


def rolled_back(text: str, swap: Swap) -> str:
    """A manifest with stable's image where it names the canary's; unchanged where it does not."""
    whole = re.compile(rf"(?<![\w./:@-]){re.escape(swap.canary)}(?![\w.:@/-])")
    text = whole.sub(lambda _: swap.stable, text)
    new, old = _REFERENCE.fullmatch(swap.canary), _REFERENCE.fullmatch(swap.stable)
    if new is None or old is None or new["name"] != old["name"]:
        return text
    if not (new["tag"] and old["tag"]) or new["digest"] or old["digest"]:
        return text
    return _with_tag(text, new["name"], new["tag"], old["tag"])


def _with_tag(text: str, name: str, new: str, old: str) -> str:
    lines = text.split("\n")
    tag = re.compile(
        rf"^(\s*(?:- )?\"?{_TAG_FIELD}\"?: *[\"']?){re.escape(new)}([\"']?,?\s*(?:#.*)?)$"
    )
    for at in _lines_naming(lines, name):
        for near in range(max(0, at - _NEAR), min(len(lines), at + _NEAR + 1)):
            if _indent(lines[near]) == _indent(lines[at]):
                lines[near] = tag.sub(lambda found: found[1] + old + found[2], lines[near])
    return "\n".join(lines)


def _lines_naming(lines: list[str], name: str) -> Iterator[int]:
    naming = re.compile(
        rf"^\s*(?:- )?\"?{_NAME_FIELD}\"?: *[\"']?{re.escape(name)}[\"']?,?\s*(?:#.*)?$"
    )
    return (at for at, line in enumerate(lines) if naming.match(line))


def _indent(line: str) -> int:
    """Columns before the field's name; a list's dash counts as such."""
    return len(line) - len(line.lstrip(" -"))
