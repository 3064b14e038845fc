"""What hides joints, as far as masks know."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import FrameBox, Recording
from backend.core.storage import BlobStore
from backend.domain.boxes import BoxOrigin
from backend.domain.keypoints import Visibility
from backend.domain.masks import encode
from backend.multiview.propagation import evidence
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import estimates_of, solve
from tests.factories import annotation_of, frames_of, make_skeleton

ANKLE = 15


def test_a_joint_beside_the_infants_mask_is_proposed_as_occluded(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> None:
    frame = frames_of(session, recording)[3]
    body = np.array([(j.x, j.y) for j in make_skeleton(160 + 0.9, 120 + 0.6, 28).joints])
    # Something stands before the left ankle: the mask ends well above it.
    mask = np.ones((frame.height, frame.width), dtype=bool)
    mask[int(body[ANKLE, 1]) - 60 :] = False
    session.add(
        FrameBox(
            frame_id=frame.id, recording_id=recording.id, x=0, y=0, width=frame.width,
            height=frame.height, origin=BoxOrigin.IMPORTED, mask_counts=encode(mask)["counts"],
            made_from=annotation_of(session, frame.id).keypoints,
        )
    )  # fmt: skip
    session.flush()
    known = evidence.read(session, storage, recording)
    outside = known.session.cameras[0].outside
    assert outside is not None
    assert outside[3, ANKLE] > 10
    assert outside[3, 0] < 0
    assert np.isnan(outside[4]).all()
    solve(session, storage, sessions, recording)
    assert estimates_of(session, recording)[frame.id].visibility[ANKLE] == Visibility.OCCLUDED
