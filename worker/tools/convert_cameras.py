"""``infantnet tools convert-cameras``: camera files of other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.multiview.calibrations.drift import contradictions
from backend.multiview.calibrations.stated import stated_contradictions
from worker.calibration.files import CameraFile, read_cameras, write_cameras
from worker.tools.calibrate import Out


class Unit(StrEnum):
    """Units of length in a camera file."""

    AUTO = "auto"
    METRES = "m"
    CENTIMETRES = "cm"
    MILLIMETRES = "mm"


def convert_cameras(
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="Camera files to read.")],
    out: Out,
    units: Annotated[
        Unit, typer.Option("--units", help="Unit of lengths in the files, where they do not say.")
    ] = Unit.AUTO,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="New names, in the order of the cameras.")
    ] = None,
    image_size: Annotated[
        str | None,
        typer.Option("--image-size", metavar="WxH", help="Pixels, for files that do not say."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", help="Another calibration of these cameras: say what contradicts it."
        ),
    ] = None,
) -> None:
    """Convert camera files: TOML of aniposelib, caliscope and Pose2Sim, Qualisys and Theia
    .qca.txt, OpenCV YAML, XML and JSON, Kalibr, COLMAP, EasyMocap, JARVIS.

    Files that belong together are named together.

    \b
    Examples:
      infantnet tools convert-cameras session.qca.txt --out cameras.toml
      infantnet tools convert-cameras intri.yml extri.yml --image-size 1920x1080 --out cameras.toml
    """
    read: CameraFile = read_cameras(
        files,
        names=[str(path) for path in files],
        units=units.value,
        size=_size(image_size),
    )
    cameras = list(read.cameras)
    if name:
        if len(name) != len(cameras):
            raise Stop(f"{len(cameras)} cameras need {len(cameras)} --name.", Exit.USAGE)
        cameras = [replace(c, name=n) for c, n in zip(cameras, name, strict=True)]
    contradicted = [] if against is None else _contradicted(against, cameras)
    write_cameras(out, cameras)
    for note in (*read.notes, *contradicted):
        say(note)
    say(f"{out}: {len(cameras)} cameras from {read.format}, lengths read as {read.units}.")


def _contradicted(against: Path, cameras: Sequence[Camera]) -> list[str]:
    """What another calibration of the same cameras says that cannot both be."""
    before = {camera.name: camera for camera in read_cameras([against]).cameras}
    both = [camera for camera in cameras if camera.name in before]
    if not both:
        raise InvalidInput(
            f"{against}: none of its cameras ({', '.join(before)}) is in the files.",
            file=str(against),
            fault="other cameras",
        )
    pairs = [before[camera.name] for camera in both], both
    placed = [(b, a) for b, a in zip(*pairs, strict=True) if b.placed and a.placed]
    first = contradictions([b for b, _ in placed], [a for _, a in placed]) if placed else []
    return first or stated_contradictions(*pairs)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise Stop(f"--image-size {text}: write it as 1920x1080.", Exit.USAGE)
    return int(width), int(height)
