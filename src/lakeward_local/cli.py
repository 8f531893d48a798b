"""Commands of the local cloud. They come to ``lakeward`` through its entry points: it never imports this package."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.display import Display
from lakeward.cli.screen import console, error_console
from lakeward.cli.session import repository
from lakeward_local.demo.command import demo
from lakeward_local.deploy import deploy_local
from lakeward_local.doctor import examine
from lakeward_local.local_cloud import LocalCloud
from lakeward_local.promote_demo.command import promote_demo
from lakeward_local.record import CloudRecord
from lakeward_local.settings import CloudSettings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    app.command()(doctor)
    app.command()(demo)
    app.command()(promote_demo)


def up(
    deploy: Annotated[bool, typer.Option(help="Build the environment in it, or only start the processes.")] = True,
    apply: Annotated[bool, typer.Option("--apply", help="Apply even though nothing has changed.")] = False,
    enforce_iam: Annotated[
        bool, typer.Option("--enforce-iam", help="Enforce policies; functions run as roles.")
    ] = False,
) -> None:
    """Start the local cloud and build the environment [bold]local[/bold] in it: the same Terraform as on AWS.

    What runs already is left alone, and so is an environment that is as the repository says.

    [bold]Example:[/bold] lakeward up
    """
    root = repository()
    cloud = LocalCloud.of(root, CloudSettings(enforce_iam=enforce_iam))
    before = cloud.running()
    with Display(error_console) as display:
        record = cloud.up(display.say)
        _tell_origin(display, before, record)
        if deploy:
            deploy_local(root, record, display, force=apply)
        display.say(f"Up: {record.endpoint}, upstreams replayed at {record.replay_endpoint}")


def down(
    forget: Annotated[bool, typer.Option("--forget", help="Throw away all that the local cloud holds.")] = False,
) -> None:
    """Stop the local cloud. What it holds is kept for the next [bold]lakeward up[/bold].

    [bold]Example:[/bold] lakeward down
    """
    cloud = LocalCloud.of(repository())
    ran = cloud.down()
    if forget:
        shutil.rmtree(cloud.home.folder, ignore_errors=True)
    kept = "what it held is gone" if forget else f"what it holds is kept in {_short(cloud.home.folder)}"
    error_console.print(f"{'Stopped' if ran else 'Nothing was running'}; {kept}.", highlight=False)


def status(as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False) -> None:
    """Say whether the local cloud runs, where, since when, and how much it holds. Exit code 1 when it does not run.

    [bold]Example:[/bold] lakeward status --json
    """
    cloud = LocalCloud.of(repository())
    record = cloud.running()
    if record is None:
        if as_json:
            console.print_json("null")
        error_console.print("The local cloud does not run. Start it with: lakeward up", highlight=False)
        raise typer.Exit(1)
    objects = [path.stat().st_size for path in cloud.home.objects.rglob("*") if path.is_file()]
    if as_json:
        console.print_json(json.dumps({**record.model_dump(mode="json"), "s3_bytes": sum(objects)}))
        return
    table = Table(show_header=False, box=None)
    for name, value in _rows(record, sum(objects), cloud.home.logs):
        table.add_row(f"[dim]{name}[/dim]", value)
    console.print(table)


def doctor() -> None:
    """Look for what this machine lacks to run Lakeward, and say what to do. Exit code 1 when it lacks something.

    [bold]Example:[/bold] lakeward doctor
    """
    findings = examine(repository())
    table = Table(show_header=False, box=None)
    for finding in findings:
        mark = "[green]ok[/green]" if finding.holds else "[red]no[/red]"
        table.add_row(mark, finding.name, finding.found if finding.holds else f"{finding.found}\n{finding.remedy}")
    console.print(table)
    if not all(finding.holds for finding in findings):
        raise typer.Exit(1)


def _tell_origin(display: Display, before: CloudRecord | None, record: CloudRecord) -> None:
    if before is not None and before.pid == record.pid:
        display.say(f"The local cloud is up already, {_age(record)}")
        if before.settings != record.settings:
            display.say("Its settings stay as they were; `lakeward down` first to change them")
    elif record.restored:
        display.say("It holds what it held when it was stopped")
    elif record.why_empty:
        display.say(f"[yellow]It starts from empty:[/yellow] {record.why_empty}")


def _rows(record: CloudRecord, s3_bytes: int, logs: Path) -> list[tuple[str, str]]:
    return [
        ("endpoint", record.endpoint),
        ("account", f"{record.account_id} {record.region}"),
        ("upstreams replayed at", record.replay_endpoint),
        ("processes", f"{record.pid} cloud, {record.replay_pid} replay"),
        ("up", _age(record)),
        ("MiniStack", record.ministack + (", policies enforced" if record.settings.enforce_iam else "")),
        ("held in S3", f"{s3_bytes / 2**20:,.1f} MiB"),
        ("logs", str(_short(logs))),
    ]


def _age(record: CloudRecord) -> str:
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(record.started_at)).total_seconds())
    return f"since {record.started_at} ({seconds // 3600} h {seconds % 3600 // 60:02} min)"


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
