"""The command."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Annotated

import typer

from lakeward.cli.display import Display
from lakeward.cli.screen import console, error_console
from lakeward.cli.session import repository
from lakeward_local.promote_demo.account import print_account
from lakeward_local.promote_demo.page import write_page
from lakeward_local.promote_demo.stage import ENVIRONMENTS, Stage
from lakeward_local.promote_demo.story import play


def promote_demo(
    reads: Annotated[int, typer.Option(min=1, help="How many times readers ask while it plays, at least.")] = 5_000,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the three accounts running, to look around.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop what --keep left running, and do nothing else.")] = False,
) -> None:
    """Take a release through three accounts on this machine, a breaking version by blue/green, and one back.

    Readers ask prod all the time: every answer must be whole, and of the version that they
    could see. What is shown is done by the commands that a person or CI would run.

    [bold]Example:[/bold] lakeward promote-demo --reads 500 --keep
    """
    root = repository()
    stage = Stage.of(root)
    if stop:
        stage.clear()
        error_console.print("Stopped.", highlight=False)
        return
    with Display(error_console) as display, ThreadPoolExecutor(max_workers=len(ENVIRONMENTS)) as pool:
        record = stage.set_up(root, display.say)
        try:
            story = play(stage, record, display, reads, pool)
        finally:
            if not keep:
                display.say("Stopping the local cloud")
                stage.cloud.down()
    page = write_page(story, stage.report, datetime.now(UTC))
    print_account(story, console)
    console.print(f"\nReport: {page.relative_to(root)}", highlight=False)
    console.print(page.as_uri(), style="dim", highlight=False, soft_wrap=True)
    if keep:
        place = stage.first.relative_to(root)
        console.print(f"Look around: cd {place} && lakeward sql 'SELECT …' -e prod", highlight=False, soft_wrap=True)
        console.print("Stop it: lakeward promote-demo --stop", highlight=False)
    if not story.holds:
        raise typer.Exit(1)
