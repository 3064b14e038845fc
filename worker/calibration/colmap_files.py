"""COLMAP's models: ``cameras`` and ``images``, as text or binary, which belong together.

A pose takes world points into the camera (quaternion w, x, y, z and translation). Pixels count from
the outer corner of the first one, as ours do. A model has no scale of its own: its lengths are what
somebody made of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from worker.calibration.texts import MAX_NUMBER, broken

MODELS: Final = {
    "SIMPLE_PINHOLE": (0, 3), "PINHOLE": (1, 4), "SIMPLE_RADIAL": (2, 4), "RADIAL": (3, 5),
    "OPENCV": (4, 8), "OPENCV_FISHEYE": (5, 8), "FULL_OPENCV": (6, 12), "FOV": (7, 5),
    "SIMPLE_RADIAL_FISHEYE": (8, 4), "RADIAL_FISHEYE": (9, 5), "THIN_PRISM_FISHEYE": (10, 12),
}  # fmt: skip
"""Number and count of parameters by name."""
_BY_ID: Final = {number: (name, count) for name, (number, count) in MODELS.items()}
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Lens:
    model: str
    size: tuple[int, int]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Image:
    name: str
    lens: int
    T: NDArray[np.float64]


def part_of(data: bytes, name: str) -> str | None:
    """ "cameras" or "images" where a file is one of a model's two, else None."""
    stem, _, suffix = name.replace("\\", "/").rsplit("/", 1)[-1].lower().rpartition(".")
    if suffix == "bin" and stem in ("cameras", "images"):
        return stem
    text = data[:4000].decode("latin-1")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    if lines and len(lines[0]) > 4 and lines[0][1] in MODELS and lines[0][0].isdigit():
        return "cameras"
    if "QW, QX, QY, QZ" in text or (
        stem == "images" and lines and len(lines[0]) >= 10 and lines[0][8].isdigit()
    ):
        return "images"
    return None


def read(
    lenses: tuple[bytes, str], images: tuple[bytes, str] | None
) -> tuple[list[Camera], str | None, list[str]]:
    """Cameras, no unit, and notes.

    Args:
        lenses: The ``cameras`` file and its name.
        images: The ``images`` file and its name; None where only lenses are wanted.

    Raises:
        InvalidInput: a file is damaged, or a model is not known.
    """
    data, name = lenses
    try:
        known = dict(_binary_lenses(data) if name.lower().endswith(".bin") else _text_lenses(data))
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise broken(name, "this is no COLMAP cameras file, or it is damaged") from error
    if images is None:
        cameras = [_camera(f"camera {i}", lens, None, name) for i, lens in known.items()]
        return cameras, None, [f"{name} has lenses only; give its images file for places too."]
    data, other = images
    try:
        found = list(_binary_images(data) if other.lower().endswith(".bin") else _text_images(data))
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise broken(other, "this is no COLMAP images file, or it is damaged") from error
    missing = sorted({image.lens for image in found} - set(known))
    if missing:
        raise broken(other, f"camera {missing[0]} of {found[0].name} is not in {name}")
    labels = _labels([image.name for image in found])
    cameras = [
        _camera(label, known[image.lens], image.T, other)
        for label, image in zip(labels, found, strict=True)
    ]
    return cameras, None, [
        "A COLMAP model has no scale of its own: check a length that you know, such as the distance"
        " between two cameras, or name the unit."
    ]  # fmt: skip


def _labels(names: list[str]) -> list[str]:
    """Names of cameras from those of their pictures: the folder where each has its own."""
    folders = [name.replace("\\", "/").rpartition("/")[0].rpartition("/")[2] for name in names]
    if all(folders) and len(set(folders)) == len(names):
        return folders
    stems = [name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] for name in names]
    return stems if len(set(stems)) == len(names) else names


def _text_lenses(data: bytes) -> Iterator[tuple[int, _Lens]]:
    for line in data.decode("utf-8").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        _, count = MODELS[words[1]]
        values = np.array([float(v) for v in words[4 : 4 + count]])
        if len(values) != count:
            raise ValueError("too few parameters")
        yield int(words[0]), _Lens(words[1], (int(words[2]), int(words[3])), values)


def _binary_lenses(data: bytes) -> Iterator[tuple[int, _Lens]]:
    (many,) = struct.unpack_from("<Q", data)
    if many > _MOST:
        raise ValueError("too many cameras")
    at = 8
    for _ in range(many):
        number, model, width, height = struct.unpack_from("<iiQQ", data, at)
        at += 24
        name, count = _BY_ID[model]
        values = np.array(struct.unpack_from(f"<{count}d", data, at))
        at += 8 * count
        yield number, _Lens(name, (width, height), values)


def _text_images(data: bytes) -> Iterator[_Image]:
    lines = [
        line for line in data.decode("utf-8").splitlines() if not line.lstrip().startswith("#")
    ]
    while lines and not lines[0].strip():
        lines.pop(0)
    # Each image has a second line with its points, which may be empty.
    for line in lines[::2]:
        words = line.split()
        if not words:
            continue
        if len(words) < 10:
            raise ValueError("too few words")
        pose = np.array([float(v) for v in words[1:8]])
        yield _Image(" ".join(words[9:]), int(words[8]), _pose(pose))


def _binary_images(data: bytes) -> Iterator[_Image]:
    (many,) = struct.unpack_from("<Q", data)
    if many > _MOST:
        raise ValueError("too many images")
    at = 8
    for _ in range(many):
        values = struct.unpack_from("<i7di", data, at)
        at += 64
        end = data.index(b"\0", at)
        name = data[at:end].decode("utf-8")
        (points,) = struct.unpack_from("<Q", data, end + 1)
        at = end + 9 + 24 * points
        if at > len(data):
            raise ValueError("points are cut off")
        yield _Image(name, values[8], _pose(np.array(values[1:8])))


def _pose(values: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(values[:4]))
    if not 0.5 < length < 2 or not (np.abs(values) < MAX_NUMBER).all():
        raise ValueError("no quaternion")
    w, x, y, z = values[:4] / length
    T = np.eye(4)
    T[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    T[:3, 3] = values[4:]
    return T


def _camera(label: str, lens: _Lens, T: NDArray[np.float64] | None, name: str) -> Camera:
    v = lens.values
    alone = lens.model.startswith("SIMPLE") or lens.model.startswith("RADIAL")
    fx, fy, cx, cy = (v[0], v[0], v[1], v[2]) if alone else v[:4]
    rest = v[3:] if alone else v[4:]
    kind = Lens.PINHOLE
    if lens.model in ("SIMPLE_RADIAL", "RADIAL"):
        bent = np.concatenate((rest, np.zeros(4 - len(rest))))
    elif lens.model in ("SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE"):
        kind, bent = Lens.FISHEYE, np.concatenate((rest, np.zeros(4 - len(rest))))
    elif lens.model == "OPENCV_FISHEYE":
        kind, bent = Lens.FISHEYE, rest
    elif lens.model in ("PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "FULL_OPENCV"):
        bent = rest
    else:
        raise broken(name, f"{label}: the camera model {lens.model} is not known here")
    K = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    try:
        return Camera(label, *lens.size, K, bent, kind, T)
    except InvalidInput as error:
        raise broken(name, error.message.rstrip(".")) from error
