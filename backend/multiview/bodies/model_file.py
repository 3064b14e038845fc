"""The body model file (``docs/bodies.md``): reading, checking and writing. Pure numpy.

One format for SMIL and for the open infant body: SMPL's rig in an npz without pickles. Frame: y up,
x to the body's left, z to the front; metres.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.core.archives import ArchiveFault, read_npz
from backend.domain.errors import InvalidInput

Array = NDArray[np.float32]

FORMAT = 1
OPEN_BODY = "open-infant"
OPEN_BODY_FILE = Path(__file__).parent / "assets" / "open_infant.npz"

JOINT_NAMES = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
)
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
JOINTS = len(PARENTS)
POSE_VALUES = 3 * (JOINTS - 1)

_MAX_UNPACKED = 1 << 30
_MAX_VERTICES = 200_000
_NEEDED = (
    "format",
    "name",
    "version",
    "licence",
    "about",
    "v_template",
    "shapedirs",
    "faces",
    "weights",
    "parents",
    "coco_regressor",
    "coco_weight",
    "pose_mean",
    "pose_factor",
    "pose_lower",
    "pose_upper",
    "pose_prior_about",
    "rest_length",
)


@dataclass(frozen=True, eq=False)
class BodyModel:
    """A body model in memory.

    V vertices, F faces, B shape directions, 24 joints in the order of JOINT_NAMES.

    Attributes:
        name: What fits and exports call it.
        version: Of the model.
        licence: Its terms in a few words.
        about: Where it comes from.
        sha256: Hash of the file that it was read from.
        sha256_source: Hash of the licensed file that it was converted from; "" where there is none.
        v_template: (V, 3) metres.
        shapedirs: (V, 3, B) metres per standard deviation.
        posedirs: (207, V * 3) metres per entry of (R − I), or None.
        faces: (F, 3).
        weights: (V, 24) skinning, rows sum to 1.
        J_regressor: (24, V).
        coco_regressor: (17, V) COCO-17 joints from posed vertices.
        coco_weight: (17,) trust in them, 0..1.
        pose_mean: (69,) radians, axis-angle of joints 1..23.
        pose_factor: (69, 69) L; distance² = |(θ − mean) L|².
        pose_lower: (69,) soft limits in radians; −inf where there is none.
        pose_upper: (69,); inf where there is none.
        pose_prior_about: Where the prior comes from.
        rest_length: Crown to sole in metres, of the template.
        beta_precision: (B, B) of the shape prior, or None for the unit normal.
        uv: (U, 2) texture coordinates, or None.
        face_uv: (F, 3) indices into uv, or None.
        regions: Named (F,) masks of faces (head, eye_front.L …).
        part: (V,) joint of the largest weight.
    """

    name: str
    version: str
    licence: str
    about: str
    sha256: str
    sha256_source: str
    v_template: Array
    shapedirs: Array
    posedirs: Array | None
    faces: NDArray[np.int32]
    weights: Array
    J_regressor: Array
    coco_regressor: Array
    coco_weight: Array
    pose_mean: Array
    pose_factor: Array
    pose_lower: Array
    pose_upper: Array
    pose_prior_about: str
    rest_length: float
    beta_precision: Array | None = None
    uv: Array | None = None
    face_uv: NDArray[np.int32] | None = None
    regions: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether this is the body that ships with the product."""
        return self.name == OPEN_BODY

    @property
    def betas(self) -> int:
        """Number of shape directions."""
        return int(self.shapedirs.shape[2])

    @cached_property
    def parents(self) -> NDArray[np.int32]:
        """(24,) with −1 at the root."""
        return np.array(PARENTS, np.int32)

    @cached_property
    def part(self) -> NDArray[np.int8]:
        """(V,) joint of the largest weight."""
        return np.asarray(self.weights.argmax(axis=1), np.int8)


def sha256_of_file(path: Path) -> str:
    """Hash of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def open_body() -> BodyModel:
    """The open infant body, which ships with the product."""
    return load_body(OPEN_BODY_FILE)


def load_body(path: Path, called: str | None = None) -> BodyModel:
    """Read and check a body model file.

    Args:
        path: The npz.
        called: The name to use for the file in errors, for example of an upload.

    Raises:
        InvalidInput: the file is missing, damaged, holds pickles, or breaks the format; the
            message names the array and what is wrong with it.
    """
    called = called or path.name
    try:
        arrays = read_npz(path, _MAX_UNPACKED)
    except FileNotFoundError as error:
        raise _wrong(called, "there is no such file") from error
    except ArchiveFault as error:
        raise _wrong(called, str(error)) from error
    return parse_body(arrays, called, sha256_of_file(path))


def parse_body(arrays: dict[str, NDArray[Any]], called: str, sha256: str) -> BodyModel:
    """Check the arrays of a body model and put them together.

    Args:
        arrays: As in the npz.
        called: The name to use for the file in errors.
        sha256: Hash of the file.

    Raises:
        InvalidInput: an array is missing or wrong.
    """
    missing = [key for key in _NEEDED if key not in arrays]
    if missing:
        raise _wrong(called, f"it lacks {', '.join(missing)}")
    check = _Checker(arrays, called)
    if (given := check.number("format")) != FORMAT:
        raise _wrong(called, f"its format is {given:g}, only {FORMAT} is known")
    template = check.floats("v_template", (None, 3))
    v = len(template)
    if not 100 <= v <= _MAX_VERTICES:
        raise _wrong(called, f"v_template has {v} vertices")
    shapedirs = check.floats("shapedirs", (v, 3, None))
    b = shapedirs.shape[2]
    faces = check.indices("faces", (None, 3), v)
    if tuple(arrays["parents"].ravel().tolist()) != PARENTS:
        raise _wrong(called, "its joints (parents) are not SMPL's 24")
    weights = check.floats("weights", (v, JOINTS))
    sums = weights.sum(axis=1, keepdims=True)
    if weights.min() < 0 or np.abs(sums - 1).max() > 0.01:
        raise _wrong(called, "the rows of weights are not shares that sum to 1")
    coco = check.floats("coco_regressor", (17, v))
    if np.abs(coco.sum(axis=1) - 1).max() > 0.02:
        raise _wrong(called, "the rows of coco_regressor do not sum to 1")
    has_uv = "uv" in arrays and "face_uv" in arrays
    uv = check.floats("uv", (None, 2)) if has_uv else None

    def text(key: str) -> str:
        return check.text(key) if key in arrays else ""

    lower, upper = (
        check.floats(key, (POSE_VALUES,), infinite=True) for key in ("pose_lower", "pose_upper")
    )
    if np.any(lower > upper):
        raise _wrong(called, "a lower limit in pose_lower is above its upper one")
    length = check.number("rest_length")
    if not 0.2 < length < 3.0:
        raise _wrong(called, f"rest_length is {length:g} m; are the units metres?")
    return BodyModel(
        sha256=sha256,
        v_template=template,
        shapedirs=shapedirs,
        posedirs=check.floats("posedirs", (207, v * 3)) if "posedirs" in arrays else None,
        faces=faces,
        weights=weights / sums,
        J_regressor=check.joint_regressor(v),
        coco_regressor=coco,
        coco_weight=check.floats("coco_weight", (17,)),
        pose_mean=check.floats("pose_mean", (POSE_VALUES,)),
        pose_factor=check.floats("pose_factor", (POSE_VALUES, POSE_VALUES)),
        rest_length=length,
        beta_precision=(
            check.floats("beta_precision", (b, b)) if "beta_precision" in arrays else None
        ),
        uv=uv,
        face_uv=check.indices("face_uv", (len(faces), 3), len(uv)) if uv is not None else None,
        regions={
            key.removeprefix("region_"): check.mask(key, len(faces))
            for key in arrays
            if key.startswith("region_")
        },
        name=text("name"),
        version=text("version"),
        licence=text("licence"),
        about=text("about"),
        sha256_source=text("sha256_source"),
        pose_prior_about=text("pose_prior_about"),
        pose_lower=lower,
        pose_upper=upper,
    )


def write_body(path: Path, arrays: dict[str, Any]) -> str:
    """Write a body model file and read it back; returns its SHA-256.

    The same arrays give the same bytes. Whole or not at all: a file that does not pass its own
    check is removed.

    Raises:
        InvalidInput: the arrays break the format.
    """
    draft = path.with_name(f".{path.name}.draft.npz")
    try:
        np.savez_compressed(draft, **arrays)
        body = load_body(draft, path.name)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return body.sha256


class _Checker:
    """Takes arrays out of a file and complains by name."""

    def __init__(self, arrays: dict[str, NDArray[Any]], called: str) -> None:
        self._arrays, self._called = arrays, called

    def _shaped(self, key: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        a = self._arrays[key]
        if a.ndim != len(shape) or any(
            w is not None and n != w for n, w in zip(a.shape, shape, strict=True)
        ):
            want = " × ".join("any" if w is None else str(w) for w in shape)
            raise _wrong(self._called, f"{key} is {' × '.join(map(str, a.shape))}, not {want}")
        return a

    def number(self, key: str) -> float:
        a = self._arrays[key]
        if a.size != 1 or a.dtype.kind not in "iuf" or not np.isfinite(a).all():
            raise _wrong(self._called, f"{key} is not one number")
        return float(a.item())

    def text(self, key: str) -> str:
        a = self._arrays[key]
        if a.size != 1 or a.dtype.kind != "U":
            raise _wrong(self._called, f"{key} is not one text")
        return str(a.item())

    def floats(self, key: str, shape: tuple[int | None, ...], *, infinite: bool = False) -> Array:
        a = self._shaped(key, shape)
        if a.dtype.kind != "f":
            raise _wrong(self._called, f"{key} holds {a.dtype}, not numbers with a fraction")
        if np.isnan(a).any() or (not infinite and not np.isfinite(a).all()):
            raise _wrong(self._called, f"{key} holds values that are not numbers")
        return np.ascontiguousarray(a, np.float32)

    def indices(self, key: str, shape: tuple[int | None, ...], count: int) -> NDArray[np.int32]:
        a = self._shaped(key, shape)
        if a.dtype.kind not in "iu" or a.size == 0 or a.min() < 0 or a.max() >= count:
            raise _wrong(self._called, f"{key} does not index {count} elements")
        return np.ascontiguousarray(a, np.int32)

    def mask(self, key: str, count: int) -> NDArray[np.bool_]:
        a = self._shaped(key, (count,))
        if a.dtype != bool:
            raise _wrong(self._called, f"{key} is not a mask")
        return a

    def joint_regressor(self, v: int) -> Array:
        if "J_regressor" in self._arrays:
            out = self.floats("J_regressor", (JOINTS, v))
        elif all(f"J_regressor_{k}" in self._arrays for k in ("row", "col", "val")):
            val = self.floats("J_regressor_val", (None,))
            row = self.indices("J_regressor_row", (len(val),), JOINTS)
            col = self.indices("J_regressor_col", (len(val),), v)
            out = np.zeros((JOINTS, v), np.float32)
            np.add.at(out, (row, col), val)
        else:
            raise _wrong(self._called, "it lacks J_regressor")
        if np.abs(out.sum(axis=1) - 1).max() > 0.02:
            raise _wrong(self._called, "the rows of J_regressor do not sum to 1")
        return out


def _wrong(called: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{called} is not a usable body model: {fault}.", file=called, fault=fault)
