"""``infantnet calibrate RECORDING intrinsics|extrinsics|points|import|list|use``."""

from __future__ import annotations

import csv
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, NoWait, RecordingName, connect, find_recording, group
from backend.cli.output import print_json, say
from backend.cli.sending import send_file
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job
from backend.domain.file_names import IMAGE_SUFFIXES

VIDEOS = frozenset((".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mts", ".mxf"))
app = group("Calibrate a recording's cameras, on the running server.")


class PhaseName(StrEnum):
    """When the boards were filmed."""

    BEFORE = "before"
    AFTER = "after"
    SESSION = "session"


class LensName(StrEnum):
    """Lens models."""

    PINHOLE = "pinhole"
    FISHEYE = "fisheye"


Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="FOLDERS/VIDEOS…",
        help="For each camera, in order: a folder of images, or a video. CAMERA=PATH names one.",
    ),
]
BoardSize = Annotated[
    str, typer.Option("--board", metavar="5x9", help="Inner corners: one fewer than squares.")
]
Square = Annotated[float, typer.Option("--square-mm", help="Side of one square, millimetres.")]
Phase = Annotated[PhaseName, typer.Option("--phase", help="When, relative to the visit.")]
Note = Annotated[str | None, typer.Option("--note", help="Anything worth knowing.")]


@app.callback()
def _recording(ctx: typer.Context, recording: RecordingName) -> None:
    """Calibrate a recording's cameras, on the running server.

    \b
    Examples:
      infantnet calibrate "Visit 3" intrinsics --board 5x9 --square-mm 30 cam1/ cam2/ cam3/ cam4/
      infantnet calibrate "Visit 3" extrinsics --board 11x7 --square-mm 60 a.mp4 b.mp4 c.mp4 d.mp4
      infantnet calibrate "Visit 3" points points.json
      infantnet calibrate "Visit 3" import cameras.toml
    """
    ctx.obj = recording


@app.command("intrinsics")
def intrinsics(
    ctx: typer.Context,
    sources: Sources,
    board: BoardSize,
    square_mm: Square,
    lens: Annotated[LensName, typer.Option("--lens", help="Model of the lens.")] = LensName.PINHOLE,
    phase: Phase = PhaseName.SESSION,
    note: Note = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Find the lenses from pictures or videos of a board; unnamed cameras keep theirs."""
    size = _board(board, square_mm)
    with connect(ctx) as api:
        recording = _found(api, ctx)
        files = _files_by_camera(recording, sources)
        body = {"step": "intrinsics", "board": size, "lens": lens.value, "phase": phase.value,
                "note": note, "images": _sent(api, files)}  # fmt: skip
        _run(api, recording, body, no_wait, as_json)


@app.command("extrinsics")
def extrinsics(
    ctx: typer.Context,
    sources: Sources,
    board: BoardSize,
    square_mm: Square,
    board_on_floor: Annotated[
        bool, typer.Option("--board-on-floor", help="The first board lies on the floor: z = 0.")
    ] = False,
    phase: Phase = PhaseName.SESSION,
    note: Note = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Place the cameras by a board that they see together: n-th pictures are one instant."""
    size = _board(board, square_mm)
    with connect(ctx) as api:
        recording = _found(api, ctx)
        files = _files_by_camera(recording, sources)
        body = {"step": "extrinsics", "board": size, "board_on_floor": board_on_floor,
                "phase": phase.value, "note": note, "images": _sent(api, files)}  # fmt: skip
        _run(api, recording, body, no_wait, as_json)


@app.command("points")
def points(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Points of known position (.json or .csv).")],
    floor_z: Annotated[
        float | None, typer.Option("--floor-z", help="Height of the floor, metres, if known.")
    ] = None,
    phase: Phase = PhaseName.SESSION,
    note: Note = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Place the cameras by scene points of known position (metres) marked in their pictures."""
    with connect(ctx) as api:
        recording = _found(api, ctx)
        ids = _ids(recording)
        listed = [
            {
                "name": entry.get("name"),
                "xyz": entry.get("xyz"),
                "seen": {str(_id_of(ids, n)): at for n, at in (entry.get("seen") or {}).items()},
            }
            for entry in _points(file)
        ]
        body = {"step": "points", "points": listed, "floor_z": floor_z, "phase": phase.value,
                "note": note}  # fmt: skip
        _run(api, recording, body, no_wait, as_json)


@app.command("import")
def import_file(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="TOML, .qca.txt, YAML or JSON.")],
    units: Annotated[
        str, typer.Option("--units", help="Unit of lengths: auto, m, cm or mm.")
    ] = "auto",
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", metavar="CAMERA=NAME", help="Which camera is which in the file."),
    ] = None,
    floor_z: Annotated[
        float | None, typer.Option("--floor-z", help="Height of the floor, metres, if known.")
    ] = None,
    phase: Phase = PhaseName.SESSION,
    note: Note = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Take cameras from a file of another program; matched by name, else by order."""
    for file in files:
        if not file.is_file():
            raise Stop(f"{file}: there is no such file.")
    with connect(ctx) as api:
        recording = _found(api, ctx)
        ids = _ids(recording)
        chosen = {}
        for pair in camera or []:
            ours, _, theirs = pair.partition("=")
            if not theirs:
                raise Stop(f"--camera {pair}: write CAMERA=NAME.", Exit.USAGE)
            chosen[str(_id_of(ids, ours))] = theirs
        body = {"step": "import", "upload_ids": [send_file(api, file) for file in files],
                "units": units, "cameras": chosen, "floor_z": floor_z, "phase": phase.value,
                "note": note}  # fmt: skip
        _run(api, recording, body, no_wait, as_json)


@app.command("list")
def list_versions(ctx: typer.Context, as_json: Json = False) -> None:
    """Show the versions of a recording's cameras."""
    with connect(ctx) as api:
        found = api.get(f"/recordings/{_found(api, ctx)['id']}/calibrations")
    if as_json:
        print_json(found)
        return
    for version in found:
        _tell(version)


@app.command("use")
def use(
    ctx: typer.Context,
    version: Annotated[int, typer.Argument(help="Number of a version, from `list`.")],
) -> None:
    """Let the recording go by another version."""
    with connect(ctx) as api:
        recording = _found(api, ctx)
        for row in api.get(f"/recordings/{recording['id']}/calibrations"):
            if row["version"] == version:
                api.post(
                    f"/recordings/{recording['id']}/calibration", {"calibration_id": row["id"]}
                )
                say(f"{recording['name']} uses version {version}.")
                return
    raise Stop(f"{recording['name']} has no version {version}.")


def _found(api: Api, ctx: typer.Context) -> dict[str, Any]:
    detail: dict[str, Any] = api.get(f"/recordings/{find_recording(api, ctx.obj)['id']}")
    return detail


def _board(text: str, square_mm: float) -> dict[str, Any]:
    found = re.fullmatch(r"\s*(\d+)\s*[xX×*]\s*(\d+)\s*", text)
    if not found:
        raise Stop(f"--board {text}: write inner corners such as 5x9.", Exit.USAGE)
    return {"columns": int(found[1]), "rows": int(found[2]), "square_mm": square_mm}


def _ids(recording: dict[str, Any]) -> dict[str, int]:
    return {camera["name"]: camera["id"] for camera in recording["cameras_list"]}


def _id_of(ids: dict[str, int], name: str) -> int:
    for known, camera_id in ids.items():
        if known.casefold() == name.strip().casefold():
            return camera_id
    raise Stop(f"There is no camera “{name}”; there are {', '.join(ids)}.", Exit.USAGE)


def _files_by_camera(recording: dict[str, Any], sources: list[Path]) -> dict[int, list[Path]]:
    """Files of each camera: by ``CAMERA=PATH``, else in the order of the cameras."""
    ids = _ids(recording)
    named = ["=" in str(s) and not s.exists() for s in sources]
    out: dict[int, list[Path]] = {}
    if any(named):
        if not all(named):
            raise Stop("Name every source as CAMERA=PATH, or none.", Exit.USAGE)
        for source in sources:
            camera, _, path = str(source).partition("=")
            out.setdefault(_id_of(ids, camera), []).extend(_expanded(Path(path)))
        return out
    if len(sources) != len(ids):
        raise Stop(
            f"{recording['name']} has {len(ids)} cameras ({', '.join(ids)}): give as many folders"
            " or videos in that order, or name them as CAMERA=PATH.", Exit.USAGE,
        )  # fmt: skip
    return {i: _expanded(source) for i, source in zip(ids.values(), sources, strict=True)}


def _expanded(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Stop(f"{path}: there is no such file or folder.")
    inside = sorted(
        (p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES | VIDEOS),
        key=lambda p: [int(t) if t.isdigit() else t for t in re.split(r"(\d+)", p.name.lower())],
    )
    if not inside:
        raise Stop(f"{path}: there is no image or video in it.")
    return inside


def _sent(api: Api, files: dict[int, list[Path]]) -> dict[str, list[int]]:
    return {str(i): [send_file(api, path) for path in paths] for i, paths in files.items()}


def _points(path: Path) -> list[dict[str, Any]]:
    """Points from JSON, or from CSV with columns name,x,y,z,camera,px,py (one row a mark)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() != ".csv":
            value = json.loads(text)
            listed = value.get("points") if isinstance(value, dict) else value
            if not isinstance(listed, list) or not all(isinstance(e, dict) for e in listed):
                raise Stop(f"{path}: there is no list of points in it.")
            return listed
        merged: dict[str, dict[str, Any]] = {}
        for row in csv.DictReader(text.splitlines()):
            place = [float(row[axis]) for axis in "xyz"]
            entry = merged.setdefault(row["name"], {"name": row["name"], "xyz": place, "seen": {}})
            entry["seen"][row["camera"]] = [float(row["px"]), float(row["py"])]
        return list(merged.values())
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Stop(
            f"{path}: cannot be read as points ({error}). JSON wants name, xyz and seen; CSV the"
            " columns name,x,y,z,camera,px,py."
        ) from error


def _run(
    api: Api, recording: dict[str, Any], body: dict[str, Any], no_wait: bool, as_json: bool
) -> None:
    job = api.post(f"/recordings/{recording['id']}/calibrations", body)
    say(f"Job {job['id']} for recording {recording['id']} “{recording['name']}”.")
    if no_wait:
        if as_json:
            print_json({"job": job})
        return
    job = wait_for_job(api, job)
    version = api.get(f"/calibrations/{job['result']['calibration_id']}")
    if as_json:
        print_json({"calibration": version, "job": job})
    else:
        _tell(version)


def _tell(version: dict[str, Any]) -> None:
    use_word = ", in use" if version["in_use"] else ""
    print(
        f"Version {version['version']} ({version['origin']}, {version['phase']}{use_word})"
        + (f": {version['note']}" if version["note"] else "")
    )
    for camera in version["cameras"]:
        focal = (camera["K"][0][0] * camera["K"][1][1]) ** 0.5
        where = "placed" if camera["T_camera_world"] else "no place"
        rms = "" if camera["rms_px"] is None else f", RMS {camera['rms_px']:.2f} px"
        print(f"  {camera['name']}: focal length {focal:.0f} px, {where}{rms}")
    for lens in (version["report"].get("cameras") or {}).values():
        for gone in lens["dropped"]:
            say(f"Left out {gone['file']}: {gone['reason']}")
    for gone in (version["report"].get("extrinsics") or {}).get("dropped", []):
        say(f"Left out {gone['file']}: {gone['reason']}")
    for warning in version["report"].get("warnings") or []:
        say(warning)
