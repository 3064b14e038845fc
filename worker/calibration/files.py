"""Camera files of other programs, read and written; the format is told from the content.

All of them put 0 at the centre of the first pixel, as OpenCV does; cameras leave and enter through
``Camera.from_opencv`` and ``Camera.to_opencv``. Lengths come in metres or millimetres; what a file
does not say is concluded from how far apart its cameras stand (:func:`to_metres`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from backend.domain.cameras import Camera
from worker.calibration import (
    colmap_files,
    kalibr_files,
    opencv_files,
    qualisys_files,
    toml_files,
)
from worker.calibration.plausible import doubts
from worker.calibration.texts import broken, replace_file

Units = Literal["auto", "m", "mm", "cm"]
Format = Literal["auto", "toml", "qualisys", "opencv", "kalibr", "colmap"]
_Read = tuple[list[Camera], str | None, list[str]]
_FACTORS: Final = {"m": 1.0, "cm": 0.01, "mm": 0.001}
MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CameraFile:
    """What a file said.

    Attributes:
        cameras: In metres and our image convention.
        format: ``toml``, ``qualisys``, ``opencv``, ``kalibr`` or ``colmap``.
        units: The unit that its lengths were in.
        notes: What a person should know.
    """

    cameras: tuple[Camera, ...]
    format: str
    units: str
    notes: tuple[str, ...] = field(default=())


def read_cameras(
    paths: Sequence[Path],
    *,
    names: Sequence[str] | None = None,
    format: Format = "auto",
    units: Units = "auto",
    size: tuple[int, int] | None = None,
) -> CameraFile:
    """Read cameras from one file, or from several that hold one or a few cameras each.

    Files that belong together (lenses and places of OpenCV's stereo sample or of EasyMocap, a
    COLMAP model's cameras and images) are put together.

    Args:
        paths: The files.
        names: What to call the files in messages; default their own names.
        format: Which program's; ``auto`` looks at the content.
        units: Of lengths in the file; ``auto`` concludes.
        size: Of the pictures in pixels, for files that do not say.

    Raises:
        InvalidInput: a file is none of these formats, damaged, or its lengths are implausible.
    """
    cameras: list[Camera] = []
    notes: list[str] = []
    said: str | None = None
    kind = ""
    labels = list(names or [p.name for p in paths])
    for name, recognised, reading in _readings(paths, labels, format, size):
        kind = recognised
        try:
            found, unit, more = reading()
        except RecursionError as error:
            raise broken(name, "it is nested far deeper than any camera file") from error
        except (
            ArithmeticError, ValueError, TypeError, LookupError, MemoryError, cv2.error,
        ) as error:  # fmt: skip
            # A reader names what it looks for; this is for what nobody would write.
            raise broken(name, "a number in it is impossible, or is in the wrong place") from error
        said = unit or said
        notes += more
        for camera in found:
            if any(camera.name == other.name for other in cameras):
                raise broken(name, f"a second camera is called {camera.name}")
            notes += doubts(camera, name)
            cameras.append(camera)
    if not cameras:
        raise broken(", ".join(names or [p.name for p in paths]), "there is no camera in it")
    label = (names or [p.name for p in paths])[0]
    chosen = units if units != "auto" else said
    metric, unit = to_metres(cameras, label, chosen)
    if chosen is None and unit == "mm":
        notes.append(f"{label} gives no unit; its lengths were read as millimetres.")
    return CameraFile(tuple(metric), kind, unit, tuple(notes))


def _readings(
    paths: Sequence[Path], names: Sequence[str], format: Format, size: tuple[int, int] | None
) -> Iterator[tuple[str, str, Callable[[], _Read]]]:
    """What there is to read: the name to call it, its format, and how; files that belong together
    are one."""
    readers = {
        "toml": toml_files.read,
        "qualisys": qualisys_files.read,
        "opencv": opencv_files.read,
        "kalibr": kalibr_files.read,
    }
    listed = [(_bytes(path, name), name) for path, name in zip(paths, names, strict=True)]
    colmap = {part: entry for entry in listed if (part := colmap_files.part_of(*entry))}
    if colmap:
        if "cameras" not in colmap:
            raise broken(colmap["images"][1], "its cameras file is missing (cameras.txt or .bin)")
        yield (
            colmap["cameras"][1],
            "colmap",
            partial(colmap_files.read, colmap["cameras"], colmap.get("images")),
        )
    rest = [(_text(*entry), entry[1]) for entry in listed if entry not in colmap.values()]
    parts = [opencv_files.parts_of(*entry) if len(rest) > 1 else None for entry in rest]
    lenses = [entry for entry, part in zip(rest, parts, strict=True) if part == "lenses"]
    places = [entry for entry, part in zip(rest, parts, strict=True) if part == "places"]
    together = len(lenses) == 1 and len(places) == 1
    for entry in rest:
        if together and entry in places:
            continue
        more = [places[0][0]] if together and entry in lenses else []
        text, name = entry
        kind = _recognise(text, name) if format in ("auto", "colmap") else format
        if more:
            yield name, "opencv", partial(opencv_files.read, text, name, size, more)
        else:
            yield name, kind, partial(readers[kind], text, name, size)


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise broken(name, f"larger than {MAX_BYTES // 2**20} MiB; this is not a camera file")
        data = path.read_bytes()
    except OSError as error:
        raise broken(name, f"cannot be read ({error.strerror})") from error
    if not data.strip():
        raise broken(name, "the file is empty")
    return data


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data:
            raise broken(name, "this is not a text file with cameras") from None
        return data.decode("latin-1")


def _recognise(text: str, name: str) -> str:
    head = text.lstrip()[:2000]
    if not head.startswith("{") and kalibr_files.MARK.search(text):
        return "kalibr"
    if head.startswith(("%YAML", "{", "[{", "---")) or "!!opencv-matrix" in text:
        return "opencv"
    if head.startswith("<"):
        if "opencv_storage" in head:
            return "opencv"
        if "<calibration" in text:
            return "qualisys"
        raise broken(name, "this XML is neither a Qualisys nor an OpenCV calibration")
    if "=" in head:
        return "toml"
    if ":" in head:
        return "opencv"
    raise broken(
        name, "this is not one of the camera files that can be read here: TOML (aniposelib,"
        " caliscope, Pose2Sim), Qualisys or Theia .qca.txt, OpenCV YAML, XML or JSON, Kalibr's"
        " camchain, a COLMAP model, EasyMocap, JARVIS",
    )  # fmt: skip


def to_metres(
    cameras: Sequence[Camera], name: str, units: str | None = None
) -> tuple[list[Camera], str]:
    """Cameras with their places in metres, and the unit that they were in.

    Cameras of a recording stand between a hand's width and a hall's length apart. Where the unit is
    not said, distances up to 50 are metres, from 200 on millimetres; in between it must be said.

    Raises:
        InvalidInput: the distances are implausible in the unit said, or fit none.
    """
    if units is not None and units not in _FACTORS:
        raise broken(name, f"lengths in “{units}”: known are m, cm and mm")
    centres = np.array([c.centre for c in cameras if c.placed]).reshape(-1, 3)
    if len(centres) < 1:
        return list(cameras), units or "m"
    if len(centres) > 1:
        apart = float(np.linalg.norm(centres[:, None] - centres[None], axis=-1).max())
        what = "its cameras stand"
        if apart < 1e-9:
            raise broken(
                name, "all cameras stand at the same place: they have no common frame, each is the"
                " origin of its own axes; place them together first",
            )  # fmt: skip
    else:
        apart = float(np.linalg.norm(centres[0]))
        what = "its camera stands from the origin"
        if apart == 0:
            return list(cameras), units or "m"
    unit = units
    if unit is None:
        if 0.02 <= apart <= 50:
            unit = "m"
        elif 200 <= apart <= 50_000:
            unit = "mm"
        else:
            raise broken(
                name, f"{what} {apart:g} apart, which is plausible neither in metres nor in"
                " millimetres; say the unit",
            )  # fmt: skip
    metres = apart * _FACTORS[unit]
    if len(centres) > 1 and not 0.02 <= metres <= 50:
        raise broken(name, f"{what} {metres:g} m apart if its lengths are in {unit}: wrong unit?")
    return [_scaled(camera, _FACTORS[unit]) for camera in cameras], unit


def _scaled(camera: Camera, factor: float) -> Camera:
    if camera.T_camera_world is None or factor == 1.0:
        return camera
    T = camera.T_camera_world.copy()
    T[:3, 3] *= factor
    known = None if camera.covariance is None else camera.covariance.scaled(lengths=factor)
    return replace(camera, T_camera_world=T, covariance=known)


def write_cameras(path: Path, cameras: Sequence[Camera], format: Format = "auto") -> None:
    """Write cameras, whole or not at all; the suffix tells the format where none is given.

    ``.toml`` for aniposelib and caliscope, ``.qca.txt`` or ``.xml`` for Qualisys, ``.yml``,
    ``.yaml`` or ``.json`` for OpenCV.
    """
    name = path.name.lower()
    if format == "auto":
        if name.endswith(".toml"):
            format = "toml"
        elif name.endswith((".qca.txt", ".xml")):
            format = "qualisys"
        elif name.endswith((".yml", ".yaml", ".json")):
            format = "opencv"
        else:
            raise broken(path.name, "end the name with .toml, .qca.txt, .yml or .json")
    if format == "toml":
        text = toml_files.write(cameras)
    elif format == "qualisys":
        text = qualisys_files.write(cameras)
    else:
        text = opencv_files.write(cameras, as_json=name.endswith(".json"))
    replace_file(path, text.encode())
