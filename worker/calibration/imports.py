"""Which camera of a file is which camera of a session."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.resize import camera_at


def match_cameras(
    found: Sequence[Camera],
    names: Mapping[int, str],
    sizes: Mapping[int, tuple[int, int] | None],
    chosen: Mapping[int, str],
    file: str,
) -> tuple[dict[int, Camera], list[str]]:
    """Cameras of a file by the id of the recording's camera, at the size of its pictures.

    Args:
        found: The file's cameras.
        names: Names of the recording's cameras by id, in order.
        sizes: Width and height of their pictures, where known.
        chosen: Names in the file by camera id, as far as somebody said so.
        file: What to call the file.

    Returns:
        Cameras by id, and what a person should know.

    Raises:
        InvalidInput: names fit neither by name nor by order, or pictures have another shape.
    """
    by_name = {camera.name: camera for camera in found}
    notes: list[str] = []
    if chosen:
        missing = [name for name in chosen.values() if name not in by_name]
        if missing:
            raise _wrong(file, f"no camera {', '.join(missing)} in it; it has {', '.join(by_name)}")
        pairs = {i: by_name[name] for i, name in chosen.items()}
    else:
        pairs = _by_name(found, names)
        if not pairs:
            if len(found) != len(names):
                raise _wrong(
                    file, f"its cameras ({', '.join(by_name)}) have other names than the "
                    f"recording's ({', '.join(names.values())}), and their number differs; "
                    "say which is which",
                )  # fmt: skip
            pairs = dict(zip(names, found, strict=True))
            notes.append("Cameras were matched in the order of the file: their names differ.")
    out: dict[int, Camera] = {}
    for i, camera in pairs.items():
        size = sizes[i]
        fitting = camera if size is None else camera_at(camera, size)
        if fitting is None:
            assert size is not None
            raise _wrong(
                file, f"{camera.name} is calibrated for {camera.width}×{camera.height} pixels, but"
                f" {names[i]} films {size[0]}×{size[1]}",
            )  # fmt: skip
        if fitting is not camera:
            notes.append(
                f"{camera.name}: {camera.width}×{camera.height} pixels scaled to"
                f" {fitting.width}×{fitting.height}."
            )
        out[i] = fitting
    return out, notes


def usual_size(sizes: Mapping[int, tuple[int, int] | None]) -> tuple[int, int] | None:
    """The size that most of a recording's cameras film in, for files that do not say theirs."""
    known = [size for size in sizes.values() if size is not None]
    return max(known, key=known.count) if known else None


def _by_name(found: Sequence[Camera], names: Mapping[int, str]) -> dict[int, Camera]:
    plain = {_plain(camera.name): camera for camera in found}
    return {i: plain[_plain(name)] for i, name in names.items() if _plain(name) in plain}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).replace("camera", "cam")


def _wrong(file: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{file}: {fault}.", file=file, fault=fault)
