"""Bodies in 3D: numpy archives of joints, of vertices, or of a body model's parameters.

Read are the arrays ``joints3d`` (N, 17 COCO or 24 SMPL joints, 3), or ``joints3d_coco`` and
``joints3d_body`` as an export of body fits has them, and ``vertices`` (N, V, 3), all in metres.
What of these is not there is made from parameters (``body_parameters``), if the model is at hand.
Rows belong together by ``id`` (N,), or by ``session`` and ``moment`` (N,) as in an export; without
either, both files must have as many rows and are compared row by row. ``infant`` (N,), or else
``session``, names whose a row is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
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
from backend.multiview.bodies.model_file import BodyModel
from backend.publishing.evaluation import body_parameters
from backend.publishing.evaluation.body_parameters import Parameters, PosedBodies
from backend.publishing.evaluation.faults import MAX_PLACES, shown
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.evaluation.predictions_file import Unknown

Array = NDArray[np.float64]
Batch = tuple[Array, Array, Array | None, Array | None]
"""Predicted and true joints (B, J, 3), predicted and true vertices (B, V, 3) or None; metres."""

Bodies = tuple[Array, Array | None]
"""Joints (B, J, 3) and vertices (B, V, 3) or None; metres."""

MAX_TRAINING: Final = 2_000
"""Bodies to train on that a mean body is made of: more do not change it, and each is posed."""

_JOINTS: Final = ("joints3d", "joints3d_coco", "joints3d_body")
_KINDS: Final = {N_JOINTS: "joints3d_coco", N_BODY_JOINTS: "joints3d_body"}
"""Whose joints an array holds, by their number: files name the same ones differently."""
_WORDS: Final = {
    "joints3d_coco": f"COCO's {N_JOINTS} joints",
    "joints3d_body": f"SMPL's {N_BODY_JOINTS} joints",
}
_NAMES: Final = (*_JOINTS, "vertices", "id", "session", "moment", "infant", *body_parameters.NAMES)
_MAX_COORDINATE_M: Final = 1e4
_BATCH: Final = 128


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    joints: Mapping[str, Array]
    vertices: Array | None
    parameters: Parameters | None
    keys: list[str] | None
    facts: list[dict[str, str]]

    def __len__(self) -> int:
        return len(self.facts)

    def wrong(self, fault: str) -> InvalidInput:
        return _wrong(self.name, fault)

    @property
    def kinds(self) -> frozenset[str]:
        """Whose joints it has, or can be made of its parameters."""
        return frozenset(_WORDS if self.parameters else self.joints)

    @property
    def mesh(self) -> int | None:
        """How many vertices a body has; None without any."""
        if self.vertices is not None:
            return int(self.vertices.shape[1])
        return None if self.parameters is None else len(self.parameters.model.v_template)

    def take(self, kind: str, rows: NDArray[np.intp], mesh: bool) -> tuple[Array, Array | None]:
        """Joints and, if wanted, vertices of some rows."""
        missing = kind not in self.joints or (mesh and self.vertices is None)
        made: PosedBodies | None = None
        if missing and self.parameters is not None:
            made = self.parameters.posed(rows)
        if kind in self.joints:
            joints = self.joints[kind][rows]
        else:
            assert made is not None
            joints = made.coco if kind == "joints3d_coco" else made.rig
        if not mesh:
            return joints, None
        if self.vertices is not None:
            return joints, self.vertices[rows]
        assert made is not None
        return joints, made.vertices


@dataclass(frozen=True, slots=True)
class BodyPairs:
    """Bodies of both files that belong together.

    Attributes:
        clusters: Whose each row is.
        ids: What each row is called.
        notes: What has to be said.
    """

    clusters: Clusters
    ids: tuple[str, ...]
    notes: tuple[str, ...]
    _true: _File
    _predicted: _File
    _rows: NDArray[np.intp]
    _at: NDArray[np.intp]
    _kind: str
    _mesh: bool

    def __len__(self) -> int:
        return len(self._rows)

    def batches(self) -> Iterator[Batch]:
        """All bodies, some at a time: meshes of thousands would not fit into memory."""
        for begin in range(0, len(self), _BATCH):
            part = slice(begin, begin + _BATCH)
            true, true_mesh = self._true.take(self._kind, self._rows[part], self._mesh)
            found, found_mesh = self._predicted.take(self._kind, self._at[part], self._mesh)
            yield found, true, found_mesh, true_mesh

    def true_bodies(self) -> Iterator[Bodies]:
        """The true ones of them alone, as many at a time."""
        for begin in range(0, len(self), _BATCH):
            yield self._true.take(self._kind, self._rows[begin : begin + _BATCH], self._mesh)

    def to_train_on(self, path: Path, body: BodyModel | None = None) -> Iterator[Bodies]:
        """Bodies of another archive, with the joints, and the mesh, that are compared here.

        At most :data:`MAX_TRAINING` of them, evenly taken. Where the archive has another mesh or
        none, they come without vertices.

        Args:
            path: The archive.
            body: What its parameters are of; by default the open infant body where it names it.

        Raises:
            InvalidInput: it is no such archive, or has other joints.
            TooLarge: it would take too much memory.
        """
        other = _read(path, body)
        if self._kind not in other.kinds:
            raise other.wrong(f"it has {_shapes(other)}; {_WORDS[self._kind]} are compared")
        mesh = self._mesh and other.mesh == self._true.mesh
        chosen = np.linspace(0, len(other) - 1, min(len(other), MAX_TRAINING)).round()
        rows = chosen.astype(np.intp)
        for begin in range(0, len(rows), _BATCH):
            yield other.take(self._kind, rows[begin : begin + _BATCH], mesh)


def read_bodies(
    truth: Path,
    predictions: Path,
    unknown: Unknown = Unknown.REFUSE,
    body: BodyModel | None = None,
    others: OtherSplits | None = None,
) -> BodyPairs:
    """Read two archives and bring their rows together.

    Args:
        truth: The true bodies.
        predictions: The predicted ones.
        unknown: What becomes of predicted bodies that the truth does not have.
        body: What parameters are of; by default the open infant body where a file names it.
        others: The set's bodies that the truth does not have, so that a mixed-up split is said.

    Raises:
        InvalidInput: one is no such archive, they have no joints in common, or rows do not fit.
        TooLarge: one would take too much memory.
    """
    true, predicted = _read(truth, body), _read(predictions, body)
    _refuse_unknown(predicted)
    kind = next((k for k in _KINDS.values() if k in true.kinds & predicted.kinds), None)
    if kind is None:
        raise predicted.wrong(
            f"it has {_shapes(predicted)}, {true.name} has {_shapes(true)}: no joints in common"
        )
    rows, at, notes = _together(true, predicted, unknown, others or OtherSplits())
    notes.append(f"Compared are {_WORDS[kind]}.")
    if (true.mesh is None) != (predicted.mesh is None):
        notes.append("Only one of the files has vertices: there is no PVE.")
    if true.mesh and predicted.mesh and true.mesh != predicted.mesh:
        raise predicted.wrong(
            f"{predicted.mesh:,} vertices a body, but {true.name} has {true.mesh:,}: they are not"
            " of the same mesh"
        )
    keys = true.keys or [str(i) for i in range(len(true))]
    return BodyPairs(
        clusters_of([true.facts[i] for i in rows]),
        tuple(keys[i] for i in rows),
        tuple(notes),
        true,
        predicted,
        rows,
        at,
        kind,
        bool(true.mesh and predicted.mesh),
    )


def _together(
    true: _File, predicted: _File, unknown: Unknown, others: OtherSplits
) -> tuple[Any, Any, list[str]]:
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
        splits = Counter(split for key in strange if (split := others.of(key)) is not None)
        if splits:
            split, count = splits.most_common(1)[0]
            raise predicted.wrong(
                f"{count:,} ids are of the split “{split}” (choose {split} to measure these)"
            )
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


def _refuse_unknown(predicted: _File) -> None:
    """Only a truth may not know a place: a model that leaves hard joints out would gain by it.

    Raises:
        InvalidInput: a predicted joint or vertex is NaN.
    """
    vertices = () if predicted.vertices is None else (predicted.vertices,)
    for array in (*predicted.joints.values(), *vertices):
        rows = np.flatnonzero(np.isnan(array).any(axis=(1, 2)))
        if len(rows):
            named = ", ".join(str(row) for row in rows[:MAX_PLACES])
            more = " …" if len(rows) > MAX_PLACES else ""
            raise predicted.wrong(f"NaN instead of a place in {len(rows):,} rows ({named}{more})")


def _shapes(file: _File) -> str:
    return " and ".join(words for kind, words in _WORDS.items() if kind in file.kinds)


def _wrong(name: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)


def _read(path: Path, body: BodyModel | None) -> _File:
    name = path.name
    try:
        arrays = read_npz(path, MAX_BYTES, only=_NAMES)
    except FileNotFoundError as error:
        raise _wrong(name, "there is no such file") from error
    except Oversized as error:
        raise TooLarge(f"{name}: {error}.", file=name, fault=str(error)) from error
    except ArchiveFault as error:
        raise _wrong(name, str(error)) from error
    model = None
    if body_parameters.has_parameters(arrays):
        model = body_parameters.model_of(arrays, body)
    if model is None and not any(key in arrays for key in _JOINTS):
        said = f"none of the arrays {', '.join(_JOINTS)} is in it"
        if body_parameters.has_parameters(arrays):
            said += "; to make bodies of its parameters, give the file of their body model (--body)"
        raise _wrong(name, said)
    count = _count(name, arrays)
    joints: dict[str, Array] = {}
    for key in _JOINTS:
        if key in arrays:
            points = _points(name, key, arrays[key], tuple(_KINDS))
            joints.setdefault(_KINDS[points.shape[1]], points)
    vertices = _points(name, "vertices", arrays["vertices"]) if "vertices" in arrays else None
    for key in ("id", "session", "moment", "infant"):
        if key in arrays and arrays[key].ndim != 1:
            raise _wrong(name, f"“{key}” is of shape {arrays[key].shape}; ({count},) is wanted")
    parameters = None
    if model is not None:
        parameters = body_parameters.read_parameters(
            arrays, model, count, lambda fault: _wrong(name, fault)
        )
    return _File(name, joints, vertices, parameters, _keys(name, arrays), _facts(arrays, count))


def _count(name: str, arrays: Mapping[str, NDArray[Any]]) -> int:
    """How many bodies there are: every array has a row for each."""
    first = next(key for key in (*_JOINTS, "pose", "body_pose") if key in arrays)
    count = len(arrays[first]) if arrays[first].ndim else 0
    if not count:
        raise _wrong(name, "there is no body in it")
    for key, array in arrays.items():
        if array.ndim == 0 or len(array) != count:
            raise _wrong(name, f"“{key}” has not one row for each of {count:,} bodies")
    return count


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
