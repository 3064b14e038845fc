"""``infantnet tools refine-cameras``: cameras adjusted to the joints of the recording itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage
from worker.calibration.adjustable import KnownPoint, LensFreedom
from worker.calibration.adjusting import Adjusted, adjust_to_marks, clock
from worker.calibration.files import read_cameras, write_cameras
from worker.calibration.marks import Marks
from worker.calibration.sources import frames_at
from worker.tools.calibrate import read_points
from worker.tools.calibration_reports import spread_of
from worker.tools.triangulate import match_cameras, read_joints


def refine_cameras(
    cameras: Annotated[Path, typer.Option("--cameras", help="Camera file with places.")],
    joints: Annotated[
        Path, typer.Option("--joints", help="joints.npz, see docs/cameras-files.md.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Camera file to write.")],
    lenses: Annotated[
        LensFreedom, typer.Option("--lenses", help="What of the lenses may change.")
    ] = LensFreedom.FIXED,
    movements: Annotated[
        bool, typer.Option("--movements/--no-movements", help="Look for knocked cameras.")
    ] = True,
    points: Annotated[
        Path | None, typer.Option("--points", help="Scene points of known position (.json, .csv).")
    ] = None,
    video: Annotated[
        list[str] | None,
        typer.Option(
            "--video",
            metavar="CAMERA=FILE",
            help="A camera's video, whose first frame is at 0 s of the joints' times: how a knocked"
            " camera turned is read from the room in it. Again for each camera.",
        ),
    ] = None,
    floor_z: Annotated[
        float | None,
        typer.Option("--floor-z", help="Height of the floor in metres, where the world's z is up."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Adjust cameras to the joints of a recording, and find a camera that was knocked.

    With --video how it turned is read from what stands still in the room: ten times as exact.
    For each time after a movement a file of its own is written beside --out. What it gains is
    measured on every fifth moment, which takes no part.

    \b
    Example:
      infantnet tools refine-cameras --cameras cameras.toml --joints joints.npz --out refined.toml
      infantnet tools refine-cameras --cameras cameras.toml --joints joints.npz --floor-z 0 \\
          --video cam1=cam1.mp4 --video cam2=cam2.mp4 --out refined.toml
    """
    seen = read_joints(joints)
    rig = match_cameras(read_cameras([cameras], names=[str(cameras)]).cameras, seen, str(cameras))
    if len(rig) < 2:
        raise InvalidInput("Two cameras or more are needed.", fault="one camera")
    times = np.arange(len(seen.pixels), dtype=float) if seen.time_s is None else seen.time_s
    place = {camera.name: i for i, camera in enumerate(rig)}
    known = []
    for point in read_points(points) if points is not None else []:
        strange = [name for name in point.seen if name not in place]
        if strange:
            raise InvalidInput(f"{points}: {point.name} is marked in {strange[0]}, which is none.")
        known.append(KnownPoint(point.xyz, {place[name]: at for name, at in point.seen.items()}))
    found = adjust_to_marks(
        rig, Marks(seen.pixels, seen.trust, times), lenses=lenses, movements=movements,
        known=known, pictures=_Videos(rig, video) if video else None, floor_z=floor_z,
    )  # fmt: skip
    written = []
    for start, entries in found.cameras_from():
        path = out if start is None else out.with_stem(f"{out.stem}-from-{start:.1f}s")
        write_cameras(path, entries)
        written.append((path, start))
    if as_json:
        print_json(
            report(found, rig) | {"files": [{"file": str(p), "from_s": s} for p, s in written]}
        )
        return
    print(
        f"{found.marks} marks, scatter {found.sd_px:.1f} px; moments left out:"
        f" {found.before_px:.2f} px before, {found.after_px:.2f} px after"
    )
    for words in found.warnings:
        print(f"  {words}")
    if not found.helps:
        say("The moments left out agree no better than before: keep the cameras as they were.")
    for path, start in written:
        say(f"{path} written{'' if start is None else f': the cameras from {clock(start)} on'}.")


class _Videos:
    """Videos of cameras; a ``worker.calibration.adjusting.Pictures``."""

    def __init__(self, rig: Sequence[Camera], named: Sequence[str]) -> None:
        self.rig = rig
        names = [camera.name for camera in rig]
        self.files: dict[int, Path] = {}
        for text in named:
            name, _, file = text.partition("=")
            if name not in names or not file:
                raise Stop(
                    f"--video {text}: write it as CAMERA=FILE with one of {', '.join(names)}.",
                    Exit.USAGE,
                )
            if not Path(file).is_file():
                raise Stop(f"--video {text}: there is no file {file}.")
            self.files[names.index(name)] = Path(file)

    def __call__(self, camera: int, from_s: float, to_s: float, most: int) -> Sequence[RgbImage]:
        path = self.files.get(camera)
        if path is None:
            return []
        lens = self.rig[camera]
        out = []
        for _, at, image in frames_at(str(path), path, np.linspace(from_s, to_s, most).tolist()):
            height, width = image.shape[:2]
            if (width, height) != (lens.width, lens.height):
                raise InvalidInput(
                    f"{path}: its pictures have {width}×{height} pixels, but {lens.name} is"
                    f" calibrated for {lens.width}×{lens.height}.",
                    file=str(path),
                    fault="image size",
                )
            if from_s <= at <= to_s:
                out.append(image[..., ::-1])
        return out


def report(found: Adjusted, rig: list[Camera]) -> dict[str, Any]:
    """What was found as plain values."""
    first = [found.rig.cameras[k] for k in found.rig.slot[0].tolist()]
    return {
        "marks": found.marks,
        "sd_px": found.sd_px,
        "left_out_before_px": found.before_px,
        "left_out_after_px": found.after_px,
        "helps": found.helps,
        "cameras": [
            {"name": c.name, "turned_deg": angle, **spread_of(now)}
            for c, now, angle in zip(rig, first, found.turned_deg, strict=True)
        ],
        "movements": [
            {
                "camera": rig[b.camera].name,
                "last_before_s": b.last_before_s,
                "first_after_s": b.first_after_s,
                "earliest_s": b.earliest_s,
                "latest_s": b.latest_s,
                "turned_deg": b.turned_deg,
                "shift_px": b.shift_px,
            }
            for b in found.bumps
        ],
        "warnings": list(found.warnings),
    }
