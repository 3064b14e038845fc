"""One step of a box: drawn, judged, put back or taken away, with its history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    BoxRevision,
    FrameBox,
    Recording,
    User,
)
from backend.core.events import announce
from backend.domain.boxes import Box, BoxOrigin, BoxStatus, DrawnBox
from backend.domain.keypoints import Skeleton
from backend.domain.reviews import ReviewKind
from backend.domain.staleness import is_stale
from backend.domain.workflow import Stage
from backend.labelling.annotations.repository import from_skeleton, to_skeleton
from backend.labelling.annotations.schemas import JointOut
from backend.labelling.boxes import repository
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.reviews.repository import clear_mark
from backend.recordings import access

_BELONGS_TO_IT = (
    "mask_counts", "mask_area", "mask_score", "consistency", "flagged", "attempts", "origin",
    "imported_from_id", "model", "simulated",
)  # fmt: skip
"""Columns that come back with a box that is put back."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes the box of which frame.

    Attributes:
        user: The person.
        recording: The frame's recording session, held for this transaction.
        annotation: The frame's joints, held for this transaction.
        by_annotator: Whether it is the annotator, whose boxes are to be looked at again.
        redrawn: Whether it was drawn: that counts as a step also where nothing differs.
        restoring: Whether an earlier box is put back, with all that belonged to it.
        operation_id: Of the write to the frame's document.
        operations: Those of that write that are about the box.
    """

    user: User
    recording: Recording
    annotation: Annotation
    by_annotator: bool = False
    redrawn: bool = False
    restoring: bool = False
    operation_id: uuid.UUID | None = None
    operations: list[dict[str, Any]] | None = None


def mask_url(frame_id: int, version: int) -> str:
    """Address of a frame's mask at a version of its box."""
    return f"/api/v1/frames/{frame_id}/mask.png?v={version}"


def require_edit(
    session: Session, user: User, recording: Recording, frame_ids: Sequence[int]
) -> bool:
    """Let the inspector, or the annotator after boxes were returned; whether it is the latter.

    Raises:
        Conflict: not in this stage.
        Forbidden: not by this person.
    """
    if Stage(recording.stage) is Stage.BOXES_RETURNED:
        access.require_edit(session, user, recording, frame_ids)
        return True
    access.require_box_review(session, user, recording)
    return False


def drawn(row: FrameBox | Mapping[str, Any]) -> DrawnBox:
    """A stored box, or a state of its history, as it stands in a document."""
    values = row if isinstance(row, Mapping) else _values(row)
    return DrawnBox(
        Box(values["x"], values["y"], values["width"], values["height"]),
        Skeleton.from_flat(values["made_from"]),
        BoxStatus(values["status"]),
    )


def out(
    row: FrameBox | Mapping[str, Any], joints: Annotation | Sequence[JointOut] | None
) -> BoxOut:
    """A stored box, or a state of its history, for the HTTP interface.

    Args:
        row: The box.
        joints: Those of the frame at that time.
    """
    values = row if isinstance(row, Mapping) else _values(row)
    made_from = Skeleton.from_flat(values["made_from"])
    has_mask = values["mask_counts"] is not None
    return BoxOut.model_validate(
        {
            **values,
            "made_from": made_from.to_json(),
            "has_mask": has_mask,
            "mask_url": mask_url(values["frame_id"], values["version"]) if has_mask else None,
            "stale": is_stale(made_from, _skeleton(joints)),
        }
    )


def _skeleton(joints: Annotation | Sequence[JointOut] | None) -> Skeleton | None:
    if isinstance(joints, Annotation):
        return to_skeleton(joints.keypoints)
    return None if joints is None else Skeleton.from_json(j.model_dump() for j in joints)


def put(session: Session, change: Change, row: FrameBox | None, wanted: DrawnBox) -> FrameBox:
    """Write a frame's box as its next version; none where nothing was asked for.

    Args:
        session: The transaction.
        change: Who, where, and by which write.
        row: The box as it is stored, held for this transaction; None where there is none.
        wanted: The box as it is to be, inside the image.
    """
    before = drawn(row) if row is not None else None
    moved = (
        change.redrawn
        or before is None
        or (before.box, before.made_from) != (wanted.box, wanted.made_from)
    )
    again = before is not None and before.status is wanted.status
    earlier = _earlier(session, change, wanted) if change.restoring else None
    if row is None:
        row = _first(session, change)
    if moved:
        _move(row, change, wanted, earlier)
    status = wanted.status
    if change.by_annotator and before is not None and not moved:
        status = before.status
    elif change.by_annotator and (earlier is None or earlier["status"] != status.value):
        status = BoxStatus.PROPOSED
    _judge(row, change, status, moved=moved, earlier=earlier)
    session.add(row)
    if moved or not again or change.operation_id is not None:
        _next_version(session, row, change)
    session.flush()
    return row


def remove(session: Session, change: Change, row: FrameBox) -> None:
    """Take a box away; its history stays, and goes on with the next box."""
    version = row.version + 1
    repository.require_unused(session, change.operation_id)
    session.execute(delete(FrameBox).where(FrameBox.frame_id == row.frame_id))
    session.expunge(row)
    session.add(
        BoxRevision(
            frame_id=change.annotation.frame_id,
            version=version,
            round=change.recording.round,
            author_id=change.user.id,
            operation_id=change.operation_id,
            operations=change.operations,
            state=None,
        )
    )
    session.flush()
    _announce(session, change, version, None)


def _values(row: FrameBox) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in FrameBox.__table__.columns}


def _first(session: Session, change: Change) -> FrameBox:
    frame_id, recording = change.annotation.frame_id, change.recording
    # What the inspector said in this round was that there is none.
    clear_mark(session, frame_id, ReviewKind.BOXES, recording.round)
    return FrameBox(
        frame_id=frame_id,
        recording_id=recording.id,
        version=repository.last_version(session, frame_id),
        flagged=False,
        attempts=[],
        simulated=False,
    )


def _earlier(session: Session, change: Change, wanted: DrawnBox) -> dict[str, Any] | None:
    """The state of the history that is put back: with the same judgement, where there is one."""
    place = (wanted.box, wanted.made_from)
    found = [
        state
        for state in repository.states(session, change.annotation.frame_id)
        if (was := drawn(state)) and (was.box, was.made_from) == place
    ]
    judged = [state for state in found if state["status"] == wanted.status.value]
    return next(iter(judged or found), None)


def _move(
    row: FrameBox, change: Change, wanted: DrawnBox, earlier: Mapping[str, Any] | None
) -> None:
    row.x, row.y = float(wanted.box.x), float(wanted.box.y)
    row.width, row.height = float(wanted.box.width), float(wanted.box.height)
    row.made_from = from_skeleton(wanted.made_from) or []
    if earlier is not None:
        for name in _BELONGS_TO_IT:
            setattr(row, name, earlier.get(name))
        return
    row.origin = BoxOrigin.HUMAN.value
    if row.imported_from_id not in (None, change.annotation.candidate_id):
        # The mask came with somebody else of the file, who is not the infant any more.
        row.mask_counts = row.mask_area = row.consistency = row.imported_from_id = None


def _judge(
    row: FrameBox,
    change: Change,
    status: BoxStatus,
    *,
    moved: bool,
    earlier: Mapping[str, Any] | None,
) -> None:
    """Say what is said of the box, and in which round it was said."""
    same = row.status == status.value
    row.status = status.value
    if status is BoxStatus.PROPOSED:
        row.judged_round = None
    elif earlier is not None and earlier["status"] == status.value:
        row.judged_round = earlier.get("judged_round") or change.recording.round
    elif not (moved and same):
        row.judged_round = change.recording.round


def _next_version(session: Session, row: FrameBox, change: Change) -> None:
    row.version += 1
    row.updated_by_id = change.user.id
    row.updated_at = session.execute(select(func.now())).scalar_one()
    repository.append_revisions(
        session,
        [row.frame_id],
        round_number=change.recording.round,
        author_id=change.user.id,
        model=None,
        operation_id=change.operation_id,
        operations=change.operations,
    )
    _announce(session, change, row.version, row.status)


def _announce(session: Session, change: Change, version: int, status: str | None) -> None:
    announce(
        session,
        "box",
        {
            "id": change.annotation.frame_id,
            "recording_id": change.recording.id,
            "version": version,
            "status": status,
        },
    )
