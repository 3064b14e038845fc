"""``infantnet quality gold|agreement``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from backend.cli.common import Json, connect, find_recording, group
from backend.cli.output import print_json, say, table
from backend.domain.attempts import GoldUse

app = group("Gold frames, and how far people agree.")


@app.command("gold")
def gold(
    ctx: typer.Context,
    recording: Annotated[
        str | None,
        typer.Option("--recording", help="Choose from this approved recording, by name or id."),
    ] = None,
    draw: Annotated[int, typer.Option("--draw", min=1, help="So many, drawn by chance.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed draws others.")] = 1,
    use: Annotated[
        GoldUse, typer.Option("--use", help="Mixed in unseen, or for the training of newcomers.")
    ] = GoldUse.CHECK,
    as_json: Json = False,
) -> None:
    """List gold frames by recording, or make approved frames gold.

    \b
    Examples:
      infantnet quality gold
      infantnet quality gold --recording "Bedroom 2" --draw 30
      infantnet quality gold --recording 7 --draw 20 --use training
    """
    with connect(ctx) as api:
        if recording is not None:
            found = find_recording(api, recording)
            body = {"recording_id": found["id"], "draw": draw, "seed": seed, "use": use.value}
            marked = api.post("/quality/gold", body)
            say(f"{len(marked['frame_ids'])} frames of {found['name']} are gold now.")
        every = api.get("/quality/gold")
    if as_json:
        print_json(every)
        return
    table(
        ["recording", "mixed in", "training", "changed since", "available"],
        [
            [one["recording"]["name"], one["check"], one["training"], one["changed"],
             one["available"]]
            for one in every
        ],
        "No frame is approved yet: gold frames are chosen from approved recordings.",
    )  # fmt: skip


@app.command("agreement")
def agreement(
    ctx: typer.Context,
    against: Annotated[
        str, typer.Option("--with", help="`people` for double annotation, or `gold`.")
    ] = "people",
    by: Annotated[str, typer.Option("--by", help="`person`, `recording` or `joint`.")] = "person",
    as_json: Json = False,
) -> None:
    """Show how far people agree: OKS, pixels, and Krippendorff's alpha of visibility.

    \b
    Examples:
      infantnet quality agreement
      infantnet quality agreement --with gold --by joint
      infantnet quality agreement --json
    """
    names = {"person": "people", "recording": "recordings", "joint": "joints"}
    if by not in names:
        raise typer.BadParameter(f"{by} is none of {', '.join(names)}.", param_hint="--by")
    with connect(ctx) as api:
        found = api.get("/quality/agreement", against=against)
    if as_json:
        print_json(found)
        return
    table(
        [by, "frames", "OKS", "px", "95 % within", "same visibility", "alpha"],
        [
            [row["name"], row["frames"], *(_number(row[key]) for key in
             ("oks", "px", "far_px", "same_visibility", "alpha"))]
            for row in found[names[by]]
        ],
        "Nothing was compared yet.",
    )  # fmt: skip


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.2f}"
