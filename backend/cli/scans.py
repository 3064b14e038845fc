"""``infantnet scans add|list|remove``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, RecordingName, connect, find_recording, group
from backend.cli.output import megabytes, print_json, progress, say, table
from backend.cli.sending import send_file
from backend.cli.stop import Exit, Stop
from backend.domain.errors import DomainError
from backend.domain.scans import (
    SUFFIXES,
    ScanKind,
    check_cloud,
    check_depth,
    kind_of,
    number_of,
)
from backend.multiview.scans.scan_files import check_size, read_cloud, read_depth

app = group("Attach point clouds and depth images to a recording, for its body fits.")

CameraName = Annotated[
    str | None,
    typer.Option("--camera", metavar="NAME", help="Camera by name; its frame numbers count."),
]

_BATCH = 200


@app.command("add")
def add_scans(
    ctx: typer.Context,
    recording: RecordingName,
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILES-OR-FOLDER", help="Scans, or folders of them.")
    ],
    camera: CameraName = None,
    depth_unit_mm: Annotated[
        float,
        typer.Option(
            "--depth-unit-mm", metavar="MM", help="One step of a depth image, in millimetres."
        ),
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Attach scans: point clouds (.ply, .npz, .npy; world metres) or 16-bit depth images (.png).

    The last run of digits of a name is the frame number, from 0, in the first camera's video or
    that of --camera. Depth images need a calibrated camera. Frames that were not taken into the
    recording are passed over. All files are looked at before the first one is sent.

    \b
    Examples:
      infantnet scans add "Visit 3" clouds/
      infantnet scans add "Visit 3" depth/ --camera "cam 2" --depth-unit-mm 1
    """
    files = _files(paths)
    with connect(ctx) as api:
        found = find_recording(api, recording)
        url = f"/recordings/{found['id']}/scans"
        here = api.get(url)
        chosen = _camera(found, here, camera, files)
        kept, passed, unchanged = _checked(files, chosen, here["scans"], depth_unit_mm)
        added = _send(api, url, kept, {"camera_id": chosen["id"], "depth_unit_mm": depth_unit_mm})
        here = api.get(url)
    if as_json:
        print_json({"added": added, "unchanged": unchanged, "passed_over": passed, "scans": here})
        return
    if passed:
        say(f"{_count(passed, 'file')} of frames that were not imported: skipped.")
    if unchanged:
        say(f"{_count(unchanged, 'file')} attached already.")
    say(f"{_count(added, 'scan')} attached. {_summary(found, here)} Fit its bodies to use them.")


@app.command("list")
def list_scans(ctx: typer.Context, recording: RecordingName, as_json: Json = False) -> None:
    """List the scans of a recording.

    \b
    Examples:
      infantnet scans list "Visit 3"
      infantnet scans list 7 --json
    """
    with connect(ctx) as api:
        found = find_recording(api, recording)
        here = api.get(f"/recordings/{found['id']}/scans")
    if as_json:
        print_json(here)
        return
    say(_summary(found, here))
    names = {camera["id"]: camera["name"] for camera in here["cameras"]}
    table(
        ["moment", "frame", "camera", "kind", "points", "size", "SHA-256", "file"],
        [
            [
                "none" if s["moment_index"] is None else s["moment_index"],
                s["number"],
                names[s["camera_id"]],
                s["kind"],
                s["points"],
                megabytes(s["size"]),
                s["sha256"][:12],
                s["filename"],
            ]
            for s in here["scans"]
        ],
        "Attach some with `infantnet scans add`.",
    )


@app.command("remove")
def remove_scans(ctx: typer.Context, recording: RecordingName, camera: CameraName = None) -> None:
    """Remove the scans of a recording, or those of one camera. Fits made with them become stale.

    \b
    Examples:
      infantnet scans remove "Visit 3"
      infantnet scans remove "Visit 3" --camera "cam 2"
    """
    with connect(ctx) as api:
        found = find_recording(api, recording)
        url = f"/recordings/{found['id']}/scans"
        here = api.get(url)
        gone, query = len(here["scans"]), ""
        if camera is not None:
            wanted = _named(found, here, camera)["id"]
            gone = sum(scan["camera_id"] == wanted for scan in here["scans"])
            query = f"?camera_id={wanted}"
        api.delete(url + query)
    say(f"{_count(gone, 'scan')} of {found['name']} removed.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _send(api: Api, url: str, files: list[Path], facts: dict[str, Any]) -> int:
    """Send and attach files, some at a time; returns how many. What was attached stays."""
    added, waiting = 0, list[int]()
    with progress("Sending scans") as bar:
        for done, path in enumerate(files, start=1):
            waiting.append(send_file(api, path, tell=False))
            bar.update(done, len(files))
            if len(waiting) == _BATCH or done == len(files):
                added += len(api.post(url, {"upload_ids": waiting} | facts)["added"])
                waiting = []
    return added


def _files(paths: list[Path]) -> list[Path]:
    """All scans named or in the folders, by number; files that are none are refused by name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        elif path.is_file():
            found.append(path)
        else:
            raise Stop(f"{path}: there is no such file or folder.")
    if not found:
        raise Stop(f"{', '.join(map(str, paths))}: no scan in it ({', '.join(SUFFIXES)}).")
    try:
        return sorted(dict.fromkeys(found), key=lambda path: (number_of(path.name), path.name))
    except DomainError as error:
        raise Stop(error.message) from error


def _named(recording: dict[str, Any], here: dict[str, Any], name: str) -> dict[str, Any]:
    for camera in here["cameras"]:
        if camera["name"].casefold() == name.strip().casefold():
            return dict(camera)
    names = ", ".join(camera["name"] for camera in here["cameras"])
    raise Stop(f"{recording['name']} has no camera “{name}”; it has {names or 'none yet'}.")


def _camera(
    recording: dict[str, Any], here: dict[str, Any], name: str | None, files: list[Path]
) -> dict[str, Any]:
    """The camera whose numbers count."""
    if name is not None:
        chosen = _named(recording, here, name)
    elif not here["cameras"]:
        raise Stop(f"{recording['name']} has no frames yet.")
    else:
        chosen = dict(here["cameras"][0])
    depth = [path.name for path in files if path.suffix.lower() == ".png"]
    if depth and name is None and len(here["cameras"]) > 1:
        names = ", ".join(camera["name"] for camera in here["cameras"])
        raise Stop(f"{depth[0]}: say with --camera which one took it: {names}.", Exit.USAGE)
    if depth and chosen["size"] is None:
        raise Stop(
            f"{chosen['name']} is not calibrated: its depth images can be used once it is"
            " (`infantnet calibrate`)."
        )
    return chosen


def _checked(
    files: list[Path], camera: dict[str, Any], there: list[dict[str, Any]], unit_mm: float
) -> tuple[list[Path], int, int]:
    """Files to send, how many belong to no frame, how many are attached already.

    Raises:
        Stop: a file cannot be used; nothing was sent yet.
    """
    numbers, last = set(camera["numbers"]), camera["last"]
    known = {
        (scan["camera_id"], scan["kind"], scan["number"]): (scan["sha256"], scan["depth_unit_mm"])
        for scan in there
    }
    kept, passed, unchanged = [], 0, 0
    with progress("Looking at scans") as bar:
        for done, path in enumerate(files, start=1):
            try:
                kind, number = kind_of(path.name), number_of(path.name)
                if number not in numbers and last is not None and number <= last:
                    passed += 1
                    continue
                check_size(path.stat().st_size, path.name)
                data = path.read_bytes()
                _check(data, path.name, kind, camera["size"], unit_mm)
            except DomainError as error:
                raise Stop(error.message) from error
            except OSError as error:
                raise Stop(f"{path}: {error.strerror}.") from error
            unit = unit_mm if kind is ScanKind.DEPTH else None
            if known.get((camera["id"], kind.value, number)) == (
                hashlib.sha256(data).hexdigest(),
                unit,
            ):
                unchanged += 1
            else:
                kept.append(path)
            bar.update(done, len(files))
    if passed == len(files):
        some = ", ".join(map(str, sorted(numbers)[:4]))
        raise Stop(f"None of these frames was taken into the recording; it has {some}, …")
    return kept, passed, unchanged


def _check(data: bytes, name: str, kind: ScanKind, size: list[int] | None, unit_mm: float) -> None:
    """What the server looks at too, so that a bad file is known before hours of sending."""
    if kind is ScanKind.CLOUD:
        check_cloud(read_cloud(data, name), name)
    elif size is not None:
        check_depth(read_depth(data, name, (size[0], size[1])), unit_mm, name)


def _summary(recording: dict[str, Any], here: dict[str, Any]) -> str:
    return (
        f"{recording['name']}: scans of {here['moments_with_scan']} of {here['moments']} moments."
    )
