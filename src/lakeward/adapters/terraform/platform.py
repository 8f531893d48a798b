"""One environment's platform, planned and applied with the Terraform that its release carries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.adapters.packaging.terraform import ROOT
from lakeward.adapters.terraform.bundle import unpack_bundle
from lakeward.adapters.terraform.events import Progress
from lakeward.adapters.terraform.run import Terraform, find_terraform, terraform_environment
from lakeward.errors import PlanStale, ReleaseInvalid, TerraformFailed
from lakeward.fixed_cost import fixed_cost
from lakeward.ports.artifacts import Artifacts
from lakeward.ports.deployment import IDLE, PLAN, TEXT
from lakeward.released import Artifact, Release, short

STALE = "Saved plan is stale"


@dataclass(frozen=True)
class TerraformPlatform:
    """See ``lakeward.ports.deployment.Platform``.

    Attributes:
        root: the working copy; of it only ``environments/<environment>`` is read.
        scratch: where releases are unpacked and Terraform keeps what it fetched.
        aws: what points at a local cloud; None leaves the caller's own AWS settings as they are.
        profile: of the AWS configuration, to be used in the place of the default one.
        variables: what is set in the place of the environment's own values; a local cloud replays upstreams.
        brings_libraries: whether functions find their libraries without a layer.
        files: where the release's files lie on this machine, so that it can be planned before it is published.
    """

    root: Path
    environment: str
    store: Artifacts
    artifacts_bucket: str
    scratch: Path
    progress: Progress
    aws: Mapping[str, str] | None = None
    profile: str | None = None
    variables: Mapping[str, Any] | None = None
    brings_libraries: bool = False
    files: Path | None = None

    def plan(self, release: Release, folder: Path) -> list[str]:
        """See ``lakeward.ports.deployment.Platform``."""
        terraform = self._terraform(release)
        changes = terraform.plan(to=folder / PLAN)
        (folder / TEXT).write_text(terraform.show(folder / PLAN))
        (folder / IDLE).write_text(fixed_cost(terraform.show_json(folder / PLAN)).line() + "\n")
        return changes

    def apply(self, release: Release, folder: Path) -> None:
        """See ``lakeward.ports.deployment.Platform``."""
        try:
            self._terraform(release).apply_plan(folder / PLAN)
        except TerraformFailed as problem:
            if STALE in problem.message:
                raise PlanStale(
                    f"{folder / PLAN}: expected a plan of {self.environment} as it is, found that it has changed "
                    f"since; make a new one: lakeward deploy plan -e {self.environment} --release FILE --out {folder}"
                ) from problem
            raise

    def prepare(self, release: Release) -> Callable[[], None]:
        """See ``lakeward.ports.deployment.Platform``."""
        terraform, plan = self._terraform(release), self.scratch / "way-back.tfplan"
        terraform.plan(to=plan, refresh=False)
        return lambda: terraform.apply_plan(plan)

    def _terraform(self, release: Release) -> Terraform:
        """The release's Terraform with the environment's values, made ready."""
        tree = unpack_bundle(release, self.store, self.scratch / "releases", self.files)
        values = self.root / "environments" / self.environment
        environment = terraform_environment(self.root, aws=self.aws)
        terraform = Terraform(
            binary=find_terraform(self.root),
            folder=tree / ROOT,
            data=self.scratch / "platform" / tree.name,
            environment=environment | ({"AWS_PROFILE": self.profile} if self.profile else {}),
            progress=self.progress,
            var_files=(values / "platform.tfvars", *self._written(release)),
        )
        terraform.init(values / "backend.hcl", once=True)  # a release's tree never changes
        return terraform

    def _written(self, release: Release) -> list[Path]:
        """What the release, and perhaps a local cloud, sets."""
        folder = self.root / "dist" / self.environment
        folder.mkdir(parents=True, exist_ok=True)
        written = {"release": {"release": self._keys(release)}, "cloud": dict(self.variables or {})}
        for name, values in written.items():
            (folder / f"{name}.tfvars.json").write_text(json.dumps(values, indent=2) + "\n")
        return [folder / f"{name}.tfvars.json" for name in written]

    def _keys(self, release: Release) -> dict[str, Any]:
        found: dict[str, Any] = {"functions": self._at(release.functions)}
        if not self.brings_libraries:
            if release.layer is None:
                raise ReleaseInvalid(
                    f"release {short(release.id)}: expected the functions' libraries, because {self.environment} runs "
                    "on Lambda, found that it was built without; build it again: lakeward release build"
                )
            found["layer"] = self._at(release.layer)
        if release.job is not None:
            found["job"] = {"script": self._at(release.job.script)}
            if release.job.packages is not None and not self.brings_libraries:
                found["job"]["packages"] = self._at(release.job.packages)
        return found

    def _at(self, artifact: Artifact) -> dict[str, str]:
        return {"bucket": self.artifacts_bucket, "key": artifact.key}
