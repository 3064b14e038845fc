"""The file ``provenance.parquet``: a row for each joint of a release."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from backend.domain.skeleton import JOINTS
from backend.publishing.releases.provenance import FrameOrigins, origins

_FRAMES_AT_A_TIME: Final = 2000

SCHEMA: Final = pa.schema(
    [
        ("frame_id", pa.int64()),
        ("file_name", pa.string()),
        ("split", pa.string()),
        ("joint", pa.int8()),
        ("joint_name", pa.string()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("visibility", pa.int8()),
        ("origin", pa.string()),
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
        batch: list[FrameOrigins] = []
        for frame in origins(session, release_id):
            batch.append(frame)
            if len(batch) == _FRAMES_AT_A_TIME:
                written += _write(writer, batch)
                batch = []
        if batch:
            written += _write(writer, batch)
    return written


def _write(writer: pq.ParquetWriter, frames: Sequence[FrameOrigins]) -> int:
    pairs = [(frame, joint) for frame in frames for joint in frame.joints]
    columns: dict[str, list[Any]] = {
        "frame_id": [frame.frame_id for frame, _ in pairs],
        "file_name": [frame.file_name for frame, _ in pairs],
        "split": [frame.split for frame, _ in pairs],
        "joint_name": [JOINTS[joint.joint] for _, joint in pairs],
    }
    for name in SCHEMA.names:
        if name not in columns:
            columns[name] = [getattr(joint, name) for _, joint in pairs]
    writer.write_table(pa.table(columns, schema=SCHEMA))
    return len(pairs)
