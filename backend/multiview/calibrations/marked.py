"""The joints of a recording that say something about its cameras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Frame, Moment
from backend.labelling.conditions import KEPT

Array = NDArray[np.float64]

_HIDDEN_TRUST = 0.3
"""People place hidden joints by guess."""


def marked_joints(
    session: Session, recording_id: int, camera_ids: Sequence[int]
) -> tuple[Array, Array, Array] | None:
    """Pixels (T, C, 17, 2), trust (T, C, 17) and times (T,) of moments that two cameras see.

    Args:
        session: A session.
        recording_id: The recording.
        camera_ids: Cameras in the order of the views.

    Returns:
        None where there is no such moment.
    """
    place = {camera: c for c, camera in enumerate(camera_ids)}
    moments: dict[int, dict[int, Sequence[float]]] = {}
    times: dict[int, float] = {}
    for moment, at, camera, flat in session.execute(
        select(Moment.id, Moment.time_s, Frame.camera_id, Annotation.keypoints)
        .join(Frame, Frame.moment_id == Moment.id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .where(Frame.recording_id == recording_id, KEPT, Annotation.keypoints.is_not(None))
        .order_by(Moment.index)
    ):
        if camera in place and flat:
            moments.setdefault(moment, {})[place[camera]] = flat
            times[moment] = at
    used = [m for m, views in moments.items() if len(views) > 1]
    used.sort(key=lambda m: times[m])
    used = [m for k, m in enumerate(used) if not k or times[m] > times[used[k - 1]]]
    if not used:
        return None
    pixels = np.full((len(used), len(camera_ids), 17, 2), np.nan)
    trust = np.zeros(pixels.shape[:3])
    for t, m in enumerate(used):
        for c, keypoints in moments[m].items():
            values = np.asarray(keypoints, float).reshape(17, 3)
            pixels[t, c] = np.where(values[:, 2:] > 0, values[:, :2], np.nan)
            trust[t, c] = np.where(values[:, 2] >= 2, 1.0, _HIDDEN_TRUST * (values[:, 2] > 0))
    return pixels, trust, np.array([times[m] for m in used])
