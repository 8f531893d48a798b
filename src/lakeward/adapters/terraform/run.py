"""Run Terraform: find it, point it at its providers and at the cloud, show how far it is, say clearly what failed."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lakeward.adapters.terraform.events import Narrator, Progress
from lakeward.adapters.terraform.providers import provider_source
from lakeward.errors import TerraformFailed

MINIMUM: Final = (1, 10)
_INSTALL: Final = (
    "Run `make setup`, or install Terraform 1.10 or newer: https://developer.hashicorp.com/terraform/install"
)
_PARALLELISM: Final = 20
"""An apply mostly waits for the provider's own waits, so more at once is quicker."""
_PATIENCE: Final = "-lock-timeout=10m"
"""Who plans or applies at the same time is waited for: a nightly look for drift takes a minute, a deployment some."""


def find_terraform(root: Path) -> Path:
    """The Terraform to use: the one that set-up fetched into ``.lakeward/bin``, else the one on the PATH.

    Raises:
        TerraformFailed: there is none, or it is older than 1.10.
    """
    fetched, on_path = root / ".lakeward" / "bin" / "terraform", shutil.which("terraform")
    found = [path for path in (fetched, Path(on_path or fetched)) if path.is_file()]
    for path in found:
        if version_of(path) >= MINIMUM:
            return path
    old = ", ".join(f"{path} {'.'.join(map(str, version_of(path)))}" for path in found)
    raise TerraformFailed(f"expected Terraform 1.10 or newer, found {old or 'none'}. {_INSTALL}")


def version_of(terraform: Path) -> tuple[int, ...]:
    """The version of a Terraform, such as (1, 11, 4).

    Raises:
        TerraformFailed: it does not say.
    """
    ended = subprocess.run([str(terraform), "version", "-json"], capture_output=True, text=True, check=False)
    try:
        return tuple(int(part) for part in json.loads(ended.stdout)["terraform_version"].partition("-")[0].split("."))
    except (ValueError, KeyError) as error:
        raise TerraformFailed(f"expected {terraform} to say its version, found {ended.stderr[:500]!r}") from error


def terraform_environment(root: Path, aws: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment for a Terraform process of the repository at ``root``.

    Args:
        aws: what points it at an account. With it, nothing of the caller's own AWS settings is passed on, so that
            what is meant for the local cloud can never reach a real account; without it, all of them are.

    Raises:
        TerraformFailed: there is nowhere to get providers from.
    """
    scratch = root / ".lakeward"
    cache = Path(os.environ.get("TF_PLUGIN_CACHE_DIR") or scratch / "terraform-plugins")
    cache.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TF_") and not (aws is not None and name.startswith("AWS_"))
    }
    environment = kept | {
        "TF_PLUGIN_CACHE_DIR": str(cache),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }
    if aws is not None:
        environment |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **aws}
        # The lock file has no digest of the unpacked provider for every platform; without one, Terraform would fetch
        # it again for each root. It was checked against the digest of its archive when it was fetched.
        environment["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "true"
    source = provider_source(os.environ, Path.home())
    if source.mirror is not None:
        environment["TF_CLI_CONFIG_FILE"] = str(_configuration(scratch / "terraform.rc", source.mirror))
    elif (own := os.environ.get("TF_CLI_CONFIG_FILE")) and Path(own).is_file():
        environment["TF_CLI_CONFIG_FILE"] = own
    return environment


@dataclass(frozen=True)
class Terraform:
    """One root of Terraform code, applied with one environment's settings."""

    binary: Path
    folder: Path
    data: Path
    """Where it keeps its modules and its backend's settings: one for each pair of root and environment."""
    environment: Mapping[str, str]
    progress: Progress
    var_files: Sequence[Path] = field(default=())
    variables: Mapping[str, str] = field(default_factory=dict)

    def init(self, backend: Mapping[str, str] | Path, *, once: bool = False) -> None:
        """Install modules and providers, exactly those of the lock file, and choose the backend.

        Args:
            backend: its settings, or the file that holds them.
            once: whether ``folder`` never changes: what was made ready for the same backend is then ready.

        Raises:
            TerraformFailed: it did not succeed.
        """
        settings = [str(backend)] if isinstance(backend, Path) else [f"{k}={v}" for k, v in backend.items()]
        said = backend.read_text() if isinstance(backend, Path) else repr(settings)
        ready, digest = self.data / "ready.sha256", hashlib.sha256(f"{self.folder}\n{said}".encode()).hexdigest()
        if once and ready.is_file() and ready.read_text() == digest and self._has_providers():
            return
        ready.unlink(missing_ok=True)
        options = [f"-backend-config={setting}" for setting in settings]
        self._run("init", "-reconfigure", "-lockfile=readonly", *options)
        if once:
            self.data.mkdir(parents=True, exist_ok=True)
            ready.write_text(digest)

    def _has_providers(self) -> bool:
        """Whether the providers that it was given are still there: they are links into a cache."""
        found = list(self.data.glob("providers/*/*/*/*/*"))
        return bool(found) and all(path.exists() for path in found)

    def apply(self) -> None:
        """Make the cloud what the code says.

        Raises:
            TerraformFailed: it did not succeed; what was made stays.
        """
        self._follow("apply", "-auto-approve", _PATIENCE, f"-parallelism={_PARALLELISM}", *self._inputs())

    def destroy(self) -> None:
        """Remove everything that this root made.

        Raises:
            TerraformFailed: it did not succeed; what is left stays in the state.
        """
        self._follow("destroy", "-auto-approve", f"-parallelism={_PARALLELISM}", *self._inputs())

    def plan(self, to: Path | None = None, *, refresh: bool = True) -> list[str]:
        """The changes that an apply would make, each as ``update aws_s3_bucket.this``; empty when there are none.

        Args:
            to: where to keep the plan, to be applied as it is.
            refresh: whether to look first for what was changed beside Terraform; that takes half of the time.

        Raises:
            TerraformFailed: it cannot be planned.
        """
        options = ([] if to is None else [f"-out={to}"]) + ([] if refresh else ["-refresh=false"])
        return self._follow("plan", _PATIENCE, f"-parallelism={_PARALLELISM}", *options, *self._inputs()).planned

    def show(self, plan: Path) -> str:
        """A kept plan as people read it.

        Raises:
            TerraformFailed: it is no plan of this root.
        """
        return self._run("show", str(plan))

    def show_json(self, plan: Path) -> dict[str, Any]:
        """A kept plan as programs read it.

        Raises:
            TerraformFailed: it is no plan of this root.
        """
        return dict(json.loads(self._run("show", "-json", str(plan))))

    def apply_plan(self, plan: Path) -> None:
        """Make exactly the changes of a kept plan.

        Raises:
            TerraformFailed: it did not succeed; what was made stays. A plan that is no longer true changes nothing.
        """
        self._follow("apply", _PATIENCE, f"-parallelism={_PARALLELISM}", str(plan))

    def output(self) -> dict[str, Any]:
        """The outputs, by name.

        Raises:
            TerraformFailed: they cannot be read.
        """
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _inputs(self) -> list[str]:
        files = [f"-var-file={path}" for path in self.var_files]
        return files + [f"-var={name}={value}" for name, value in self.variables.items()]

    def _follow(self, command: str, *options: str) -> Narrator:
        narrator = Narrator(self.progress)
        with subprocess.Popen(
            self._command(command, "-json", *options),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout or ():
                narrator.hear(line)
        if process.returncode != 0:
            raise self._failure(command, process.returncode, narrator.errors)
        return narrator

    def _run(self, command: str, *options: str) -> str:
        ended = subprocess.run(
            self._command(command, "-no-color", *options),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            raise self._failure(command, ended.returncode, [(ended.stderr or ended.stdout).strip()])
        return ended.stdout

    def _command(self, command: str, *options: str) -> list[str]:
        return [str(self.binary), f"-chdir={self.folder}", command, *options]

    def _environment(self) -> dict[str, str]:
        return {**self.environment, "TF_DATA_DIR": str(self.data)}

    def _failure(self, command: str, status: int, errors: Sequence[str]) -> TerraformFailed:
        told = "\n".join(f"  {line}" for error in errors for line in error.splitlines()) or "  (it said nothing)"
        return TerraformFailed(f"terraform {command} of {self.folder.name} failed with status {status}:\n{told}")


def _configuration(path: Path, mirror: Path) -> Path:
    text = (
        "# Written by lakeward: the provider registry cannot be reached from here.\n"
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}\n"
        "}\n"
    )
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
    return path
