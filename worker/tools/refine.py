"""``infantnet tools refine-cameras``: cameras adjusted to the joints of the recording itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from backend.cli.output import print_json, say
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.adjusting import Adjusted, adjust_to_marks, clock
from worker.calibration.files import read_cameras, write_cameras
from worker.calibration.marks import Marks
from worker.calibration.refine import KnownPoint, LensFreedom
from worker.tools.calibrate import read_points, spread_of
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
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Adjust cameras to the joints of a recording, and find a camera that was knocked.

    For each time after a movement a file of its own is written beside --out. What it gains is
    measured on every fifth moment, which takes no part.

    \b
    Example:
      infantnet tools refine-cameras --cameras cameras.toml --joints joints.npz --out refined.toml
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
        rig, Marks(seen.pixels, seen.trust, times), lenses=lenses, movements=movements, known=known
    )
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
