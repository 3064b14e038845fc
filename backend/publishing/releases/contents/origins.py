"""Where the labels of a selection began: in files that came along, or here; and who saw boxes."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray
from sqlalchemy import any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from backend.core.database.tables import FrameBox, Recording
from backend.domain.boxes import BoxStatus

_APPROVED: Final = FrameBox.status == BoxStatus.APPROVED.value


def came_with_labels(session: Session, recording: Int[NDArray[Any], " n"]) -> dict[str, int]:
    """How many recordings, and frames of them, were imported together with labels from a file.

    Args:
        session: A transaction.
        recording: Recording of each frame.
    """
    keys, frames = np.unique(recording, return_counts=True)
    known = set(
        session.scalars(
            select(Recording.id).where(
                Recording.id.in_(keys.tolist()), Recording.label_source.is_not(None)
            )
        )
    )
    held = dict(zip(keys.tolist(), frames.tolist(), strict=True))
    return {"recordings": len(known), "frames": sum(held[key] for key in known)}


def boxes_approved(session: Session, frame: Int[NDArray[Any], " n"]) -> int:
    """Of how many frames an inspector approved the box; no one looked at the others one by one.

    Args:
        session: A transaction.
        frame: Ids of frames.
    """
    ids = cast(frame.tolist(), ARRAY(BigInteger))
    query = select(func.count()).where(FrameBox.frame_id == any_(ids), _APPROVED)
    return session.scalar(query) or 0
