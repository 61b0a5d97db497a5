"""Writes what the studio stands on as a bill of materials: CycloneDX 1.6, from the hashed requirements.

python scripts/sbom.py requirements.txt    # make sbom
"""

import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

_PACKAGE = re.compile(
    r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([\w.+!-]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(requirements: str, version: str) -> dict[str, Any]:
    """The same requirements give the same bill: no time, and a serial number made of its content."""
    found = list(_PACKAGE.finditer(requirements))
    ends = [one.start() for one in found[1:]] + [len(requirements)]
    parts = [_component(one, requirements[one.end() : end]) for one, end in zip(found, ends, strict=True)]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts))
    studio = {"type": "application", "name": "adgen-studio", "version": version, "bom-ref": "adgen-studio"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": studio},
        "components": parts,
    }


def _component(found: re.Match[str], rest: str) -> dict[str, Any]:
    name, version, marker = found[1].lower(), found[2], found[3]
    purl = f"pkg:pypi/{name}@{version}"
    # Each file that may be installed has its own hash, one for every platform.
    files = [
        {
            "type": "distribution",
            "url": f"https://pypi.org/project/{name}/{version}/",
            "hashes": [_sha256(digest)],
        }
        for digest in _HASH.findall(rest)
    ]
    part = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    only = [{"name": "environment-marker", "value": marker}] if marker else []
    return part | {"externalReferences": files} | ({"properties": only} if only else {})


def _sha256(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    told = re.search(r'^version = "(.+)"$', (root / "pyproject.toml").read_text(), re.MULTILINE)
    json.dump(bill(Path(sys.argv[1]).read_text(), told[1] if told else ""), sys.stdout, indent=1)
    print()
