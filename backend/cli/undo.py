"""``infantnet imports undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.cli.common import Json, NoWait, RecordingName, connect, find_recording, group
from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job

app = group("Undo imports.")


@app.callback()
def imports() -> None:
    """Undo imports."""


@app.command("undo")
def undo_import(
    ctx: typer.Context,
    recording: RecordingName,
    check: Annotated[
        bool,
        typer.Option("--check", "--dry-run", help="Only list what would go and what prevents it."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Undo an import as a whole: recording, frames, images and all that models made of it.

    It is refused, with counts, where people's work or a release would lose something.

    \b
    Examples:
      infantnet imports undo 7 --check
      infantnet imports undo "Bedroom 2" --yes
    """
    with connect(ctx) as api:
        recording_id = find_recording(api, recording)["id"]
        told = api.get(f"/recordings/{recording_id}/undo")
        if check and as_json:
            print_json(told)
        else:
            say(f"{told['name']} (id {recording_id}). This goes:")
            for each in told["goes"]:
                say(f"  {each['text']}")
        if told["prevents"]:
            listed = "; ".join(each["text"] for each in told["prevents"])
            raise Stop(f"It cannot be undone: {listed}.")
        if check:
            return
        if not yes and not typer.confirm("Undo this import?", err=True):
            raise Stop("Nothing was undone.", Exit.FAILED)
        job = api.post(f"/recordings/{recording_id}/undo", {})
        if not no_wait:
            job = wait_for_job(api, job)
            say(f"The import of {told['name']} was undone.")
        if as_json:
            print_json(job)
