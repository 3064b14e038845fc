"""``infantnet import video|images``, and what all imports share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api, Refused
from backend.cli.common import Json, NoWait, connect, group
from backend.cli.import_facts import (
    Age,
    ConsentName,
    ConsentOption,
    Infant,
    Name,
    Notes,
    SexOption,
    SourceName,
    SourceOption,
    facts_of,
)
from backend.cli.output import print_json, say
from backend.cli.sending import forget_sent, send_file
from backend.cli.sending_images import send_images
from backend.cli.stop import Exit, Stop
from backend.cli.understanding import understand, wanted_cameras
from backend.cli.waiting import wait_for_job
from backend.domain.workflow import Stage

app = group("Import videos, images, or labels of other tools with their images.")


@app.command("video")
def import_video(
    ctx: typer.Context,
    infant: Infant,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="One video for each camera, or several files of a long one."),
    ] = None,
    name: Name = None,
    source: SourceOption = SourceName.OTHER,
    consent: ConsentOption = ConsentName.NOT_RECORDED,
    age_months: Age = None,
    sex: SexOption = None,
    notes: Notes = None,
    camera: Annotated[
        list[str] | None,
        typer.Option(
            "--camera",
            help="NAME=FILE[,FILE…]: a camera and its files in order of time. Or only NAME, once"
            " for each file and in their order.",
        ),
    ] = None,
    separate: Annotated[
        bool, typer.Option("--separate", help="Treat every file as a camera; join nothing.")
    ] = False,
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            min=1,
            help="Take every n-th frame of the first camera, and of the others the frames nearest"
            " to them in time. 1, the default, takes every frame of every camera.",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            min=0.001,
            help="Take this many frames per second, at the same times from every camera.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be imported.")
    ] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Import one recording from a video, or from several synchronised ones.

    Files that a camera cut one recording into (GX010001.MP4, GX020001.MP4; DJI_0001, DJI_0002; …)
    are one camera where their names and times say so. What was understood is said before the
    import begins. Frames of several cameras are one moment where their times agree; without a
    synchronisation, cameras are taken to begin together with their first pictures.

    \b
    Examples:
      infantnet import video bedroom.mp4 --infant B07 --age-months 9 --every 10
      infantnet import video cam1.mp4 cam2.mp4 --camera left --camera right \\
          --infant H12 --source home_visit --consent research --fps 5
      infantnet import video GX010001.MP4 GX020001.MP4 --infant H12 --dry-run
      infantnet import video --camera left=a1.mp4,a2.mp4 --camera right=b.mp4 --infant H12
    """
    if every is not None and fps is not None:
        raise Stop("Choose either --every or --fps, not both.", Exit.USAGE)
    wanted = wanted_cameras(files or [], camera or [])
    require_files(wanted.files)
    sampling = {"mode": "fps", "value": fps} if fps else {"mode": "every", "value": every or 1}
    first = wanted.files[0]
    body = facts_of("video", name or first.stem, source, consent, infant, sex, age_months, notes)
    with connect(ctx) as api:
        ids = {file: send_file(api, file, keep=True) for file in wanted.files}
        if no_wait and not dry_run and len(ids) == 1:
            label = wanted.cameras[0][0] if wanted.cameras else "camera 1"
            cameras = [{"name": label, "upload_ids": list(ids.values())}]
        else:
            seen = understand(api, ids, wanted, sampling, separate=separate)
            if dry_run:
                if as_json:
                    print_json(seen)
                return
            cameras = [
                {"name": c["name"], "upload_ids": [f["upload_id"] for f in c["files"]]}
                for c in seen["cameras"]
            ]
        request = {**body, "cameras": cameras, "sampling": sampling}
        import_recording(api, request, no_wait, as_json, sent=wanted.files)


@app.command("images")
def import_images(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="A folder, a zip, or image files.")],
    infant: Infant,
    name: Name = None,
    source: SourceOption = SourceName.OTHER,
    consent: ConsentOption = ConsentName.NOT_RECORDED,
    age_months: Age = None,
    sex: SexOption = None,
    notes: Notes = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Import one recording from images, in the order of their names.

    \b
    Examples:
      infantnet import images frames/ --infant B07 --age-months 9
      infantnet import images frames.zip --infant B07 --name "Bedroom 2"
    """
    body = facts_of(
        "images", name or paths[0].stem, source, consent, infant, sex, age_months, notes
    )
    with connect(ctx) as api:
        upload = send_images(api, paths)
        import_recording(api, {**body, "upload_ids": [upload]}, no_wait, as_json)


def import_recording(
    api: Api, body: dict[str, Any], no_wait: bool, as_json: bool, *, sent: Sequence[Path] = ()
) -> None:
    """Begin an import and wait for it; files that were ``sent`` are then the server's."""
    try:
        answer = api.post("/recordings/import", body)
    except Refused as refusal:
        if "upload_id" in refusal.problem:  # one of them was used, or is gone: send it again
            forget_sent(api, sent)
        raise
    forget_sent(api, sent)
    recording, job = answer["recording"], answer["job"]
    say(f"Recording {recording['id']} “{recording['name']}”, job {job['id']}.")
    if not no_wait:
        job = wait_for_job(api, job)
        recording = api.get(f"/recordings/{recording['id']}")
        for warning in (job["result"] or {}).get("warnings", []):
            say(warning)
        say(f"{recording['frames']} frames. {_next(recording)}")
    if as_json:
        print_json({"recording": recording, "job": job})
    else:
        print(recording["id"])


def require_files(files: Sequence[Path]) -> None:
    """Refuse files that are not there, before anything is sent.

    Raises:
        Stop: one is missing.
    """
    for file in files:
        if not file.is_file():
            raise Stop(f"{file}: there is no such file.")


def _next(recording: dict[str, Any]) -> str:
    """What a recording waits for after its import."""
    if recording["stage"] == Stage.INGESTED.value:
        return f"Next: infantnet prelabel {recording['id']}"
    return "Its labels came with it: it is ready to annotate."
