"""The bill of materials of a release: what its functions run with, as CycloneDX 1.6, from the lock file.

https://cyclonedx.org/docs/1.6/json/. It has no time and no random number, so that the same sources make the same bytes.
The lock's hashes are those of every file of a version, of which a build installs one; they are listed as properties.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from lakeward.errors import BuildFailed

_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")  # of RFC 4122, for ISO OIDs; any fixed one would do
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:(?P<hash>[0-9a-f]{64})")
_VIA = re.compile(r"^    #\s+(?:via )?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)$")
_OWN = re.compile(r"^    #\s+(?:via )?-r \S+$")


@dataclass
class _Package:
    name: str
    version: str
    hashes: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    wanted: bool = False
    """Whether the functions themselves import it."""

    @property
    def purl(self) -> str:
        """Package URL: https://github.com/package-url/purl-spec."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def bill_of_materials(lock: str, version: str, functions_sha256: str) -> bytes:
    """The bill as JSON.

    Args:
        lock: text of requirements/layer.txt, with hashes and who needs what.
        version: of the project.
        functions_sha256: of the functions' zip.

    Raises:
        BuildFailed: the lock names no package, or names one that nothing needs.
    """
    packages = _packages(lock)
    ours = f"pkg:generic/lakeward@{version}"
    by_name = {package.name: package for package in packages}
    needs: dict[str, set[str]] = {ours: {p.purl for p in packages if p.wanted}, **{p.purl: set() for p in packages}}
    for package in packages:
        for parent in package.needed_by:
            needs[by_name[parent].purl].add(package.purl)
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, functions_sha256 + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": "lakeward",
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": functions_sha256}],
            }
        },
        "components": [_component(package) for package in packages],
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(needs.items())],
    }
    return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"


def _component(package: _Package) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "properties": [{"name": "lakeward:locked-file:sha256", "value": digest} for digest in sorted(package.hashes)],
    }


def _packages(lock: str) -> list[_Package]:
    found: list[_Package] = []
    for line in lock.splitlines():
        if requirement := _REQUIREMENT.match(line):
            found.append(_Package(requirement["name"], requirement["version"]))
        elif hashed := _HASH.search(line):
            found[-1].hashes.append(hashed["hash"])
        elif _OWN.match(line):
            found[-1].wanted = True
        elif (via := _VIA.match(line)) and via["name"] != "via":
            found[-1].needed_by.append(via["name"])
    alone = [package.name for package in found if not package.wanted and not package.needed_by]
    if not found or alone:
        raise BuildFailed(
            f"expected a lock of packages with who needs each, found {len(found)} and nobody who needs "
            f"{', '.join(alone) or 'any'}; make it again: scripts/lock.sh"
        )
    return sorted(found, key=lambda package: package.purl)
