"""``infantnet weights list|pull|add``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.common import Json, NoWait, connect, group
from backend.cli.output import megabytes, print_json, say, table
from backend.cli.sending import send_file
from backend.cli.waiting import wait_for_job

app = group("List, fetch and add model checkpoints.")

WeightName = Annotated[str, typer.Argument(metavar="NAME", help="As `weights list` shows it.")]


@app.command("list")
def list_weights(ctx: typer.Context, as_json: Json = False) -> None:
    """List the known checkpoints and which of them are on the server.

    \b
    Examples:
      infantnet weights list
      infantnet weights list --json
    """
    with connect(ctx) as api:
        found = api.get("/weights")
    if as_json:
        print_json(found)
        return
    table(
        ["name", "kind", "state", "size", "about"],
        [
            [
                w["name"],
                w["kind"],
                _state(w),
                megabytes(w["bytes"] if w["present"] else w["expected_bytes"]),
                w["title"],
            ]
            for w in found
        ],
        "No checkpoints are known.",
    )


def _state(weight: dict[str, object]) -> str:
    if not weight["present"]:
        return "missing" if not weight["partial_bytes"] else "partly fetched"
    words = ["in use" if weight["in_use"] else "present"]
    if weight["demonstration"]:
        words.append("demonstration only")
    if weight["untrained"]:
        words.append("untrained")
    elif not weight["published"]:
        words.append("own file")
    return ", ".join(words)


@app.command("pull")
def pull_weights(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="By default the two that are in use."),
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Let the server download checkpoints from their authors; goes on where it stopped.

    \b
    Examples:
      infantnet weights pull
      infantnet weights pull rtmo-l sam2.1-tiny
    """
    with connect(ctx) as api:
        wanted = names or [w["name"] for w in api.get("/weights") if w["in_use"]]
        jobs = [api.post(f"/weights/{name}/pull") for name in wanted]
        if not no_wait:
            jobs = [wait_for_job(api, job) for job in jobs]
    if as_json:
        print_json(jobs)
        return
    for name, job in zip(wanted, jobs, strict=True):
        say(f"{name}: job {job['id']} {job['state']}.")


@app.command("add")
def add_weights(
    ctx: typer.Context,
    name: WeightName,
    file: Annotated[Path, typer.Argument(help="Checkpoint file on this machine.")],
    as_json: Json = False,
) -> None:
    """Send a checkpoint file that you already have to the server.

    \b
    Example:
      infantnet weights add rtmo-l ~/Downloads/rtmo-l_16xb16-600e_body7-640x640-b37118ce.pth
    """
    with connect(ctx) as api:
        weight = api.post(f"/weights/{name}", {"upload_id": send_file(api, file)})
    if as_json:
        print_json(weight)
    else:
        say(f"{name}: {_state(weight)}, SHA-256 {weight['sha256'][:12]}…")
