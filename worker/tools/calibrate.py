"""``infantnet tools calibrate-intrinsics|calibrate-extrinsics``: on plain files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from backend.domain.file_names import IMAGE_SUFFIXES
from worker.calibration.boards import Target
from worker.calibration.contradictions import board_lengths, exchanged_lenses
from worker.calibration.extrinsics import calibrate_extrinsics as solve_extrinsics
from worker.calibration.files import read_cameras, write_cameras
from worker.calibration.finding import as_boards
from worker.calibration.intrinsics import calibrate_intrinsics as solve_intrinsics
from worker.calibration.kinds import Kind, board_of
from worker.calibration.missing import lens_missing, places_missing
from worker.calibration.partners import Pairing
from worker.calibration.pictures import coverage_picture
from worker.calibration.points import PointsResult, as_points, place_cameras
from worker.calibration.sources import File, find_moments, find_views
from worker.calibration.texts import replace_file
from worker.tools.calibration_reports import (
    lens_report,
    place_report,
    tell_lens,
    tell_missing,
    tell_places,
)

VIDEOS = frozenset((".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mts", ".mxf"))


class LensName(StrEnum):
    """Lens models."""

    PINHOLE = "pinhole"
    FISHEYE = "fisheye"


BoardSize = Annotated[
    str | None,
    typer.Option(
        "--board",
        metavar="5x9",
        help="Inner corners of a checkerboard (one fewer than squares in each direction), squares"
        " of a ChArUco board, markers of the others.",
    ),
]
Square = Annotated[
    float | None,
    typer.Option("--square-mm", help="Side of one square, or from marker to marker, millimetres."),
]
BoardKind = Annotated[Kind, typer.Option("--kind", help="Kind of board.")]
Marker = Annotated[
    float | None, typer.Option("--marker-mm", help="Side of a marker's black outline, millimetres.")
]
Dictionary = Annotated[
    str | None, typer.Option("--dictionary", help="Set of markers, such as 4X4_100.")
]
FirstId = Annotated[
    list[int] | None,
    typer.Option("--first-id", help="Number of a board's first marker; again for more boards."),
]
Out = Annotated[
    Path, typer.Option("--out", "-o", help="Camera file to write (.toml, .yml, .json).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def _boards(
    kind: Kind, size: str | None, square_mm: float | None, marker_mm: float | None,
    dictionary: str | None, first_ids: Sequence[int] | None,
) -> tuple[Target, ...]:  # fmt: skip
    if size is None or square_mm is None:
        raise Stop("Say which board it is: --board 5x9 --square-mm 30.", Exit.USAGE)
    return tuple(
        board_of(kind, size, square_mm, marker_mm, dictionary, first) for first in first_ids or [0]
    )


def calibrate_intrinsics(
    pictures: Annotated[
        list[Path], typer.Argument(metavar="IMAGES…", help="Images, videos, or folders of them.")
    ],
    out: Out,
    board: BoardSize = None,
    square_mm: Square = None,
    kind: BoardKind = Kind.CHESSBOARD,
    marker_mm: Marker = None,
    dictionary: Dictionary = None,
    first_id: FirstId = None,
    lens: Annotated[LensName, typer.Option("--lens", help="Model of the lens.")] = LensName.PINHOLE,
    name: Annotated[str | None, typer.Option("--name", help="The camera's name.")] = None,
    coverage: Annotated[
        Path | None, typer.Option("--coverage", help="Write the coverage picture (PNG) here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find a camera's focal length and distortion from pictures of a board.

    \b
    Examples:
      infantnet tools calibrate-intrinsics --board 5x9 --square-mm 30 cam1/*.jpg --out cam1.toml
      infantnet tools calibrate-intrinsics --board 5x9 --square-mm 30 --lens fisheye \\
          GX010001.MP4 --name left --out left.toml
      infantnet tools calibrate-intrinsics --kind charuco --board 8x6 --square-mm 40 \\
          --marker-mm 30 cam1/ --out cam1.toml
    """
    planes = _boards(kind, board, square_mm, marker_mm, dictionary, first_id)
    files = [(str(path), path) for path in expand(pictures)]
    label = name or out.name.split(".")[0]
    found = find_views(files, planes, tick=_Ticker(len(files)))
    for note in found.notes:
        say(note)
    result = solve_intrinsics(
        label, found.views, planes[0], Lens(lens.value), dropped=tuple(found.dropped),
        hint=found.hint,
    )  # fmt: skip
    missing = lens_missing(result.camera, [view for view, _ in result.views], planes[0])
    write_cameras(out, [result.camera])
    if coverage is not None:
        size = (result.camera.width, result.camera.height)
        replace_file(coverage, coverage_picture(size, result.views))
    if as_json:
        print_json({**lens_report(result), "missing": missing})
    else:
        tell_lens(result)
        tell_missing(missing)
        say(f"{out} written.")


def calibrate_extrinsics(
    out: Out,
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CAMERA_FOLDERS/VIDEOS…",
            help="For each camera, in the order of the lenses: a folder of images, or a video.",
        ),
    ] = None,
    intrinsics: Annotated[
        list[Path] | None, typer.Option("--intrinsics", help="Camera files; may be repeated.")
    ] = None,
    board: BoardSize = None,
    square_mm: Square = None,
    kind: BoardKind = Kind.CHESSBOARD,
    marker_mm: Marker = None,
    dictionary: Dictionary = None,
    first_id: FirstId = None,
    match: Annotated[
        Pairing,
        typer.Option("--match", help="What pictures of one moment have in common across cameras."),
    ] = Pairing.AUTO,
    board_on_floor: Annotated[
        bool, typer.Option("--board-on-floor", help="The first board lies on the floor: z = 0.")
    ] = False,
    points: Annotated[
        Path | None,
        typer.Option("--points", help="Scene points of known position (.json or .csv) instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where cameras stand, from a board that they see together or from known points.

    Images of one moment have the same name or number in each camera's folder, else the same place
    in its order; --match says which. Of videos it is the same time.

    \b
    Examples:
      infantnet tools calibrate-extrinsics --intrinsics cam1.toml --intrinsics cam2.toml \\
          --board 11x7 --square-mm 60 --board-on-floor cam1/ cam2/ --out cameras.toml
      infantnet tools calibrate-extrinsics --intrinsics lenses.toml --points points.json \\
          --out cameras.toml
    """
    lenses = list(read_cameras(intrinsics or []).cameras) if intrinsics else []
    if not lenses:
        raise Stop("Name the lenses: --intrinsics cam1.toml --intrinsics cam2.toml …", Exit.USAGE)
    if points is not None:
        placed = place_cameras(lenses, read_points(points))
        _finish_points(placed, out, as_json)
        return
    planes = _boards(kind, board, square_mm, marker_mm, dictionary, first_id)
    folders = sources or []
    if len(folders) != len(lenses):
        raise Stop(
            f"{len(lenses)} lenses ({', '.join(c.name for c in lenses)}) need {len(lenses)} folders"
            f" or videos in the same order, not {len(folders)}.", Exit.USAGE,
        )  # fmt: skip
    files: list[list[File]] = []
    for folder in folders:
        if not folder.exists():
            say(f"{folder} is missing; the other cameras continue without it.")
            files.append([])
        else:
            files.append([(str(path), path) for path in expand([folder])])
    found = find_moments(
        files, planes, names=[lens.name for lens in lenses], pairing=match,
        tick=_Ticker(sum(map(len, files))),
    )  # fmt: skip
    for note in found.notes:
        say(note)
    result = solve_extrinsics(
        lenses, found.moments, as_boards(planes)[0], board_on_floor=board_on_floor
    )
    missing = places_missing(lenses, found.moments)
    rig = list(result.cameras)
    said = [
        *exchanged_lenses(rig, found.moments, planes[0]),
        *board_lengths(rig, found.moments, planes[0]),
    ]
    result = replace(result, warnings=(*result.warnings, *said))
    _write_placed(out, result.cameras)
    if as_json:
        print_json({**place_report(result), "matched_by": found.pairing.value, "missing": missing})
    else:
        tell_places(result)
        tell_missing(missing)
        say(f"{out} written.")


def _write_placed(out: Path, cameras: Sequence[Camera]) -> None:
    write_cameras(out, [camera for camera in cameras if camera.placed])


def _finish_points(result: PointsResult, out: Path, as_json: bool) -> None:
    _write_placed(out, result.cameras)
    report = {
        "rms_px": result.rms_px,
        "points": [
            {"name": p.name, "errors_px": dict(p.errors_px), "apart_mm": p.apart_mm}
            for p in result.points
        ],
        "warnings": list(result.warnings),
    }
    if as_json:
        print_json(report)
        return
    print(f"RMS {result.rms_px:.2f} px")
    for point in result.points:
        errors = ", ".join(f"{name} {error:.1f} px" for name, error in point.errors_px.items())
        apart = "" if point.apart_mm is None else f"; triangulated {point.apart_mm:.0f} mm away"
        print(f"  {point.name}: {errors}{apart}")
    for warning in result.warnings:
        say(warning)
    say(f"{out} written.")


def read_points(path: Path) -> list[Any]:
    """Scene points from JSON, or from CSV with columns name,x,y,z,camera,px,py (one row a mark)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: cannot be read.", file=str(path), fault=str(error)) from error
    if path.suffix.lower() != ".csv":
        try:
            return as_points(json.loads(text), str(path))
        except (ValueError, RecursionError) as error:
            raise InvalidInput(
                f"{path}: not JSON: {error}.", file=str(path), fault="not JSON"
            ) from error
    rows = list(csv.DictReader(text.splitlines()))
    wanted = ("name", "x", "y", "z", "camera", "px", "py")
    if not rows or any(key not in rows[0] for key in wanted):
        raise InvalidInput(
            f"{path}: the first line must name the columns {','.join(wanted)}.",
            file=str(path),
            fault="columns missing",
        )
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = merged.setdefault(
            row["name"], {"name": row["name"], "xyz": [row["x"], row["y"], row["z"]], "seen": {}}
        )
        entry["seen"][row["camera"]] = [row["px"], row["py"]]
    return as_points(list(merged.values()), str(path))


def expand(paths: Sequence[Path]) -> list[Path]:
    """Files, with folders replaced by the images and videos in them, in natural order.

    Raises:
        Stop: a path does not exist, or a folder has nothing to look at.
    """
    out: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                (p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES | VIDEOS),
                key=lambda p: [int(t) if t.isdigit() else t for t in _parts(p.name)],
            )
            if not inside:
                raise Stop(f"{path}: there is no image or video in it.")
            out += inside
        elif path.is_file():
            out.append(path)
        else:
            raise Stop(f"{path}: there is no such file or folder.")
    return out


def _parts(name: str) -> list[str]:
    return re.split(r"(\d+)", name.lower())


class _Ticker:
    """Says now and then how many pictures were searched."""

    def __init__(self, files: int) -> None:
        self.files, self.done = files, 0

    def __call__(self) -> None:
        self.done += 1
        if self.done % 25 == 0:
            say(f"{self.done} pictures searched …")
