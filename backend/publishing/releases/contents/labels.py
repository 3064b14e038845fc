"""Labels of a release as columns: those that it froze, or those that a draft's rule selects now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups
from backend.domain.postures import GROUP_OF
from backend.domain.skeleton import N_JOINTS
from backend.publishing.releases import repository

_FROZEN: Final = """
SELECT f.frame_id AS frame, f.recording_id AS recording, f.infant_id AS infant,
       f.camera_id AS camera, coalesce(l.time_s, 0) AS time_s, f.width, f.height,
       f.annotation_version AS version,
       f.keypoints AS joints, f.box_x AS x, f.box_y AS y, f.box_width AS w, f.box_height AS h,
       coalesce(f.fit_id, 0) AS fit, coalesce(f.fit_version, 0) AS fit_version,
       coalesce(array_position(%(postures)s::text[], f.posture::text), 0) AS posture,
       array_position(%(splits)s::text[], f.split::text) - 1 AS split
FROM release_frames f LEFT JOIN frames l ON l.id = f.frame_id
WHERE f.release_id = %(release)s
"""
_CURRENT: Final = """
SELECT f.id AS frame, f.recording_id AS recording, r.infant_id AS infant, f.camera_id AS camera,
       f.time_s, f.width, f.height, a.version,
       coalesce(a.keypoints, array_fill(0::float8, ARRAY[51])) AS joints, coalesce(b.x, 0) AS x,
       coalesce(b.y, 0) AS y, coalesce(b.width, 0) AS w, coalesce(b.height, 0) AS h,
       coalesce(fit.id, 0) AS fit, coalesce(fit.version, 0) AS fit_version,
       coalesce(array_position(%(postures)s::text[], p.posture::text), 0) AS posture, 0 AS split
FROM annotations a
JOIN frames f ON f.id = a.frame_id
JOIN recordings r ON r.id = f.recording_id
JOIN moments m ON m.id = f.moment_id
LEFT JOIN frame_boxes b ON b.frame_id = a.frame_id
LEFT JOIN (
    SELECT fits.id, fits.version, fits.moment_id, v.frame_id
    FROM fits JOIN fit_views v ON v.fit_id = fits.id
    WHERE fits.status = 'verified' AND %(with_fits)s
) fit ON fit.frame_id = f.id AND fit.moment_id = f.moment_id
LEFT JOIN LATERAL (
    SELECT posture, last_moment FROM posture_ranges
    WHERE recording_id = f.recording_id AND first_moment <= m.index
    ORDER BY first_moment DESC LIMIT 1
) p ON p.last_moment >= m.index
WHERE a.verdict = 'keep' AND a.recording_id = ANY(%(recordings)s)
"""
_WHOLE: Final = ("frame", "recording", "infant", "camera", "fit")
_SHORT: Final = ("width", "height", "version", "fit_version", "posture", "split")
_POSTURES: Final = tuple(GROUP_OF)
_COLUMNS: Final = {
    **dict.fromkeys(_WHOLE, "int8"),
    **dict.fromkeys(_SHORT, "int4"),
    **dict.fromkeys(("time_s", "joints", *"xywh"), "float8"),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of frames, a row for each, by the frames' ids.

    Attributes:
        frame: Ids.
        recording: Id of the recording.
        infant: Id of the infant.
        camera: Id of the camera.
        time_s: When its camera took it.
        width: Of the image, pixels.
        height: Of the image, pixels.
        version: Of the joints.
        joints: x, y in pixels, visibility.
        boxes: Left, top, width, height in pixels; zeros where there is none yet.
        fit: Id of its verified body fit; 0 where there is none.
        fit_version: Of that fit.
        posture: From 1 in the order of ``domain.postures``; 0 where nobody said.
        split: Index in ``splits``.
        splits: Names of the splits; the empty one is for infants that are in none yet.
    """

    frame: Int[NDArray[Any], " n"]
    recording: Int[NDArray[Any], " n"]
    infant: Int[NDArray[Any], " n"]
    camera: Int[NDArray[Any], " n"]
    time_s: Float[NDArray[Any], " n"]
    width: Int[NDArray[Any], " n"]
    height: Int[NDArray[Any], " n"]
    version: Int[NDArray[Any], " n"]
    joints: Float[NDArray[Any], "n 17 3"]
    boxes: Float[NDArray[Any], "n 4"]
    fit: Int[NDArray[Any], " n"]
    fit_version: Int[NDArray[Any], " n"]
    posture: Int[NDArray[Any], " n"]
    split: Int[NDArray[Any], " n"]
    splits: tuple[str, ...]

    def __len__(self) -> int:
        """How many frames."""
        return len(self.frame)

    def where(self, chosen: Bool[NDArray[Any], " n"]) -> Self:
        """Only some of the frames."""
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "splits"}
        return replace(self, **{name: column[chosen] for name, column in columns.items()})


def frozen(session: Session, release_id: int) -> Labels:
    """What a release froze, while the store still has its frames."""
    splits = tuple(sorted(repository.split_counts(repository.get(session, release_id))))
    values = {"release": release_id, "splits": list(splits), "postures": list(_POSTURES)}
    return _labels(read_column_groups(session, _FROZEN, values, _COLUMNS, by="recording"), splits)


def current(
    session: Session,
    recordings: list[int],
    frames: Int[NDArray[Any], " m"],
    split_of_infant: Mapping[int, str],
    *,
    with_fits: bool,
) -> Labels:
    """Labels of frames as they are now.

    Args:
        session: A transaction.
        recordings: Recordings of the frames.
        frames: Ids of the frames.
        split_of_infant: By infant its split; others are in the split without a name.
        with_fits: Whether verified body fits belong to it.
    """
    values = {
        "recordings": recordings,
        "with_fits": with_fits,
        "postures": list(_POSTURES),
    }
    found = _labels(read_column_groups(session, _CURRENT, values, _COLUMNS, by="recording"), ())
    found = found.where(np.isin(found.frame, frames))
    splits = tuple(sorted({"", *split_of_infant.values()}))
    infants, place = np.unique(found.infant, return_inverse=True)
    of = [splits.index(split_of_infant.get(infant, "")) for infant in infants.tolist()]
    return replace(found, split=np.array(of, dtype=np.int64)[place], splits=splits)


def _labels(columns: Mapping[str, NDArray[Any]], splits: tuple[str, ...]) -> Labels:
    order = np.argsort(columns["frame"])
    found = {name: column[order] for name, column in columns.items()}
    return Labels(
        **{name: found[name].astype(np.int64) for name in (*_WHOLE, *_SHORT)},
        time_s=found["time_s"],
        joints=found["joints"].reshape(-1, N_JOINTS, 3),
        boxes=np.stack([found[name] for name in "xywh"], axis=1),
        splits=splits,
    )
