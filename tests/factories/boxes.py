"""Boxes for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import FrameBox, Recording, User
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.keypoints import Skeleton
from backend.domain.verdicts import Verdict
from backend.domain.workflow import Stage
from backend.labelling.boxes.service import BoxProposal, store_proposal
from tests.factories.joints import accept, annotation_of, make_candidates
from tests.factories.recordings import HEIGHT, WIDTH, frame_ids_of, make_recording


def make_proposal(skeleton: Skeleton, **changes: Any) -> BoxProposal:
    """A box as a model proposes it: the joints' rectangle, filled, as mask."""
    bare = infant_box(None, skeleton, WIDTH, HEIGHT)
    pixels = np.zeros((HEIGHT, WIDTH), dtype=bool)
    pixels[
        int(bare.y) : int(np.ceil(bare.y + bare.height)),
        int(bare.x) : int(np.ceil(bare.x + bare.width)),
    ] = True
    values: dict[str, Any] = {
        "made_from": skeleton,
        "box": infant_box(pixels, skeleton, WIDTH, HEIGHT),
        "mask_counts": masks.encode(pixels)["counts"],
        "mask_area": int(pixels.sum()),
        "mask_score": 0.9,
        "consistency": 0.95,
        "flagged": False,
        "attempts": ("points",),
        "model": "test-segmenter",
    }
    return BoxProposal(**(values | changes))


def make_boxes(
    session: Session, recording: Recording, changes: Mapping[int, dict[str, Any]] | None = None
) -> dict[int, FrameBox]:
    """Proposed boxes for all kept frames; ``changes`` to the proposal by frame id."""
    found = {}
    for frame_id in frame_ids_of(session, recording):
        annotation = annotation_of(session, frame_id)
        if annotation.verdict != Verdict.KEEP.value or annotation.keypoints is None:
            continue
        skeleton = Skeleton.from_flat(annotation.keypoints)
        box = store_proposal(
            session, frame_id, make_proposal(skeleton, **(changes or {}).get(frame_id, {}))
        )
        assert box is not None
        found[frame_id] = box
    return found


def make_boxed_recording(
    session: Session,
    annotator: User,
    *,
    frames: int = 3,
    stage: Stage = Stage.INSPECTING_BOXES,
    inspector: User | None = None,
) -> Recording:
    """A recording whose frames were all accepted and have boxes, in any stage from then on."""
    recording = make_recording(
        session, Stage.ANNOTATING, frames=frames, annotator=annotator, inspector=inspector
    )
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    recording.stage = Stage.BOXING.value
    session.flush()
    make_boxes(session, recording)
    recording.stage = stage.value
    session.flush()
    return recording
