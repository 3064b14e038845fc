"""``infantnet bodies list|add|remove``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from backend.cli.common import Json, connect, group
from backend.cli.output import print_json, say, table
from backend.cli.sending import send_file

app = group("List, add and remove body models.")


@app.command("list")
def list_bodies(ctx: typer.Context, as_json: Json = False) -> None:
    """List the body models that fits can use.

    \b
    Examples:
      infantnet bodies list
      infantnet bodies list --json
    """
    with connect(ctx) as api:
        found = api.get("/bodies")
    if as_json:
        print_json(found)
        return
    table(
        ["name", "version", "SHA-256", "vertices", "betas", "length", "licence"],
        [
            [
                b["name"],
                b["version"],
                b["sha256"][:12],
                f"{b['vertices']:,}",
                str(b["betas"]),
                f"{b['rest_length_m']:.3f} m",
                b["licence"],
            ]
            for b in found
        ],
        "No body models are known.",
    )


@app.command("add")
def add_body(
    ctx: typer.Context,
    model: Annotated[
        Path, typer.Argument(help="smil_web.pkl as its authors publish it, or a body model .npz.")
    ],
    prior: Annotated[
        Path | None,
        typer.Argument(help="smil_pose_prior.pkl; otherwise the open body's prior is used."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Send a licensed body model to the server, which converts it once and keeps its hash.

    Nothing in the pickles is run. Fits and exports name the model that they were made with.

    \b
    Example:
      infantnet bodies add smil_web.pkl smil_pose_prior.pkl
    """
    with connect(ctx) as api:
        request: dict[str, Any] = {"upload_id": send_file(api, model)}
        if prior is not None:
            request["prior_upload_id"] = send_file(api, prior)
        body = api.post("/bodies", request)
    if as_json:
        print_json(body)
        return
    say(
        f"{body['name']}: {body['vertices']:,} vertices, {body['betas']} shape directions, "
        f"SHA-256 {body['sha256'][:12]}…. Pose prior: {body['pose_prior_about']}"
    )


@app.command("remove")
def remove_body(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `bodies list` shows it.")],
) -> None:
    """Remove an added body model that no fit was made with.

    \b
    Example:
      infantnet bodies remove smil
    """
    with connect(ctx) as api:
        api.delete(f"/bodies/{quote(name, safe='')}")
    say(f"{name} is removed.")
