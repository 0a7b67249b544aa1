"""Prints the notices of all distributions that are installed beside this interpreter.

Usage: python images/agent/notices.py > THIRD-PARTY-NOTICES.txt
"""

# ruff: noqa: INP001 - a program, and no package

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions

OURS = ("canary-agent", "canary-verdict")
RULE = "=" * 78
NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def main() -> int:
    """Writes one section a distribution; 1 where one of them names no license at all."""
    unknown = []
    for one in sorted(distributions(), key=lambda one: one.name.lower()):
        if one.name in OURS:
            continue
        license_name = stated_license(one)
        texts = list(license_texts(one))
        if not license_name and not texts:
            unknown.append(one.name)
        print(f"{RULE}\n{one.name} {one.version}: {license_name or 'see below'}\n{RULE}\n")
        print("\n\n".join(texts) or "No license file is part of this distribution.", end="\n\n")
    if unknown:
        print(f"no license is named by: {', '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


def stated_license(one: Distribution) -> str:
    """What the metadata say, in their newer or their older way."""
    metadata = one.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = metadata.get_all("Classifier") or []
    named = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License ::")]
    # Some put the whole text there: that is among the files.
    older = (metadata.get_all("License") or [""])[0]
    return ", ".join(named) or older.partition("\n")[0][:100]


def license_texts(one: Distribution) -> Iterator[str]:
    """The license files within its metadata."""
    for file in one.files or []:
        if ".dist-info/" in str(file) and file.name.upper().startswith(NAMES):
            yield file.read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    sys.exit(main())
