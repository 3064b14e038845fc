"""What scripts around OpenCV write: YAML, XML or JSON with a camera matrix and more.

There is no one format. Understood are: a single camera (``camera_matrix``,
``distortion_coefficients``, ``image_width`` …, as OpenCV's calibration sample writes), a stereo
pair (``M1 D1 M2 D2 R T`` or ``cameraMatrix1`` …; the first camera is the world), also in two files,
as OpenCV's stereo sample writes them; several cameras, as a list or as a mapping by name, each with
matrix, distortion, size and ``R``/``t`` or ``rvec``/``tvec`` from world to camera; EasyMocap's
``intri`` and ``extri`` (``K_NAME``, ``dist_NAME``, ``R_NAME`` or ``Rot_NAME``, ``T_NAME``); and
JARVIS's, which holds matrices for row vectors, transposed, and millimetres.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from backend.multiview.calibrations.cameras_toml import covariance_table
from worker.calibration.opencv_storage import parse
from worker.calibration.reduced import WORST_PX, to_eight
from worker.calibration.texts import broken, covariance_of, matrix_of

_MATRIX: Final = ("cameramatrix", "matrix", "k", "intrinsic", "intrinsics", "intrinsicmatrix", "m")
_BENT: Final = (
    "distortioncoefficients", "distortion", "distcoeffs", "distcoeff", "distcoefs", "distcoef",
    "dist", "d", "distortions",
)  # fmt: skip
_SIZE: Final = ("imagesize", "size", "resolution", "imgsize", "framesize")
_ROTATION: Final = ("r", "rotation", "rvec", "rotationmatrix", "rotationvector", "rmat")
_PLACE: Final = ("t", "translation", "tvec", "translationvector")
_POSE: Final = ("tcameraworld", "extrinsic", "extrinsics", "rt", "extrinsicmatrix", "pose")
_NAME: Final = ("name", "cameraname", "id", "cameraid", "serial")


def read(
    text: str, name: str, size: tuple[int, int] | None = None, more: Sequence[str] = ()
) -> tuple[list[Camera], str | None, list[str]]:
    """Cameras, the unit if it is said, and notes.

    Args:
        text: The file.
        name: What to call it.
        size: Of the pictures, for files that do not say.
        more: Other files of the same cameras: the places to these lenses.
    """
    document = parse(text, name)
    for other in more:
        beside = parse(other, name)
        if isinstance(document, Mapping) and isinstance(beside, Mapping):
            document = {**beside, **document}
    notes = _Notes(size)
    if isinstance(document, list):
        document = {"cameras": document}
    if not isinstance(document, Mapping):
        raise broken(name, "there is no camera in it")
    keys = _plain(document)
    unit = keys.get("units")
    if _is_jarvis(keys):
        keys, unit = _from_jarvis(keys, name), unit or "mm"
        document = keys
    found = (
        _easymocap(document, name, notes)
        or _stereo(keys, name, notes)
        or _several(document, keys, name, notes)
    )
    if not found and _first(keys, _MATRIX) is not None:
        found = [_camera(keys, str(_first(keys, _NAME) or _stem(name)), name, notes)]
    if not found:
        raise broken(name, "there is no camera matrix in it")
    if notes.assumed:
        assert size is not None
        notes.words.append(
            f"{name} does not say for which image size it was calibrated;"
            f" {size[0]}×{size[1]} pixels were taken."
        )
    return found, str(unit) if unit else None, notes.words


@dataclass(slots=True)
class _Notes:
    """What a person should know, and the size for files that do not say."""

    size: tuple[int, int] | None
    words: list[str] = field(default_factory=list)
    assumed: bool = False


def parts_of(text: str, name: str) -> str | None:
    """ "lenses" or "places" where a file is one of two that belong together, else None."""
    if not text.lstrip().startswith(("%YAML", "<", "---", "{")) and ":" not in text[:400]:
        return None
    try:
        document = parse(text, name)
    except (InvalidInput, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    keys = _plain(document)
    easy = isinstance(document.get("names"), list)
    if easy and any(str(key).startswith("K_") for key in document):
        return "lenses"
    if easy and any(str(key).startswith(("R_", "Rot_")) for key in document):
        return "places"
    if {"m1", "m2"} <= set(keys) and not ("r" in keys and "t" in keys):
        return "lenses"
    if {"r", "t"} <= set(keys) and _first(keys, _MATRIX) is None and "m1" not in keys:
        return "places"
    return None


def _is_jarvis(keys: Mapping[str, Any]) -> bool:
    """Whether the matrix is for row vectors: the centre in its last row."""
    matrix = np.asarray(keys.get("intrinsicmatrix", 0), float)
    return bool(matrix.shape == (3, 3) and matrix[2, 0] > 1 and matrix[0, 2] == 0)


def _from_jarvis(keys: Mapping[str, Any], name: str) -> dict[str, Any]:
    out = dict(keys)
    out["intrinsicmatrix"] = np.asarray(keys["intrinsicmatrix"], float).T
    if keys.get("r") is not None:
        out["r"] = matrix_of(keys["r"], 3, 3, name, "R").T
    return out


def _easymocap(document: Mapping[Any, Any], name: str, notes: _Notes) -> list[Camera]:
    """Cameras whose entries end with their names."""
    listed = document.get("names")
    if not isinstance(listed, list):
        return []
    out = []
    for label in map(str, listed):
        own = {
            "k": document.get(f"K_{label}"),
            "d": document.get(f"dist_{label}"),
            "r": document.get(f"Rot_{label}", document.get(f"R_{label}")),
            "t": document.get(f"T_{label}"),
            "width": document.get(f"W_{label}"),
            "height": document.get(f"H_{label}"),
        }
        if own["k"] is None:
            raise broken(name, f"camera {label}: there is no K_{label}; give intri.yml too")
        out.append(_camera({k: v for k, v in own.items() if v is not None}, label, name, notes))
    return out


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _squeezed(key: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(key).lower())


def _plain(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    return {_squeezed(key): value for key, value in mapping.items()}


def _first(keys: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((keys[n] for n in names if keys.get(n) is not None), None)


def _stereo(keys: Mapping[str, Any], name: str, notes: _Notes) -> list[Camera]:
    """Two cameras with numbered matrices; the second's pose is R, T."""
    for matrix, bent in (("m", "d"), ("k", "d"), ("cameramatrix", "distcoeffs"),
                         ("cameramatrix", "dist"), ("cameramatrix", "distortioncoefficients"),
                         ("mtx", "dist")):  # fmt: skip
        for one, two in (("1", "2"), ("l", "r"), ("left", "right")):
            if f"{matrix}{one}" in keys and f"{matrix}{two}" in keys:
                shared = {k: v for k, v in keys.items() if k in (*_SIZE, "imagewidth",
                          "imageheight", "width", "height")}  # fmt: skip
                # fmt: off
                first = {"k": keys[f"{matrix}{one}"], "d": keys.get(f"{bent}{one}"),
                         "r": np.eye(3), "t": np.zeros(3), **shared}
                second = {"k": keys[f"{matrix}{two}"], "d": keys.get(f"{bent}{two}"),
                          "r": _first(keys, _ROTATION), "t": _first(keys, _PLACE), **shared}
                # fmt: on
                names = ("left", "right") if one != "1" else ("cam1", "cam2")
                if second["r"] is None or second["t"] is None:
                    notes.words.append(
                        f"{name} has the two lenses, but not R and T: give the file with them too."
                    )
                    first = {k: v for k, v in first.items() if k not in ("r", "t")}
                return [
                    _camera(first, names[0], name, notes),
                    _camera(second, names[1], name, notes),
                ]
    return []


def _several(
    document: Mapping[Any, Any], keys: Mapping[str, Any], name: str, notes: _Notes
) -> list[Camera]:
    group = keys.get("cameras") or keys.get("cams") or keys.get("calibration")
    if isinstance(group, list):
        return [
            _camera(plain, str(_first(plain, _NAME) or f"cam{i}"), name, notes)
            for i, entry in enumerate(group, start=1)
            if isinstance(entry, Mapping)
            for plain in (_plain(entry),)
        ]
    entries = group if isinstance(group, Mapping) else document
    return [
        _camera(plain, str(_first(plain, ("name",)) or key), name, notes)
        for key, entry in entries.items()
        if isinstance(entry, Mapping)
        for plain in (_plain(entry),)
        if _first(plain, _MATRIX) is not None
    ]


def _camera(keys: Mapping[str, Any], label: str, name: str, notes: _Notes) -> Camera:
    where = f"camera {label}: "
    matrix = _first(keys, _MATRIX)
    if matrix is None:
        raise broken(name, f"{where}there is no camera matrix")
    if isinstance(matrix, Mapping):  # fx, fy, cx, cy by name
        inner = _plain(matrix)
        try:
            matrix = [[inner["fx"], 0, inner["cx"]], [0, inner["fy"], inner["cy"]], [0, 0, 1]]
        except KeyError as error:
            raise broken(name, f"{where}the camera matrix lacks {error.args[0]}") from error
    K = matrix_of(matrix, 3, 3, name, f"{where}the camera matrix")
    values = _first(keys, _BENT)
    try:
        bent = np.asarray([] if values is None else values, float).reshape(-1)
    except (TypeError, ValueError) as error:
        raise broken(name, f"{where}the distortion is not numbers") from error
    model = _squeezed(keys.get("lens") or keys.get("model") or keys.get("cameramodel") or "")
    fisheye = bool(keys.get("fisheye") or keys.get("fisheyemodel")) or model in (
        "fisheye",
        "equidistant",
        "kannalabrandt",
    )
    lens = Lens.FISHEYE if fisheye else Lens.PINHOLE
    size = _size(keys, where, name, notes)
    if lens is Lens.PINHOLE and len(bent) > 8:
        if np.any(bent[8:]) and len(bent) in (12, 14):
            K, bent = _reduced(K, bent, size, label, where, name, notes)
        bent = bent[:8]
    try:
        return Camera.from_opencv(
            label, size, K, bent, lens, _pose(keys, where, name),
            covariance_of(keys, name, where),
        )  # fmt: skip
    except InvalidInput as error:
        if error.file:
            raise
        raise broken(name, error.message.rstrip(".")) from error


def _reduced(
    K: NDArray[np.float64], bent: NDArray[np.float64], size: tuple[int, int], label: str,
    where: str, name: str, notes: _Notes,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """A lens with thin prisms or a tilted sensor as one without."""
    nearest, eight, apart = to_eight(K, bent, size)
    if apart > WORST_PX:
        raise broken(
            name, f"{where}its thin-prism and tilt terms ({len(bent)} coefficients) cannot be"
            f" expressed with 8: {apart:.1f} px would be lost",
        )  # fmt: skip
    notes.words.append(
        f"{label}: {len(bent)} distortion coefficients (thin prism, tilt) were converted to 8;"
        f" nowhere in the picture does it differ by more than {apart:.2f} px."
    )
    return nearest, eight


def _size(keys: Mapping[str, Any], where: str, name: str, notes: _Notes) -> tuple[int, int]:
    width = _first(keys, ("imagewidth", "width", "w"))
    height = _first(keys, ("imageheight", "height", "h"))
    if width is None or height is None:
        both = _first(keys, _SIZE)
        if both is None and notes.size is not None:
            notes.assumed = True
            return notes.size
        if both is None:
            raise broken(name, f"{where}the image size is not given (image_width, image_height)")
        if isinstance(both, Mapping):
            inner = _plain(both)
            both = (inner.get("width"), inner.get("height"))
        width, height = matrix_of(both, 1, 2, name, f"{where}the image size")[0]
    return int(width), int(height)


def _pose(keys: Mapping[str, Any], where: str, name: str) -> NDArray[np.float64] | None:
    whole = _first(keys, _POSE)
    if isinstance(whole, Mapping):
        return _pose(_plain(whole), where, name)
    T = np.eye(4)
    if whole is not None:
        values = np.asarray(whole, float)
        T[:3] = matrix_of(values.reshape(-1)[:12], 3, 4, name, f"{where}the pose")
        return T
    rotation, place = _first(keys, _ROTATION), _first(keys, _PLACE)
    if rotation is None or place is None:
        return None
    turn = np.asarray(rotation, float)
    if turn.size == 3:
        T[:3, :3] = cv2.Rodrigues(turn.reshape(3, 1))[0]
    else:
        T[:3, :3] = matrix_of(turn, 3, 3, name, f"{where}R")
    T[:3, 3] = matrix_of(place, 3, 1, name, f"{where}t")[:, 0]
    return T


def write(cameras: Sequence[Camera], *, as_json: bool) -> str:
    """The cameras as JSON or as OpenCV's YAML, several under ``cameras``."""
    listed = []
    for camera in cameras:
        entry: dict[str, Any] = {
            "name": camera.name,
            "image_width": camera.width,
            "image_height": camera.height,
            "camera_matrix": camera.to_opencv(),
            "distortion_coefficients": camera.distortion.reshape(1, -1),
            "fisheye": int(camera.lens is Lens.FISHEYE),
        }
        if camera.T_camera_world is not None:
            entry["R"] = camera.T_camera_world[:3, :3]
            entry["t"] = camera.T_camera_world[:3, 3:]
        entry |= {key: np.asarray(value) for key, value in covariance_table(camera).items()}
        listed.append(entry)
    if as_json:
        plain = [
            {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in entry.items()}
            for entry in listed
        ]
        return json.dumps({"units": "m", "cameras": plain}, indent=1) + "\n"
    storage = cv2.FileStorage("cameras.yml", cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_MEMORY)
    storage.write("units", "m")
    storage.startWriteStruct("cameras", cv2.FILE_NODE_SEQ)
    for entry in listed:
        storage.startWriteStruct("", cv2.FILE_NODE_MAP)
        for key, value in entry.items():
            storage.write(key, value)
        storage.endWriteStruct()
    storage.endWriteStruct()
    return str(storage.releaseAndGetString())
