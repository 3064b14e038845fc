"""``infantnet weights list|pull|add|remove``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.common import Json, NoWait, connect, group
from backend.cli.output import megabytes, print_json, say, table
from backend.cli.sending import send_file
from backend.cli.waiting import wait_for_job

app = group("List, download, add and remove model checkpoints.")

TAKES = {"image": "whole image", "boxes": "box of a person", "prompts": "points, boxes"}

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
        ["name", "kind", "takes", "state", "origin", "SHA-256", "size", "licence", "about"],
        [
            [
                w["name"],
                w["kind"],
                TAKES[w["takes"]],
                _state(w),
                w["origin"] or "–",
                (w["sha256"] or "–")[:12],
                megabytes(w["bytes"] if w["present"] else w["expected_bytes"]),
                w["licence"],
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
    elif weight["published"] is False:
        words.append("not the published file")
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
    architecture: Annotated[
        str | None,
        typer.Option("--architecture", help="For a new name: its architecture, such as vitpose-s."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", help="For a new name: the licence under which it may be used."),
    ] = None,
    trained_on: Annotated[
        str | None,
        typer.Option(
            "--trained-on", help="For a new name: training data and quality, in one line."
        ),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option("--width", help="Size of its input, where it is not the usual one."),
    ] = None,
    height: Annotated[int | None, typer.Option("--height", help="Likewise.")] = None,
    codec: Annotated[
        str | None,
        typer.Option(
            "--codec", help="Coding of its heatmaps: msra, dark or udp, where it is not the usual."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Send a checkpoint file that you already have to the server.

    Under a known name its tensors must be those of that model. Under a new name, say what it is.

    \b
    Examples:
      infantnet weights add rtmo-l ~/Downloads/rtmo-l_16xb16-600e_body7-640x640-b37118ce.pth
      infantnet weights add infants-1 tuned.pth --architecture hrnet-w32 --licence CC-BY-4.0
    """
    said = {
        "architecture": architecture,
        "licence": licence,
        "trained_on": trained_on,
        "width": width,
        "height": height,
        "codec": codec,
    }
    wish = {key: value for key, value in said.items() if value is not None}
    with connect(ctx) as api:
        weight = api.post(f"/weights/{name}", {"upload_id": send_file(api, file)} | wish)
    if as_json:
        print_json(weight)
    else:
        say(f"{name}: {_state(weight)}, SHA-256 {weight['sha256'][:12]}…")


@app.command("remove")
def remove_weights(ctx: typer.Context, name: WeightName, as_json: Json = False) -> None:
    """Remove a checkpoint's file from the server; what was labelled with it keeps its hash.

    \b
    Example:
      infantnet weights remove rtmo-l-coco
    """
    with connect(ctx) as api:
        api.delete(f"/weights/{name}")
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        say(f"{name} was removed.")
