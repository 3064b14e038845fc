"""SMPL and SMIL parameters as ``.npz``, in the layouts of SMPLify-X and of 4D-Humans.

SMPLify-X: the names of its results, one row a body: ``global_orient`` (N, 3) and ``body_pose``
(N, 69) in axis-angle, ``betas``; in world coordinates. Source: SMPLify-X (Pavlakos et al. 2019),
``smplifyx/fit_single_frame.py``, whose results are these members of one body each, pickled.

4D-Humans: its sets for training and measuring, one row an image: ``imgname``, ``center`` and
``scale`` of the box in pixels, ``body_pose`` (N, 72) with the body's rotation *in the camera* at
its head, ``betas``, ``has_body_pose``, ``has_betas``, and ``body_keypoints_3d`` (N, 25, 4), metres
with a confidence, in the order of OpenPose. Source: 4D-Humans (Goel et al. 2023),
``hmr2/datasets/image_dataset.py``.

Neither knows the size of a body (``scale`` here), nor where its pelvis is: both go into members of
their own, ``body_scale`` and ``pelvis``. SMPL's ``transl`` is ``pelvis − body_scale · J₀(betas)``,
where J₀ is the model's own root joint at rest: without the model's file it cannot be given. All
betas are written; a model must be made with as many, or it takes the first ten in silence.

Pixels: ``center`` is ``continuous``, as boxes are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.core.archives import MAX_BYTES, ArchiveFault, read_npz
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.skeleton_maps import SKELETONS
from backend.publishing.formats.writing import Written

Array = NDArray[np.float64]

_JOINTS: Final = 24
_READ: Final = frozenset(
    ("global_orient", "body_pose", "has_body_pose", "betas", "has_betas", "body_scale", "pelvis")
)
"""Arrays of these layouts that are read, beside the names of bodies."""
_BODY25: Final = SKELETONS["body25"]
_MARGIN: Final = 1.2
"""How much larger than the rectangle around the joints a box is, for hands, feet and head."""


@dataclass(frozen=True, slots=True)
class BodyView:
    """One image of one body.

    Attributes:
        body: Row of the body.
        image: Its file name.
        camera: The camera, with its place.
    """

    body: int
    image: str
    camera: Camera


@dataclass(frozen=True, slots=True)
class BodyParameters:
    """Bodies, in no layout's own terms.

    Attributes:
        names: What each is called: an image, or recording and moment.
        pose: (N, 72) axis-angle of SMPL's 24 joints, the first turns the whole body.
        betas: (N, B) shape, in standard deviations.
        scale: (N,) size of the whole body; 1 where the layout knows none.
        pelvis: (N, 3) where it is, metres; NaN where the layout does not tell.
        joints: (N, 17, 3) COCO's joints, metres; NaN where the layout does not tell.
        in_camera: Whether rotations and places are in a camera's axes, and not the world's.
        views: Images of these bodies, where they are known.
        unplaced: Images whose cameras are not known.
        unread: Names of the file's arrays that nothing was read from.
        poseless: Rows of the file that have no pose.
    """

    names: tuple[str, ...]
    pose: Array
    betas: Array
    scale: Array
    pelvis: Array
    joints: Array
    in_camera: bool = False
    views: tuple[BodyView, ...] = ()
    unplaced: int = 0
    unread: tuple[str, ...] = ()
    poseless: int = 0


@dataclass(frozen=True, slots=True)
class BodyFormat:
    """A layout of body parameters; ``write`` is None where it is only read."""

    name: str
    title: str
    read: Callable[[Path], BodyParameters]
    write: Callable[[BodyParameters, BinaryIO], Written] | None = None


# Reading


def read_fits(path: Path) -> BodyParameters:
    """Fits as the product exports them (``docs/export.md``).

    Raises:
        InvalidInput: the file is no npz, or lacks an array.
    """
    arrays = _load(path)
    pose = _numbers(arrays, path, "pose", (None, 3 * _JOINTS))
    count = len(pose)
    names = [
        f"{session} {moment}"
        for session, moment in zip(
            _texts(arrays, path, "session", count), arrays.get("moment", range(count)), strict=True
        )
    ]
    views, unplaced = _views(arrays, path, count)
    return BodyParameters(
        tuple(names),
        pose,
        _numbers(arrays, path, "betas", (count, None)),
        _numbers(arrays, path, "scale", (count,)),
        _numbers(arrays, path, "translation", (count, 3)),
        _numbers(arrays, path, "joints3d_coco", (count, 17, 3)),
        views=tuple(views),
        unplaced=unplaced,
    )


def read_smplify_x(path: Path) -> BodyParameters:
    """SMPLify-X' members; those of SMPL-X, which has other joints, are refused.

    Raises:
        InvalidInput: the file is no npz, lacks an array, or is of another body.
    """
    arrays = _load(path)
    turned = _numbers(arrays, path, "global_orient", (None, 3))
    count = len(turned)
    found = arrays.get("body_pose")
    if found is not None and found.shape[1:] in ((63,), (21, 3)):
        raise _invalid(path, "body_pose has 21 joints: this is SMPL-X, SMPL has 23")
    pose = _numbers(arrays, path, "body_pose", (count, 3 * (_JOINTS - 1)))
    return _plain(arrays, path, np.concatenate([turned, pose], axis=1), "name")


def read_4d_humans(path: Path) -> BodyParameters:
    """4D-Humans' rows that have a pose.

    Raises:
        InvalidInput: the file is no npz, or lacks an array.
    """
    arrays = _load(path)
    pose = _numbers(arrays, path, "body_pose", (None, 3 * _JOINTS))
    has = arrays.get("has_body_pose", np.ones(len(pose)))
    if has.shape != (len(pose),):
        raise _invalid(path, f"has_body_pose is {has.shape}, {(len(pose),)} is wanted")
    kept = has.astype(float) > 0
    full = len(pose)
    arrays = {
        name: array[kept] if array.ndim and len(array) == full else array
        for name, array in arrays.items()
    }
    bodies = _plain(arrays, path, pose[kept], "imgname", in_camera=True)
    return replace(bodies, poseless=int(full - kept.sum()))


def _plain(
    arrays: Mapping[str, NDArray[Any]],
    path: Path,
    pose: Array,
    names: str,
    *,
    in_camera: bool = False,
) -> BodyParameters:
    count = len(pose)
    scale, pelvis = np.ones(count), np.full((count, 3), np.nan)
    if "body_scale" in arrays:
        scale = _numbers(arrays, path, "body_scale", (count,))
    if "pelvis" in arrays:
        pelvis = _numbers(arrays, path, "pelvis", (count, 3), finite=False)
    called = [str(i) for i in range(count)]
    if names in arrays:
        called = _texts(arrays, path, names, count)
    betas = _numbers(arrays, path, "betas", (count, None))
    joints = np.full((count, 17, 3), np.nan)
    unread = tuple(sorted(set(arrays) - _READ - {names}))
    return BodyParameters(
        tuple(called), pose, betas, scale, pelvis, joints, in_camera, unread=unread
    )


def _views(
    arrays: Mapping[str, NDArray[Any]], path: Path, count: int
) -> tuple[list[BodyView], int]:
    if not {"frame_file_name", "camera_names", "cameras"} <= arrays.keys():
        return [], 0
    files, names = arrays["frame_file_name"], arrays["camera_names"]
    if files.ndim != 2 or files.shape != names.shape or len(files) != count:
        raise _invalid(path, "frame_file_name and camera_names do not fit together")
    views, unplaced = [], 0
    known: dict[str, dict[str, Camera]] = {}
    for i, text in enumerate(_texts(arrays, path, "cameras", count)):
        if text not in known:
            known[text] = _cameras(text, path)
        for file, name in zip(files[i].tolist(), names[i].tolist(), strict=True):
            camera = known[text].get(str(name))
            if file and camera is not None and camera.placed:
                views.append(BodyView(i, str(file), camera))
            elif file:
                unplaced += 1
    return views, unplaced


def _cameras(text: str, path: Path) -> dict[str, Camera]:
    try:
        found = [Camera.from_dict(told) for told in json.loads(text)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _invalid(path, "cameras holds no cameras") from error
    return {camera.name: camera for camera in found}


# Writing


def write_smplify_x(bodies: BodyParameters, target: BinaryIO) -> Written:
    """Write SMPLify-X' members, one row a body."""
    np.savez_compressed(
        target,
        name=np.array(bodies.names, dtype=str),
        global_orient=bodies.pose[:, :3],
        body_pose=bodies.pose[:, 3:],
        betas=bodies.betas,
        body_scale=bodies.scale,
        pelvis=bodies.pelvis,
    )
    turned = ("Bodies are turned as the camera of their image sees them, not in the world.",)
    notes = (*(turned if bodies.in_camera else ()), *_notes(bodies))
    return Written(fits=len(bodies.pose), notes=notes)


def write_4d_humans(bodies: BodyParameters, target: BinaryIO) -> Written:
    """Write 4D-Humans' rows, one for each image of each body.

    Raises:
        InvalidInput: no image's camera is known.
    """
    if not bodies.views:
        fault = "4D-Humans wants bodies in images, and no image's camera is known"
        raise InvalidInput(f"{fault}.", fault=fault)
    rows = [_in_view(bodies, view) for view in bodies.views]
    chosen = [view.body for view in bodies.views]
    count = len(rows)
    np.savez_compressed(
        target,
        imgname=np.array([view.image for view in bodies.views], dtype=str),
        center=np.array([row.center for row in rows]),
        scale=np.array([row.size for row in rows]),
        body_pose=np.array([row.pose for row in rows]),
        has_body_pose=np.ones(count),
        betas=bodies.betas[chosen],
        has_betas=np.ones(count),
        body_keypoints_3d=np.array([row.joints for row in rows]),
        body_scale=bodies.scale[chosen],
        pelvis=np.array([row.pelvis for row in rows]),
    )
    notes = [
        "Boxes (center, scale) are drawn around the projected joints, with a margin of a fifth."
    ]
    if bodies.unplaced:
        notes.append(f"{bodies.unplaced:,} images whose cameras are not known were left out.")
    return Written(images=count, fits=len(set(chosen)), notes=(*notes, *_notes(bodies)))


@dataclass(frozen=True, slots=True)
class _Row:
    """A body in an image: center (2,), size px, pose (72,), joints (25, 4), pelvis (3,)."""

    center: Array
    size: float
    pose: Array
    joints: Array
    pelvis: Array


def _in_view(bodies: BodyParameters, view: BodyView) -> _Row:
    camera, pose = view.camera, bodies.pose[view.body].copy()
    turn = Rotation.from_matrix(camera.pose[:3, :3])
    pose[:3] = (turn * Rotation.from_rotvec(pose[:3])).as_rotvec()
    local = np.asarray(camera.in_camera(bodies.joints[view.body]), np.float64)
    pixels = np.asarray(camera.project_local(local), np.float64)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    joints = np.zeros((len(_BODY25.joints), 4))
    for place, joint in enumerate(_BODY25.coco):
        if joint is not None:
            joints[place] = [*local[joint], 1.0]
    pelvis = np.asarray(camera.in_camera(bodies.pelvis[view.body][None]), np.float64)[0]
    return _Row((low + high) / 2, float((high - low).max()) * _MARGIN, pose, joints, pelvis)


def _notes(bodies: BodyParameters) -> tuple[str, ...]:
    notes = []
    if not np.allclose(bodies.scale, 1.0):
        notes.append(
            "The layout knows no size of a body: it stands in body_scale, by which what SMPL gives"
            " is to be multiplied about the pelvis."
        )
    if bodies.betas.shape[1] > 10:
        notes.append(
            f"{bodies.betas.shape[1]} betas were written: make the body model with as many"
            " (num_betas), or the others are dropped in silence."
        )
    if np.isfinite(bodies.pelvis).any():
        notes.append(
            "Where the bodies are stands in pelvis; SMPL’s transl is pelvis − body_scale ·"
            " J₀(betas)."
        )
    if bodies.poseless:
        notes.append(f"Rows without a pose, left out: {bodies.poseless:,}.")
    if bodies.unread:
        notes.append(f"Arrays that were not read: {', '.join(bodies.unread)}.")
    return tuple(notes)


BODY_FORMATS: Final[Mapping[str, BodyFormat]] = {
    found.name: found
    for found in (
        BodyFormat("fits", "body fits of this product (.npz)", read_fits),
        BodyFormat("smplify-x", "SMPLify-X (.npz)", read_smplify_x, write_smplify_x),
        BodyFormat("4d-humans", "4D-Humans (.npz)", read_4d_humans, write_4d_humans),
    )
}


def body_format_of_file(path: Path) -> BodyFormat:
    """Which layout a file has.

    Raises:
        InvalidInput: none of these.
    """
    names = _load(path).keys()
    if {"pose", "translation", "scale"} <= names:
        return BODY_FORMATS["fits"]
    if "global_orient" in names:
        return BODY_FORMATS["smplify-x"]
    if {"imgname", "body_pose"} <= names:
        return BODY_FORMATS["4d-humans"]
    raise _invalid(path, "these arrays are no body parameters that are known")


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        return read_npz(path, MAX_BYTES)
    except (FileNotFoundError, ArchiveFault) as error:
        raise _invalid(path, f"cannot be read as .npz ({error})") from error


def _numbers(
    arrays: Mapping[str, NDArray[Any]],
    path: Path,
    name: str,
    shape: tuple[int | None, ...],
    *,
    finite: bool = True,
) -> Array:
    """An array of that shape, None for any length."""
    found = arrays.get(name)
    if found is None:
        raise _invalid(path, f"the array {name} is missing")
    fits = found.ndim == len(shape) and all(
        wanted in (None, had) for wanted, had in zip(shape, found.shape, strict=True)
    )
    if found.dtype.kind not in "fiu" or not fits:
        wanted = ", ".join("N" if n is None else str(n) for n in shape)
        raise _invalid(
            path, f"{name} is {found.dtype} {found.shape}; numbers ({wanted}) are wanted"
        )
    numbers = found.astype(np.float64)
    if finite and not np.isfinite(numbers).all():
        raise _invalid(path, f"{name} holds numbers that are not finite")
    return numbers


def _texts(arrays: Mapping[str, NDArray[Any]], path: Path, name: str, count: int) -> list[str]:
    found = arrays.get(name)
    if found is None or found.shape != (count,) or found.dtype.kind not in "US":
        raise _invalid(path, f"the array {name} of {count} texts is missing")
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in found.tolist()]


def _invalid(path: Path, fault: str) -> InvalidInput:
    return InvalidInput(f"{path.name}: {fault}.", file=path.name, fault=fault)
