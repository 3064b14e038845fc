"""What was foretold of frames that people were sent to, kept before they say anything.

Compared with what they say it tells how far the engine may believe itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from backend.domain.trajectories import sureness
from backend.domain.trajectories.evidence import CameraEvidence, Foretold, SessionEvidence
from backend.multiview.propagation import repository
from backend.multiview.propagation.evidence import Known
from backend.multiview.propagation.sessions import Slot

Place = tuple[int, int]


def remembered(session: Session, recording_id: int, known: Known) -> Known:
    """Evidence with what was foretold of its frames earlier."""
    rows = repository.foretold(session, recording_id)
    cameras = list(known.session.cameras)
    told: dict[int, Foretold] = {}
    for order, row in enumerate(rows):
        place = known.places.of.get(row.frame_id)
        if place is None:
            continue
        c, t = place
        own = told.setdefault(c, Foretold.nothing(len(cameras[c])))
        own.positions[t] = np.array(row.joints).reshape(-1, 2)
        own.sigmas[t] = row.sigma
        own.sizes[t], own.why[t], own.order[t] = row.size, row.why, order
    for c, found in told.items():
        cameras[c] = replace(cameras[c], foretold=found)
    return replace(known, session=SessionEvidence(tuple(cameras), known.session.moments))


def keep(
    session: Session, recording_id: int, slot: Slot, known: Known, changed: Iterable[Place]
) -> Known:
    """Evidence with what the slot's answer foretold of frames in which people now spoke first, or
    once more since they were sent back there.

    Args:
        slot: With the answer and the evidence from before.
        known: The evidence after. changed: Frames that changed between the two.
    """
    before, answer = slot.known, slot.answer
    if before is None or answer is None:
        return known
    cameras = list(known.session.cameras)
    for c, t in changed:
        frame_id = known.places.frame(c, t)
        why = slot.asked.get(frame_id, sureness.NOT_ASKED)
        again = _spoken(before.session.cameras[c], t)
        if why == sureness.NOT_ASKED or (again and frame_id not in slot.again):
            continue
        if not _spoken(cameras[c], t) or not np.isfinite(answer.cameras[c].scale[t]):
            continue
        cameras[c] = sureness.foretell(cameras[c], answer.cameras[c], t, why, again=again)
        slot.taught = True
        now = cameras[c].foretold
        assert now is not None
        row = {
            "frame_id": frame_id,
            "recording_id": recording_id,
            "why": why,
            "joints": now.positions[t].ravel().tolist(),
            "sigma": now.sigmas[t].tolist(),
            "size": float(now.sizes[t]),
        }
        repository.keep_foretold(session, row)
    return replace(known, session=SessionEvidence(tuple(cameras), known.session.moments))


def _spoken(camera: CameraEvidence, frame: int) -> bool:
    return bool((camera.confirmed_visibility[frame] >= 0).any())
