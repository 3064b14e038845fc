"""``infantnet export``: write files of recordings that are done."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, connect, find_recording, group
from backend.cli.output import megabytes, print_json, progress, say
from backend.cli.stop import Stop
from backend.cli.waiting import wait_for_job
from backend.domain.pixels import OutsideJoints, PixelRule

app = group("Write files of recordings.")

Sessions = Annotated[
    list[str],
    typer.Option("--recording", "--session", metavar="NAME|ID", help="Recording; may be repeated."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="File to write; - for stdout.")]


@app.command("coco")
def export_coco(
    ctx: typer.Context,
    session: Sessions,
    out: Out,
    with_fits: Annotated[
        bool,
        typer.Option(
            "--with-fits",
            help="Also write the verified body fits to a second file, and refer to them.",
        ),
    ] = False,
    pixels: Annotated[
        PixelRule | None,
        typer.Option(
            "--pixels",
            help="What joint coordinates are measured from: index (0 is the centre of the "
            "first pixel, as in COCO) or"
            " continuous (0 is its outer corner). By default as they were imported, "
            "otherwise index.",
        ),
    ] = None,
    outside: Annotated[
        OutsideJoints,
        typer.Option("--outside", help="Joints outside their image: keep or drop."),
    ] = OutsideJoints.KEEP,
    as_json: Json = False,
) -> None:
    """Write a COCO keypoint file of approved recordings.

    An existing file is replaced, and only once the new one is complete and checked.

    \b
    Examples:
      infantnet export coco --recording "Bedroom 2" --out bedroom.json
      infantnet export coco --recording 7 --recording 9 --out train.json
      infantnet export coco --recording "Visit 3" --with-fits --out visit3.json
    """
    _check(out)
    if with_fits and str(out) == "-":
        raise Stop("Two files cannot both go to stdout: name a file with --out.")
    with connect(ctx) as api:
        ids = [find_recording(api, name)["id"] for name in session]
        answer = api.post(
            "/exports",
            {
                "recording_ids": ids,
                "include_fits": with_fits,
                "pixels": pixels.value if pixels else None,
                "outside": outside.value,
            },
        )
        export = _fetch(api, answer, out)
        if export is None:
            return
        companion = None
        if export["companion_id"] is not None:
            companion = api.get(f"/exports/{export['companion_id']}")
            # Under the name that the COCO file gives.
            beside = out.with_name(companion["filename"])
            _download(api, companion, beside)
    if as_json:
        print_json({**export, "file": str(out)})
        return
    say(
        f"{out}: {export['images']} images, {export['annotations']} annotations,"
        f" {megabytes(export['bytes'])}."
    )
    for note in export["notes"]:
        say(note)
    if companion:
        say(f"{beside}: {companion['fits']} body fits, {megabytes(companion['bytes'])}.")


@app.command("fits")
def export_fits(
    ctx: typer.Context,
    session: Sessions,
    out: Out,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Also fits that nobody verified, marked as such.")
    ] = False,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="fits|amass|trc|c3d|angles",
            help="All arrays (.npz), or motions in an archive (.zip).",
        ),
    ] = "fits",
    as_json: Json = False,
) -> None:
    """Write the body fits of recordings: verified ones that belong to their joints.

    The files are described in docs/export.md.

    \b
    Examples:
      infantnet export fits --recording "Visit 3" --out visit3.fits.npz
      infantnet export fits --recording 7 --unverified --out all.fits.npz
      infantnet export fits --recording 7 --format c3d --out visit7.c3d.zip
    """
    if format_name not in ("fits", "amass", "trc", "c3d", "angles"):
        raise Stop(f"--format {format_name}: fits, amass, trc, c3d or angles is wanted.")
    _check(out)
    with connect(ctx) as api:
        ids = [find_recording(api, name)["id"] for name in session]
        wanted = {
            "recording_ids": ids,
            "include_unverified": unverified,
            "format": format_name,
        }
        export = _fetch(api, api.post("/exports/fits", wanted), out)
    if export is None:
        return
    if as_json:
        print_json({**export, "file": str(out)})
    else:
        say(f"{out}: {export['fits']} body fits, {megabytes(export['bytes'])}.")
        for note in export["notes"]:
            say(note)


def _check(out: Path) -> None:
    if str(out) != "-" and not out.absolute().parent.is_dir():
        raise Stop(f"{out.absolute().parent}: there is no such folder.")
    if out.is_dir():
        raise Stop(f"{out} is a folder; name a file.")


def _fetch(api: Api, answer: dict[str, Any], out: Path) -> dict[str, Any] | None:
    """Wait for an export's job and fetch its file; None when it went to stdout."""
    wait_for_job(api, answer["job"])
    export: dict[str, Any] = api.get(f"/exports/{answer['export']['id']}")
    if str(out) == "-":
        api.download(f"/exports/{export['id']}/file", sys.stdout.buffer, lambda _done, _total: None)
        return None
    _download(api, export, out)
    return export


def _download(api: Api, export: dict[str, Any], out: Path) -> None:
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with (
            draft.open("wb") as file,
            progress(f"Fetching {export['filename']}", in_bytes=True) as bar,
        ):
            digest = api.download(f"/exports/{export['id']}/file", file, bar.update)
        if digest != export["sha256"]:
            raise Stop(f"{export['filename']} arrived damaged; run the command again.")
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
