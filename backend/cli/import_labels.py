"""``infantnet import labels|coco``: files of labels, of any format that is read, with images."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, NoWait, connect
from backend.cli.first_pass import Chosen, ask, describe, first_pass, read_choices
from backend.cli.import_facts import (
    Age,
    ConsentName,
    ConsentOption,
    Name,
    Notes,
    SexOption,
    SourceName,
    SourceOption,
    facts_of,
)
from backend.cli.imports import app, import_recording, require_files
from backend.cli.output import print_json
from backend.cli.sending import send_file
from backend.cli.sending_images import send_folder, send_images
from backend.cli.stop import Exit, Stop
from backend.domain.infants import WhoIfUnclear
from backend.domain.orientation import LabelPixels
from backend.domain.pixels import PixelRule

__all__ = ["app"]

_VIDEOS = frozenset((".mp4", ".mov", ".m4v", ".mkv", ".avi", ".webm", ".mts", ".m2ts"))
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

Pseudonym = Annotated[
    str | None,
    typer.Option(
        "--infant",
        metavar="PSEUDONYM",
        help="The infant, never by its real name. Needed unless --check is given.",
    ),
]
OddOption = Annotated[
    list[str] | None,
    typer.Option(
        "--odd",
        metavar="[KIND=]map|skip|cancel",
        help="What to do about what is odd: for one kind, or for all that need a look.",
    ),
]
SkeletonOption = Annotated[
    list[str] | None,
    typer.Option(
        "--skeleton",
        metavar="[CATEGORY=]NAME",
        help="The skeleton of joints without names: mpii, crowdpose, body25, …",
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="[CATEGORY:]JOINT=COCO",
        help="What a joint of the file becomes: snout=nose; nothing behind the = drops it.",
    ),
]
PeopleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--people",
        metavar="CATEGORY=infant|other|skip",
        help="Who the people of a category are, or that they are left out.",
    ),
]
UnclearOption = Annotated[
    WhoIfUnclear,
    typer.Option("--unclear", help="Who is proposed as the infant where nothing tells."),
]
InfantCategory = Annotated[
    str | None,
    typer.Option(
        "--infant-category", metavar="NAME", help="The category of the infants; none for none."
    ),
]
PixelsOption = Annotated[
    PixelRule | None,
    typer.Option(
        "--pixels",
        help="What joint coordinates are measured from: index (0 is the centre of the "
        "first pixel) or continuous (0 is"
        " its outer corner). By default what the file declares, or as its format has it.",
    ),
]
ExifOption = Annotated[
    LabelPixels | None,
    typer.Option(
        "--exif",
        help="Photographs rotated by Exif: whether their labels are in stored or in upright"
        " pixels, where their sizes do not show it.",
    ),
]
CheckOption = Annotated[
    bool,
    typer.Option("--check", "--dry-run", help="Only list what would be imported, and what is odd."),
]


@app.command("labels")
def import_labels(
    ctx: typer.Context,
    labels: Annotated[
        list[Path],
        typer.Argument(
            help="Files of labels, or a folder, zip or tar that holds labels, and images as well."
        ),
    ],
    images: Annotated[
        list[Path] | None,
        typer.Option(
            "--images", help="Folder, zip or tar of the images, or a video that labels name."
        ),
    ] = None,
    infant: Pseudonym = None,
    name: Name = None,
    source: SourceOption = SourceName.OTHER,
    consent: ConsentOption = ConsentName.NOT_RECORDED,
    age_months: Age = None,
    sex: SexOption = None,
    notes: Notes = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="The format: cvat, label-studio, yolo, sleap, deeplabcut, labelme, …"
            " By default the content tells.",
        ),
    ] = None,
    odd: OddOption = None,
    skeleton: SkeletonOption = None,
    joints: MapOption = None,
    people: PeopleOption = None,
    unclear: UnclearOption = WhoIfUnclear.ALONE,
    infant_category: InfantCategory = None,
    pixels: PixelsOption = None,
    exif: ExifOption = None,
    check: CheckOption = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Import labels of another tool with their images; the people in them become candidates.

    The format is told by the content. What was understood and what is odd is listed first; on a
    terminal you are asked about what would lose something or be a guess.

    \b
    Examples:
      infantnet import labels annotations.xml --images frames.zip --infant B07
      infantnet import labels yolo_set/ --infant B07 --check
      infantnet import labels crib.slp --images crib.mp4 --infant B07 --map snout=nose
      infantnet import labels CollectedData_x.csv --images labeled-data/ --infant B07 \\
          --people infant=infant --people mother=other
    """
    _require_infant(infant, check)
    choices = read_choices(
        Chosen(
            odd or [], skeleton or [], joints or [], people or [], unclear, infant_category, pixels,
            exif, form,
        )
    )  # fmt: skip
    for path in [*labels, *(images or [])]:
        if not path.exists():
            raise Stop(f"{path}: there is no such file or folder.")
    with connect(ctx) as api:
        sent: dict[str, Any] = {"label_upload_ids": [], "upload_ids": []}
        for path in labels:
            if path.is_dir():
                sent["upload_ids"].append(send_folder(api, path))
            else:
                sent["label_upload_ids"].append(send_file(api, path))
        sent["upload_ids"] += _send_labelled(api, images or [])
        body = facts_of(
            "labels", name or labels[0].stem, source, consent, infant or "", sex, age_months, notes
        )
        _go_on(api, body, sent, choices, check=check, no_wait=no_wait, as_json=as_json)


@app.command("coco")
def import_coco(
    ctx: typer.Context,
    annotations: Annotated[Path, typer.Argument(help="COCO keypoint file (JSON, also as .gz).")],
    images: Annotated[
        list[Path],
        typer.Option("--images", help="Folder or zip of the images that the file names."),
    ],
    infant: Pseudonym = None,
    name: Name = None,
    source: SourceOption = SourceName.OTHER,
    consent: ConsentOption = ConsentName.NOT_RECORDED,
    age_months: Age = None,
    sex: SexOption = None,
    notes: Notes = None,
    odd: OddOption = None,
    skeleton: SkeletonOption = None,
    joints: MapOption = None,
    people: PeopleOption = None,
    unclear: UnclearOption = WhoIfUnclear.ALONE,
    infant_category: InfantCategory = None,
    pixels: PixelsOption = None,
    exif: ExifOption = None,
    check: CheckOption = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Import images with COCO keypoints; the people in the file become candidates.

    What is odd in the file is listed, by kind. On a terminal you are asked about what would lose
    something or be a guess; in a script such elements are left out, and it is said.

    \b
    Examples:
      infantnet import coco person_keypoints.json --images images/ --infant B07
      infantnet import coco people.json --images images.zip --check
      infantnet import coco people.json --images images.zip --infant B07 \\
          --odd skip --odd image_other_folder=map --skeleton mpii
    """
    _require_infant(infant, check)
    require_files([annotations])
    choices = read_choices(
        Chosen(
            odd or [], skeleton or [], joints or [], people or [], unclear, infant_category, pixels,
            exif,
        )
    )  # fmt: skip
    with connect(ctx) as api:
        sent: dict[str, Any] = {"upload_ids": [send_images(api, images)]}
        sent["coco_upload_id"] = send_file(api, annotations)
        body = facts_of(
            "coco", name or annotations.stem, source, consent, infant or "", sex, age_months, notes
        )
        _go_on(api, body, sent, choices, check=check, no_wait=no_wait, as_json=as_json)


def _require_infant(infant: str | None, check: bool) -> None:
    if infant is None and not check:
        raise Stop(
            "Name the infant with --infant PSEUDONYM, or look first with --check.", Exit.USAGE
        )


def _send_labelled(api: Api, paths: Sequence[Path]) -> list[int]:
    """Send archives and videos as they are; pack folders and single images into one zip."""
    whole = [
        path
        for path in paths
        if path.suffix.lower() in _VIDEOS or path.name.lower().endswith(_ARCHIVES)
    ]
    packed = [path for path in paths if path not in whole]
    return [send_file(api, path) for path in whole] + ([send_images(api, packed)] if packed else [])


def _go_on(
    api: Api,
    body: dict[str, Any],
    sent: dict[str, Any],
    choices: dict[str, Any],
    *,
    check: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Look only, or ask where there is somebody to ask, and import."""
    if check:
        _check(api, sent, choices, as_json)
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        with _thrown_away(api, sent):
            choices, _ = ask(api, sent, choices)
    import_recording(api, {**body, **sent, "choices": choices}, no_wait, as_json)


def _check(api: Api, uploads: dict[str, Any], choices: dict[str, Any], as_json: bool) -> None:
    """Print a first pass; the uploads do not stay."""
    try:
        report = first_pass(api, uploads, choices)
    finally:
        _throw_away(api, uploads)
    if as_json:
        print_json(report)
    else:
        print("\n".join(describe(report)))
    if report["refused"]:
        raise Stop(f"{report['file']} cannot be imported like this.")


@contextmanager
def _thrown_away(api: Api, uploads: dict[str, Any]) -> Iterator[None]:
    """Let nothing half-made stay where the person stops before the import."""
    try:
        yield
    except BaseException:
        _throw_away(api, uploads)
        raise


def _throw_away(api: Api, uploads: dict[str, Any]) -> None:
    ids = [*uploads["upload_ids"], *uploads.get("label_upload_ids", [])]
    if "coco_upload_id" in uploads:
        ids.append(uploads["coco_upload_id"])
    for upload in ids:
        with suppress(Stop):
            api.delete(f"/uploads/{upload}")
