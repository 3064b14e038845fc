"""What differs between a release and another version of its dataset."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Release, ReleaseFrame
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.releases.differences import FrameChange, compare_frames
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.publishing.releases import repository
from backend.publishing.releases.schemas import (
    ChangedFrameOut,
    DiffOut,
    FrameRefOut,
    MovedJointOut,
    SplitChangeOut,
)

MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class _Side:
    """Frames of one release as columns, by id."""

    ids: NDArray[np.int64]
    rows: list[Any]
    joints: NDArray[np.float64]
    boxes: NDArray[np.float64]

    def at(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of frames that are there."""
        return np.searchsorted(self.ids, ids)


def difference(session: Session, release_id: int, other_id: int | None = None) -> DiffOut:
    """Compare a frozen release with an earlier one.

    Args:
        session: A transaction.
        release_id: The later one; its frames have to be frozen.
        other_id: The earlier one; by default the version before it.

    Raises:
        NotFound: there is no such release.
        Conflict: one of them is a draft, or there is no version before.
        InvalidInput: they are of different datasets.
    """
    later = repository.get(session, release_id)
    base_id = other_id if other_id is not None else later.base_id
    if base_id is None:
        raise Conflict("This is the first version: there is none to compare it with.")
    earlier = repository.get(session, base_id)
    if earlier.dataset_id != later.dataset_id:
        raise InvalidInput("These releases are of different datasets.")
    a, b = _side(session, earlier), _side(session, later)
    both = np.intersect1d(a.ids, b.ids)
    at_a, at_b = a.at(both), b.at(both)
    changes = compare_frames(both, a.joints[at_a], b.joints[at_b], a.boxes[at_a], b.boxes[at_b])
    came = [b.rows[i] for i in np.flatnonzero(~np.isin(b.ids, a.ids)).tolist()]
    went = [a.rows[i] for i in np.flatnonzero(~np.isin(a.ids, b.ids)).tolist()]
    rows = {row.frame_id: row for row in b.rows}
    fits = sum(
        (a.rows[i].fit_id, a.rows[i].fit_version) != (b.rows[j].fit_id, b.rows[j].fit_version)
        for i, j in zip(at_a.tolist(), at_b.tolist(), strict=True)
    )
    found = DiffOut(
        before=earlier.version,
        after=later.version,
        frames_in=len(came),
        frames_out=len(went),
        frames_kept=len(both),
        frames_changed=len(changes),
        joints_moved=sum(len(change.joints) for change in changes),
        visibility_changed=sum(len(change.visibility) for change in changes),
        boxes_changed=sum(change.box_iou < 1 for change in changes),
        fits_changed=fits,
        moved_by_joint=_by_joint(changes),
        splits_changed=_splits(session, earlier, later),
        came=[_ref(row) for row in came[:MAX_LISTED]],
        went=[_ref(row) for row in went[:MAX_LISTED]],
        changed=[
            _changed(rows[change.frame_id], change)
            for change in sorted(changes, key=_by_size)[:MAX_LISTED]
        ],
        changelog="",
    )
    return found.model_copy(update={"changelog": _changelog(found, came, went)})


def _side(session: Session, release: Release) -> _Side:
    if release.frozen_at is None:
        raise Conflict(f"Version {release.version} is a draft: check it first.")
    of = ReleaseFrame
    rows = session.execute(
        select(
            of.frame_id, of.recording_id, of.infant_id, of.file_name, of.split, of.keypoints,
            of.box_x, of.box_y, of.box_width, of.box_height, of.fit_id, of.fit_version,
        )
        .where(of.release_id == release.id)
        .order_by(of.frame_id)
    ).all()  # fmt: skip
    return _Side(
        ids=np.array([row.frame_id for row in rows], dtype=np.int64),
        rows=list(rows),
        joints=np.array([row.keypoints for row in rows]).reshape(len(rows), N_JOINTS, 3),
        boxes=np.array(
            [(row.box_x, row.box_y, row.box_width, row.box_height) for row in rows]
        ).reshape(len(rows), 4),
    )


def _by_size(change: FrameChange) -> tuple[float, int]:
    """Worst first."""
    return (math.inf if math.isnan(change.oks) else change.oks, change.frame_id)


def _by_joint(changes: list[FrameChange]) -> list[MovedJointOut]:
    counts = Counter(joint for change in changes for joint in change.joints)
    return [
        MovedJointOut(
            joint=joint,
            name=JOINTS[joint],
            count=counts[joint],
            median_px=float(np.median([c.moved[joint] for c in changes if joint in c.joints])),
        )
        for joint in sorted(counts)
    ]


def _splits(session: Session, earlier: Release, later: Release) -> list[SplitChangeOut]:
    before, after = (repository.splits(session, release.id) for release in (earlier, later))
    names = repository.pseudonyms(session, [*before, *after])
    return [
        SplitChangeOut(
            infant_id=infant,
            pseudonym=names.get(infant, f"infant {infant}"),
            before=before[infant].split,
            after=after[infant].split,
        )
        for infant in sorted(before.keys() & after.keys())
        if before[infant].split != after[infant].split
    ]


def _ref(row: Any) -> FrameRefOut:
    return FrameRefOut(
        frame_id=row.frame_id,
        recording_id=row.recording_id,
        file_name=row.file_name,
        split=row.split,
    )


def _changed(row: Any, change: FrameChange) -> ChangedFrameOut:
    return ChangedFrameOut(
        **_ref(row).model_dump(),
        oks=None if math.isnan(change.oks) else change.oks,
        box_iou=change.box_iou,
        joints=[
            MovedJointOut(
                joint=joint, name=JOINTS[joint], count=1, median_px=float(change.moved[joint])
            )
            for joint in change.joints
        ],
        visibility=[JOINTS[joint] for joint in change.visibility],
    )


def _changelog(found: DiffOut, came: list[Any], went: list[Any]) -> str:
    """A draft in Markdown, from which a maintainer writes the notes of the version."""
    lines = [f"Changes from {found.before} to {found.after}:", ""]

    def of_infants(rows: list[Any]) -> str:
        infants = len({row.infant_id for row in rows})
        return f"{infants} {'infant' if infants == 1 else 'infants'}"

    if came:
        lines.append(f"- {len(came):,} frames of {of_infants(came)} added.")
    if went:
        lines.append(f"- {len(went):,} frames of {of_infants(went)} removed.")
    if found.joints_moved:
        frames = sum(1 for change in found.changed if change.joints)
        listed = found.frames_changed <= MAX_LISTED
        where = f" in {frames:,} frames" if listed else ""
        lines.append(f"- {found.joints_moved:,} joints moved{where}.")
    if found.visibility_changed:
        lines.append(f"- Visibility of {found.visibility_changed:,} joints changed.")
    if found.boxes_changed:
        lines.append(f"- {found.boxes_changed:,} boxes changed.")
    if found.fits_changed:
        lines.append(f"- {found.fits_changed:,} body fits changed.")
    for change in found.splits_changed:
        lines.append(f"- {change.pseudonym} moved from {change.before} to {change.after}.")
    if len(lines) == 2:
        lines.append("- No frame differs.")
    return "\n".join(lines) + "\n"
