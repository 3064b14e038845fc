"""The file ``provenance.parquet``: a row for each joint of a release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.domain.releases.origins import settled_since, still_carried, still_theirs
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.publishing.releases.naming import told_model
from backend.publishing.releases.provenance import revisions_of
from backend.publishing.streamed_rows import batches, flat_joints

_ROWS_AT_A_TIME: Final = 6000

SCHEMA: Final = pa.schema(
    [
        ("frame_id", pa.int64()),
        ("file_name", pa.dictionary(pa.int32(), pa.string())),
        ("split", pa.dictionary(pa.int32(), pa.string())),
        ("joint", pa.int8()),
        ("joint_name", pa.dictionary(pa.int32(), pa.string())),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("visibility", pa.int8()),
        ("origin", pa.dictionary(pa.int32(), pa.string())),
        ("model", pa.string()),
        ("model_sha256", pa.string()),
        ("simulated", pa.bool_()),
        ("changed_by", pa.int64()),
        ("changed_in_version", pa.int32()),
        ("changed_in_round", pa.int32()),
        ("changed_at", pa.timestamp("us", tz="UTC")),
        ("accepted_by", pa.int64()),
        ("version", pa.int32()),
        ("round", pa.int32()),
        ("inspector", pa.int64()),
        ("playback_fps", pa.float64()),
    ]
)
"""Columns of ``provenance.parquet``, a row for each joint. People are numbers, never names."""


def write_provenance(session: Session, release_id: int, path: Path) -> int:
    """Write ``provenance.parquet``.

    The same rows give the same bytes with the same version of the Parquet library.

    Args:
        session: A transaction.
        release_id: The release.
        path: Where to write.

    Returns:
        How many joints.
    """
    written = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for rows in _whole_frames(
            batches(session, revisions_of(release_id), "provenance", _ROWS_AT_A_TIME)
        ):
            table = _table(rows)
            writer.write_table(table)
            written += len(table)
    return written


def _whole_frames(batches: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The same rows, cut between frames."""
    held: list[Any] = []
    for batch in batches:
        held += batch
        cut = len(held) - 1
        while cut > 0 and held[cut - 1].frame_id == held[-1].frame_id:
            cut -= 1
        if cut:
            yield held[:cut]
        held = held[cut:]
    if held:
        yield held


def _joints(values: Sequence[bytes | None], absent: float) -> NDArray[np.float64]:
    """(n, 17, 3); ``absent`` where there is none."""
    return flat_joints(values, absent).reshape(-1, N_JOINTS, 3)


def _table(rows: list[Any]) -> pa.Table:
    """A row for each joint of whole frames."""
    frames = np.array([row.frame_id for row in rows])
    first = np.flatnonzero(np.diff(frames, prepend=-1))
    last = np.append(first[1:], len(rows)) - 1
    history = _joints([row.keypoints for row in rows], 0.0)
    now = history[last]
    since = settled_since(history, first).ravel()
    ends = [rows[i] for i in last.tolist()]
    own = still_theirs(now, _joints([row.skeleton for row in ends], np.nan)).ravel()
    visibility = now[..., 2].ravel().astype(np.int8)
    carried = still_carried(np.array([row.carried for row in ends])).ravel() & (visibility > 0)
    carried &= ~own
    of_frame = np.repeat(np.arange(len(ends)), N_JOINTS)
    from_file = np.array([row.source is not None for row in ends])[of_frame]

    def each(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        """A value of a frame, for each of its joints."""
        return pa.array(values, kind).take(pa.array(of_frame))

    def then(name: str, kind: pa.DataType) -> pa.Array:
        """A value of the revision in which the joint came to lie where it does."""
        return pa.array([getattr(row, name) for row in rows], kind).take(pa.array(since))

    origin = np.where(own, np.where(from_file, 1, 0), np.where(visibility > 0, 2, 3))
    origin[carried] = 4
    columns = {
        "frame_id": each([row.frame_id for row in ends], pa.int64()),
        "file_name": _named([row.file_name for row in ends], of_frame),
        "split": _named([row.split for row in ends], of_frame),
        "joint": pa.array(np.tile(np.arange(N_JOINTS, dtype=np.int8), len(ends))),
        "joint_name": _coded(np.tile(np.arange(N_JOINTS), len(ends)), JOINTS),
        "x": pa.array(now[..., 0].ravel()),
        "y": pa.array(now[..., 1].ravel()),
        "visibility": pa.array(visibility),
        "origin": _coded(origin, ("model", "file", "person", "absent", "propagated")),
        "model": each([told_model(row.model) for row in ends], pa.string()),
        "model_sha256": each(
            [row.prelabel_sha256 if row.model == row.prelabel_model else None for row in ends],
            pa.string(),
        ),
        "simulated": each([bool(row.simulated) for row in ends], pa.bool_()),
        "changed_by": _unless(own, then("author_id", pa.int64())),
        "changed_in_version": then("version", pa.int32()),
        "changed_in_round": then("round", pa.int32()),
        "changed_at": then("created_at", pa.timestamp("us", tz="UTC")),
        "accepted_by": each([row.author_id for row in ends], pa.int64()),
        "version": each([row.version for row in ends], pa.int32()),
        "round": each([row.round for row in ends], pa.int32()),
        "inspector": each([row.inspector_id for row in ends], pa.int64()),
        "playback_fps": each([row.playback_fps for row in ends], pa.float64()),
    }
    return pa.table(columns, schema=SCHEMA)


def _named(values: Sequence[str], of_frame: NDArray[np.int64]) -> pa.DictionaryArray:
    coded = pa.array(values).dictionary_encode()
    return pa.DictionaryArray.from_arrays(coded.indices.take(pa.array(of_frame)), coded.dictionary)


def _coded(indices: NDArray[np.int64], names: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices.astype(np.int32)), pa.array(list(names)))


def _unless(left_out: NDArray[np.bool_], values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(left_out), pa.scalar(None, values.type), values)
