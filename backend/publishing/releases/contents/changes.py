"""What differs between a release and another version of its dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import orjson
from sqlalchemy.orm import Session

from backend.core.database.tables import Release
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.releases.differences import ChangeKind, LabelChanges
from backend.domain.releases.versions import Version, change_needed, falls_short
from backend.domain.skeleton import JOINTS
from backend.publishing.releases import repository
from backend.publishing.releases.contents import frames
from backend.publishing.releases.contents.changelog import changelog
from backend.publishing.releases.contents.comparing import Comparison, Sides, stored, work_out
from backend.publishing.releases.contents.held import held_by
from backend.publishing.releases.contents.remembered import Remembered
from backend.publishing.releases.contents.schemas import (
    ChangedFrameOut,
    ChangePage,
    DiffOut,
    KindCount,
    MovedJointOut,
    SplitChangeOut,
)

ROWS_AT_A_TIME: Final = 1000


_comparisons: Final = Remembered[Comparison](4)


def difference(session: Session, release_id: int, base_id: int | None = None) -> DiffOut:
    """Compare a release with an earlier one; a draft by what its rule selects now.

    Args:
        session: A transaction.
        release_id: The later one.
        base_id: The earlier one; by default the version before it.

    Raises:
        NotFound: there is no such release.
        Conflict: there is no version before, or the earlier one is a draft.
        InvalidInput: they are of different datasets, or the same.
    """
    sides = _sides(session, release_id, base_id)
    found = _compare(session, sides)
    labels = found.labels
    before, after = sides.before.release, sides.after.release
    splits = _splits(session, before, after)
    came, went = (len(found.order[kind]) for kind in (ChangeKind.CAME, ChangeKind.WENT))
    base, version = Version.parse(before.version), Version.parse(after.version)
    needed = change_needed(frames_out=went, splits_changed=len(splits), frames_in=came)
    answer = DiffOut(
        before=before.version,
        before_id=before.id,
        after=after.version,
        after_id=after.id,
        current=sides.after.selected is not None,
        kinds=[KindCount(kind=kind, frames=len(found.order[kind])) for kind in ChangeKind],
        frames_in=came,
        infants_in=found.infants[ChangeKind.CAME],
        frames_out=went,
        infants_out=found.infants[ChangeKind.WENT],
        frames_kept=found.kept,
        frames_changed=len(labels.frame),
        joints_moved=int(labels.shifted.sum()),
        visibility_changed=int(labels.visibility.sum()),
        postures_changed=len(found.order[ChangeKind.POSTURE]),
        boxes_changed=len(found.order[ChangeKind.BOX]),
        fits_changed=len(found.order[ChangeKind.FIT]),
        moved_by_joint=_by_joint(labels),
        splits_changed=splits,
        needed=needed,
        fitting=str(base.next(needed)),
        falls_short=falls_short(version, base, needed),
        changelog="",
    )
    return answer.model_copy(update={"changelog": changelog(answer)})


def page(
    session: Session,
    release_id: int,
    base_id: int | None,
    kind: ChangeKind,
    *,
    offset: int,
    limit: int,
) -> ChangePage:
    """Some of the frames that differ in one way, those that differ most first.

    Raises:
        As ``difference``.
    """
    sides = _sides(session, release_id, base_id)
    found = _compare(session, sides)
    order = found.order[kind]
    ids = order[offset : offset + limit].tolist()
    before = frames.by_id(session, sides.before, ids) if kind is not ChangeKind.CAME else {}
    after = frames.by_id(session, sides.after, ids) if kind is not ChangeKind.WENT else {}
    end = offset + len(ids)
    return ChangePage(
        frames=[
            ChangedFrameOut(
                frame_id=frame,
                before=before.get(frame),
                after=after.get(frame),
                **_details(found, frame),
            )
            for frame in ids
        ],
        total=len(order),
        next_offset=end if end < len(order) else None,
    )


def document(session: Session, release_id: int, base_id: int | None) -> Iterator[bytes]:
    """Everything that differs, as one JSON document in parts.

    Raises:
        As ``difference``, before the first part.
    """
    summary = difference(session, release_id, base_id)
    found = _compare(session, _sides(session, release_id, base_id))
    return _written(summary, found)


def _written(summary: DiffOut, found: Comparison) -> Iterator[bytes]:
    head = orjson.dumps(summary.model_dump(mode="json"))
    yield head[:-1]
    for kind in (ChangeKind.CAME, ChangeKind.WENT, ChangeKind.POSTURE, ChangeKind.FIT):
        yield b',"%s":' % kind.encode() + orjson.dumps(found.order[kind].tolist())
    yield b',"changed":['
    ids = found.labels.frame.tolist()
    for begin in range(0, len(ids), ROWS_AT_A_TIME):
        part = ids[begin : begin + ROWS_AT_A_TIME]
        rows = [{"frame_id": frame} | _details(found, frame) for frame in part]
        yield (b"," if begin else b"") + orjson.dumps(rows)[1:-1]
    yield b"]}\n"


def _details(found: Comparison, frame: int) -> dict[str, Any]:
    row = found.at(frame)
    if row is None:
        return {"moved": {}, "oks": None, "visibility": [], "box_iou": None}
    labels = found.labels
    moved = np.flatnonzero(labels.shifted[row]).tolist()
    similarity = float(labels.oks[row])
    return {
        "moved": {JOINTS[joint]: round(float(labels.moved[row, joint]), 2) for joint in moved},
        "oks": None if np.isnan(similarity) else round(similarity, 4),
        "visibility": [JOINTS[j] for j in np.flatnonzero(labels.visibility[row]).tolist()],
        "box_iou": round(float(labels.box_iou[row]), 4),
    }


def _sides(session: Session, release_id: int, base_id: int | None) -> Sides:
    later = repository.get(session, release_id)
    wanted = base_id if base_id is not None else later.base_id
    if wanted is None:
        raise Conflict("This is the first version: there is none to compare it with.")
    earlier = repository.get(session, wanted)
    if earlier.dataset_id != later.dataset_id:
        raise InvalidInput("These releases are of different datasets.")
    if earlier.id == later.id:
        raise InvalidInput("A release does not differ from itself.")
    if earlier.frozen_at is None:
        raise Conflict(f"Version {earlier.version} is a draft: nothing of it is frozen yet.")
    return Sides(held_by(session, earlier), held_by(session, later))


def _compare(session: Session, sides: Sides) -> Comparison:
    key = (sides.before.key, sides.after.key)
    return _comparisons.get(key, lambda: stored(session, sides) or work_out(session, sides))


def _by_joint(changes: LabelChanges) -> list[MovedJointOut]:
    shifted = changes.shifted
    return [
        MovedJointOut(
            joint=joint,
            name=JOINTS[joint],
            count=int(shifted[:, joint].sum()),
            median_px=round(float(np.median(changes.moved[shifted[:, joint], joint])), 2),
        )
        for joint in np.flatnonzero(shifted.any(axis=0)).tolist()
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
