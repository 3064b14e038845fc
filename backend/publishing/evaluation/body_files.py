"""Bodies in 3D: numpy archives of joints, and of vertices if there are any.

Read are the arrays ``joints3d`` (N, 17 COCO or 24 SMPL joints, 3), or ``joints3d_coco`` and
``joints3d_body`` as an export of body fits has them, and ``vertices`` (N, V, 3), all in metres.
Parameters of a body model are not turned into bodies here, because that needs the model itself:
write the joints and vertices that it gives. Rows belong together by ``id`` (N,), or by ``session``
and ``moment`` (N,) as in an export; without either, both files must have as many rows and are
compared row by row. ``infant`` (N,), or else ``session``, names whose a row is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.core.archives import MAX_BYTES, ArchiveFault, Oversized, read_npz
from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.evaluation.body_errors import N_BODY_JOINTS
from backend.domain.evaluation.intervals import Clusters, clusters_of
from backend.domain.skeleton import N_JOINTS
from backend.publishing.evaluation.faults import MAX_PLACES, shown
from backend.publishing.evaluation.predictions_file import Unknown

Array = NDArray[np.float64]

_JOINTS: Final = ("joints3d", "joints3d_coco", "joints3d_body")
_NAMES: Final = (*_JOINTS, "vertices", "id", "session", "moment", "infant")
_MAX_COORDINATE_M: Final = 1e4


@dataclass(frozen=True, slots=True)
class BodyPairs:
    """Bodies of both files that belong together.

    Attributes:
        predicted: (N, J, 3) metres.
        true: (N, J, 3) metres.
        predicted_vertices: (N, V, 3) metres, or None.
        true_vertices: (N, V, 3) metres, or None.
        clusters: Whose each row is.
        ids: What each row is called.
        notes: What has to be said.
    """

    predicted: Array
    true: Array
    predicted_vertices: Array | None
    true_vertices: Array | None
    clusters: Clusters
    ids: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    joints: Mapping[str, Array]
    vertices: Array | None
    keys: list[str] | None
    facts: list[dict[str, str]]

    def __len__(self) -> int:
        return len(next(iter(self.joints.values())))

    def wrong(self, fault: str) -> InvalidInput:
        return _wrong(self.name, fault)


def read_bodies(truth: Path, predictions: Path, unknown: Unknown = Unknown.REFUSE) -> BodyPairs:
    """Read two archives and bring their rows together.

    Raises:
        InvalidInput: one is no such archive, they have no joints in common, or rows do not fit.
        TooLarge: one would take too much memory.
    """
    true, predicted = _read(truth), _read(predictions)
    kind = next(
        (
            k
            for k in _JOINTS
            if k in true.joints
            and k in predicted.joints
            and true.joints[k].shape[1:] == predicted.joints[k].shape[1:]
        ),
        None,
    )
    if kind is None:
        raise predicted.wrong(
            f"it has {_shapes(predicted)}, {true.name} has {_shapes(true)}: no joints in common"
        )
    rows, at, notes = _together(true, predicted, unknown)
    vertices = None
    if (true.vertices is None) != (predicted.vertices is None):
        notes.append("Only one of the files has vertices: there is no PVE.")
    elif true.vertices is not None and predicted.vertices is not None:
        if true.vertices.shape[1] != predicted.vertices.shape[1]:
            raise predicted.wrong(
                f"{predicted.vertices.shape[1]:,} vertices a body, but {true.name} has"
                f" {true.vertices.shape[1]:,}: they are not of the same mesh"
            )
        vertices = predicted.vertices[at], true.vertices[rows]
    notes.append(f"Compared are {kind}: {true.joints[kind].shape[1]} joints.")
    keys = true.keys or [str(i) for i in range(len(true))]
    return BodyPairs(
        predicted.joints[kind][at],
        true.joints[kind][rows],
        None if vertices is None else vertices[0],
        None if vertices is None else vertices[1],
        clusters_of([true.facts[i] for i in rows]),
        tuple(keys[i] for i in rows),
        tuple(notes),
    )


def _together(true: _File, predicted: _File, unknown: Unknown) -> tuple[Any, Any, list[str]]:
    """Rows of the truth, the predicted rows that belong to them, and what has to be said."""
    if true.keys is None or predicted.keys is None:
        if (true.keys is None) != (predicted.keys is None):
            without = true if true.keys is None else predicted
            raise without.wrong("its rows have no “id”, those of the other file have")
        if len(true) != len(predicted):
            raise predicted.wrong(
                f"{len(predicted):,} rows, {true.name} has {len(true):,}, and nothing (“id”) says"
                " which belong together"
            )
        rows = np.arange(len(true))
        return rows, rows, ["Rows have no ids: they are compared in their order."]
    index = {key: i for i, key in enumerate(true.keys)}
    strange = [key for key in predicted.keys if key not in index]
    if strange and unknown is Unknown.REFUSE:
        named = ", ".join(shown(key) for key in strange[:MAX_PLACES])
        raise predicted.wrong(f"{len(strange):,} ids that {true.name} does not have ({named} …)")
    pairs = sorted((index[key], i) for i, key in enumerate(predicted.keys) if key in index)
    if not pairs:
        raise predicted.wrong(f"no row is of a body of {true.name}")
    notes = []
    if strange:
        notes.append(f"{len(strange):,} predicted bodies are unknown to the truth and left out.")
    if len(pairs) < len(true):
        notes.append(
            f"{len(true) - len(pairs):,} of {len(true):,} true bodies have no prediction and are in"
            " none of these numbers."
        )
    rows, at = np.array(pairs, np.intp).T
    return rows, at, notes


def _shapes(file: _File) -> str:
    return ", ".join(f"{name} {array.shape}" for name, array in file.joints.items())


def _wrong(name: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)


def _read(path: Path) -> _File:
    name = path.name
    try:
        arrays = read_npz(path, MAX_BYTES, only=_NAMES)
    except FileNotFoundError as error:
        raise _wrong(name, "there is no such file") from error
    except Oversized as error:
        raise TooLarge(f"{name}: {error}.", file=name, fault=str(error)) from error
    except ArchiveFault as error:
        raise _wrong(name, str(error)) from error
    joints: dict[str, Array] = {
        key: _points(name, key, arrays[key], (N_JOINTS, N_BODY_JOINTS))
        for key in _JOINTS
        if key in arrays
    }
    if not joints:
        raise _wrong(name, f"none of the arrays {', '.join(_JOINTS)} is in it")
    count = len(next(iter(joints.values())))
    if not count:
        raise _wrong(name, "there is no body in it")
    vertices = _points(name, "vertices", arrays["vertices"]) if "vertices" in arrays else None
    for key, array in arrays.items():
        if array.ndim == 0 or len(array) != count:
            raise _wrong(name, f"“{key}” has not one row for each of {count:,} bodies")
    for key in ("id", "session", "moment", "infant"):
        if key in arrays and arrays[key].ndim != 1:
            raise _wrong(name, f"“{key}” is of shape {arrays[key].shape}; ({count},) is wanted")
    return _File(name, joints, vertices, _keys(name, arrays), _facts(arrays, count))


def _points(name: str, key: str, array: NDArray[Any], sizes: tuple[int, ...] = ()) -> Array:
    if array.ndim != 3 or array.shape[2] != 3 or (sizes and array.shape[1] not in sizes):
        wanted = " or ".join(map(str, sizes)) or "vertices"
        raise _wrong(name, f"“{key}” is of shape {array.shape}; (bodies, {wanted}, 3) is wanted")
    if array.dtype.kind not in "fiu":
        raise _wrong(name, f"“{key}” holds no numbers ({array.dtype})")
    points = array.astype(np.float64)
    absurd = np.isinf(points) | (np.abs(points) > _MAX_COORDINATE_M)
    if absurd.any():
        rows = np.flatnonzero(absurd.any(axis=(1, 2)))
        named = ", ".join(str(row) for row in rows[:MAX_PLACES])
        raise _wrong(name, f"“{key}” is infinite or absurd in {len(rows):,} rows ({named} …)")
    return points


def _keys(name: str, arrays: Mapping[str, NDArray[Any]]) -> list[str] | None:
    if "id" in arrays:
        keys = [str(value) for value in arrays["id"].tolist()]
    elif "session" in arrays and "moment" in arrays:
        pairs = zip(arrays["session"].tolist(), arrays["moment"].tolist(), strict=True)
        keys = [f"{session} {moment}" for session, moment in pairs]
    else:
        return None
    if len(set(keys)) < len(keys):
        seen: set[str] = set()
        twice = []
        for key in keys:
            if key in seen:
                twice.append(key)
            seen.add(key)
        named = ", ".join(shown(key) for key in twice[:MAX_PLACES])
        raise _wrong(name, f"{len(twice):,} ids are there twice ({named} …)")
    return keys


def _facts(arrays: Mapping[str, NDArray[Any]], count: int) -> list[dict[str, str]]:
    facts: list[dict[str, str]] = [{} for _ in range(count)]
    for array, fact in (("infant", "infant"), ("session", "recording")):
        if array in arrays:
            for i, value in enumerate(arrays[array].tolist()):
                facts[i][fact] = str(value)
    return facts
