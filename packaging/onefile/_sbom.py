"""The bill of materials: CycloneDX 1.6 as JSON, the same for the same inputs."""

import json
import uuid
from collections.abc import Mapping

from ._contents import Contents
from ._distributions import Distribution
from ._linked import Library
from ._source import Pin
from ._target import Target

Component = dict[str, object]

_NAMESPACE = uuid.UUID("5b0c36a5-1f0c-4f2e-9a55-2f0c8d3c7a11")


def bill(name: str, sha256: str, contents: Contents) -> str:
    """The bill of materials of one executable, as JSON.

    Args:
        name: the executable's file name.
        sha256: its hash.
        contents: what it is made of.
    """
    version = next(
        one.version for one in contents.packed if one.name == "rollouts-plugin-metric-ai"
    )
    parts = [
        _python(contents.pin),
        *(_library(one, contents.target) for one in contents.libraries),
        *map(_package, contents.packed),
    ]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, sha256)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": name,
                "version": version,
                "hashes": _hashes(sha256),
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": parts,
        "dependencies": [
            {"ref": name, "dependsOn": sorted(str(part["bom-ref"]) for part in parts)}
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _python(pin: Pin) -> Component:
    return {
        "type": "platform",
        "bom-ref": "cpython",
        "name": "CPython",
        "version": pin.upstream,
        "cpe": f"cpe:2.3:a:python:python:{pin.upstream}:*:*:*:*:*:*:*",
        "purl": f"pkg:deb/debian/{pin.source}@{_quoted(pin.version)}?arch=source",
        "hashes": _hashes(pin.original),
        "licenses": [{"license": {"id": "PSF-2.0"}}],
        "properties": [
            {"name": "debian:version", "value": pin.version},
            *_properties("debian:sha256", pin.files),
        ],
    }


def _library(library: Library, target: Target) -> Component:
    digests = list(library.hashes.values())
    return {
        "type": "library",
        "bom-ref": library.name,
        "name": library.name,
        "version": library.upstream,
        "purl": f"pkg:deb/debian/{library.package}@{_quoted(library.version)}?arch={target.arch}",
        "hashes": _hashes(digests[0]),
        "licenses": [{"expression": library.license}],
        "properties": [
            {"name": "debian:version", "value": library.version},
            *_properties("sha256", library.hashes),
        ],
    }


def _package(one: Distribution) -> Component:
    licensed: object = {"expression": one.license}
    if " " in one.license and " OR " not in one.license and " AND " not in one.license:
        licensed = {"license": {"name": one.license}}
    return {
        "type": "library",
        "bom-ref": one.name,
        "name": one.name,
        "version": one.version,
        "purl": f"pkg:pypi/{one.name}@{one.version}",
        "hashes": _hashes(one.sha256),
        "licenses": [licensed],
    }


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest}]


def _properties(prefix: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": f"{prefix}:{key}", "value": value} for key, value in values.items()]


def _quoted(version: str) -> str:
    return version.replace("+", "%2B").replace(":", "%3A")
