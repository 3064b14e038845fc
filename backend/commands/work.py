"""``infantnet prelabel``, ``boxes`` and ``export``: work on recordings that are there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.commands.common import (
    Json,
    NoWait,
    RecordingName,
    connect,
    find_recording,
    group,
)
from backend.commands.output import megabytes, print_json, progress, say
from backend.commands.stop import Stop
from backend.commands.waiting import wait_for_job

export_app = group("Write files of approved recordings.")


def prelabel(
    ctx: typer.Context,
    recording: RecordingName,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Checkpoint to use; `infantnet weights list` shows them."),
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Let the pose model propose joints in every frame of a recording.

    \b
    Examples:
      infantnet prelabel "Bedroom 2"
      infantnet prelabel 7 --model rtmo-s --no-wait
    """
    _fire(ctx, recording, "prelabel", model, no_wait, as_json)


def boxes(
    ctx: typer.Context,
    recording: RecordingName,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Checkpoint to use; `infantnet weights list` shows them."),
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Let the segmentation model propose masks and boxes, once the joints are approved.

    \b
    Examples:
      infantnet boxes "Bedroom 2"
      infantnet boxes 7 --model sam2.1-tiny
    """
    _fire(ctx, recording, "box", model, no_wait, as_json)


def _fire(
    ctx: typer.Context, name: str, event: str, model: str | None, no_wait: bool, as_json: bool
) -> None:
    with connect(ctx) as api:
        recording_id = find_recording(api, name)["id"]
        body = {"event": event, **({"model": model} if model else {})}
        detail: dict[str, Any] = api.post(f"/recordings/{recording_id}/events", body)
        job = detail["active_job"]
        if job is None:
            raise Stop(f"The server started no job; {detail['name']} is {detail['stage']}.")
        say(f"Job {job['id']} for recording {recording_id} “{detail['name']}”.")
        if not no_wait:
            job = wait_for_job(api, job)
            detail = api.get(f"/recordings/{recording_id}")
            say(f"{detail['name']} is now {detail['stage'].replace('_', ' ')}.")
        if as_json:
            print_json({"recording": detail, "job": job})


@export_app.command("coco")
def export_coco(
    ctx: typer.Context,
    session: Annotated[
        list[str],
        typer.Option("--session", metavar="NAME|ID", help="Recording session; may be repeated."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write; - for stdout.")],
    as_json: Json = False,
) -> None:
    """Write a COCO keypoint file of approved recordings.

    An existing file is replaced, and only once the new one is complete and checked.

    \b
    Examples:
      infantnet export coco --session "Bedroom 2" --out bedroom.json
      infantnet export coco --session 7 --session 9 --out train.json
    """
    to_stdout = str(out) == "-"
    if not to_stdout and not out.absolute().parent.is_dir():
        raise Stop(f"{out.absolute().parent}: there is no such folder.")
    if out.is_dir():
        raise Stop(f"{out} is a folder; name a file.")
    with connect(ctx) as api:
        ids = [find_recording(api, name)["id"] for name in session]
        answer = api.post("/exports", {"recording_ids": ids})
        wait_for_job(api, answer["job"])
        export = api.get(f"/exports/{answer['export']['id']}")
        path = f"/exports/{export['id']}/file"
        if to_stdout:
            api.download(path, sys.stdout.buffer, lambda _done, _total: None)
            return
        draft = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            with (
                draft.open("wb") as file,
                progress(f"Fetching {export['filename']}", in_bytes=True) as bar,
            ):
                digest = api.download(path, file, bar.update)
            if digest != export["sha256"]:
                raise Stop(f"{export['filename']} arrived damaged; run the command again.")
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    if as_json:
        print_json({**export, "file": str(out)})
    else:
        say(
            f"{out}: {export['images']} images, {export['annotations']} annotations,"
            f" {megabytes(export['bytes'])}."
        )
