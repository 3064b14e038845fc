"""People's changes to a frame: versioned, idempotent, kept for ever.

Joints and verdict have one version and one history, the box has its own: a model may draw it anew
while somebody looks at the joints. A write names what it read of both, and happens as a whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Frame, FrameBox, Recording, User
from backend.core.events import announce
from backend.domain.boxes import DrawnBox
from backend.domain.document import Document, apply
from backend.domain.errors import Conflict, InvalidInput, StaleVersion
from backend.domain.locks import why_locked
from backend.domain.operations import (
    BoxOperation,
    DrawBox,
    JointOperation,
    JudgeBox,
    MoveJoint,
    Operation,
    PlaceJoint,
    SetBox,
    SetMark,
    operation_to_json,
)
from backend.domain.pixels import is_inside
from backend.domain.reviews import Mark
from backend.domain.skeleton import label
from backend.domain.verdicts import Verdict
from backend.domain.workflow import BOX_REVIEW, Stage
from backend.labelling.annotations import repository as joint_rows
from backend.labelling.annotations import service as joints
from backend.labelling.boxes import repository as box_rows
from backend.labelling.boxes import service as boxes
from backend.labelling.boxes import writing
from backend.labelling.boxes.schemas import BoxOut
from backend.labelling.documents import repository
from backend.labelling.documents.repository import Held
from backend.labelling.documents.schemas import SavedOut
from backend.labelling.reviews import repository as review_rows
from backend.labelling.reviews import service as reviews
from backend.recordings import access


@dataclass(frozen=True, slots=True)
class Read:
    """What a writer had read.

    Attributes:
        version: Of joints and verdict.
        box_version: Of the box; None where the writer saw none.
    """

    version: int
    box_version: int | None = None


def _read(held: Held) -> Read:
    shown = held.shown_box
    return Read(held.annotation.version, shown.version if shown else None)


def apply_operations(
    session: Session,
    user: User,
    frame_id: int,
    read: Read,
    operation_id: uuid.UUID,
    operations: Sequence[Operation],
    *,
    seconds_shown: float | None = None,
) -> SavedOut:
    """Perform a person's operations on a frame, all or none.

    Args:
        session: The transaction.
        user: The annotator, or the inspector for boxes and marks.
        frame_id: The frame.
        read: What the person saw; the box counts where an operation is about it.
        operation_id: The write's own id; a second write with it changes nothing and is answered
            as the first was.
        operations: What to do, in order.
        seconds_shown: How long the person looked at the frame; None where it is not known.

    Raises:
        NotFound: there is no such frame.
        Conflict: not in this stage, or the operation id belongs to another write.
        Forbidden: not by this person.
        StaleVersion: the frame has moved on; ``current`` and ``base`` let the writer merge.
        InvalidInput: an operation does not fit.
    """
    on_box = [operation for operation in operations if isinstance(operation, BoxOperation)]
    held = repository.hold(session, frame_id, with_box=bool(on_box))
    frame, recording, annotation = held.frame, held.recording, held.annotation
    now = _read(held)
    stale = read.version != now.version or (bool(on_box) and read.box_version != now.box_version)
    # A write that was done has moved a version on, so only a stale one can be a repetition.
    # It is answered in any stage: the answer may have been lost just before submission.
    if stale and (done := _done(session, user, held, read, operation_id, operations)):
        return done
    by_annotator = _require_permission(session, user, recording, frame_id, operations)
    if stale:
        raise _stale(session, held, read, bool(on_box))

    before = _document(held)
    candidates = joint_rows.candidate_skeletons(session, frame_id)
    document = before
    for operation in operations:
        document, _ = apply(document, inside(operation, frame), candidates)
    if on_joints := _json(operations, JointOperation):
        _require_open(annotation)
        joints.write(
            session,
            annotation,
            document,
            candidates,
            round_number=recording.round,
            author_id=user.id,
            operation_id=operation_id,
            operations=on_joints,
            seconds_shown=seconds_shown,
        )
    if on_box:
        change = writing.Change(
            user,
            recording,
            annotation,
            by_annotator=by_annotator,
            restoring=any(isinstance(operation, SetBox) for operation in on_box),
            operation_id=operation_id,
            operations=_json(operations, BoxOperation),
        )
        _put_box(session, change, held.box, document.box)
    if any(isinstance(operation, SetMark) for operation in operations):
        _put_mark(session, user, held, document.mark)
    if len(on_joints) == len(operations) and Stage(recording.stage) not in BOX_REVIEW:
        # What was read with the frame still holds: most saves end here.
        shown = held.shown_box
        box = writing.out(shown, annotation) if shown else None
        return _out(session, annotation, box, held.mark)
    return _saved(session, annotation, boxes.box_of_frame(session, annotation), recording)


def _require_permission(
    session: Session,
    user: User,
    recording: Recording,
    frame_id: int,
    operations: Sequence[Operation],
) -> bool:
    """Let those in turn; whether it is the annotator who changes a box."""
    by_annotator = False
    if any(isinstance(operation, JointOperation) for operation in operations):
        access.require_edit(session, user, recording, [frame_id])
    if any(isinstance(operation, DrawBox | SetBox) for operation in operations):
        by_annotator = writing.require_edit(session, user, recording, [frame_id])
    elif any(isinstance(operation, JudgeBox) for operation in operations):
        access.require_box_review(session, user, recording)
    if any(isinstance(operation, SetMark) for operation in operations):
        if Stage(recording.stage) in BOX_REVIEW:
            access.require_box_review(session, user, recording)
        else:
            access.require_keypoint_review(session, user, recording)
    return by_annotator


def _require_open(annotation: Annotation) -> None:
    """Refuse to change a frame that the inspector approved."""
    why = why_locked(annotation.approved_round)
    if why:
        raise Conflict(why, approved_round=annotation.approved_round)


def _document(held: Held) -> Document:
    shown = held.shown_box
    return replace(
        joint_rows.to_document(held.annotation),
        box=writing.drawn(shown) if shown else None,
        mark=held.mark,
    )


def _mark(session: Session, recording: Recording, frame_id: int) -> Mark | None:
    kind = reviews.kind_under_review(Stage(recording.stage))
    return review_rows.mark_of(session, frame_id, kind, recording.round)


def _put_box(
    session: Session, change: writing.Change, row: FrameBox | None, wanted: DrawnBox | None
) -> None:
    if wanted is not None:
        writing.put(session, change, row, wanted)
    elif row is not None:
        writing.remove(session, change, row)


def _put_mark(session: Session, user: User, held: Held, mark: Mark | None) -> None:
    recording, frame_id = held.recording, held.frame.id
    if Stage(recording.stage) not in BOX_REVIEW:
        reviews.mark_joints(session, user, recording, frame_id, mark)
    elif held.shown_box is None:
        boxes.mark_box(session, user, recording, frame_id, mark)
    else:
        raise InvalidInput("This frame has a box: approve it or send it back.")
    announce(session, "frame", {"id": frame_id, "recording_id": recording.id})


def _json(operations: Sequence[Operation], kind: Any) -> list[dict[str, Any]]:
    return [operation_to_json(o) for o in operations if isinstance(o, kind)]


def _done(
    session: Session,
    user: User,
    held: Held,
    read: Read,
    operation_id: uuid.UUID,
    operations: Sequence[Operation],
) -> SavedOut | None:
    """The answer to a write that was done before; None if it was not."""
    on_joints = joint_rows.revision_of_operation(session, operation_id)
    on_box = box_rows.revision_of_operation(session, operation_id)
    if on_joints is None and on_box is None:
        return None
    annotation = held.annotation
    for done, kind in ((on_joints, JointOperation), (on_box, BoxOperation)):
        if done is None:
            continue
        who = (annotation.frame_id, user.id, _json(operations, kind))
        if (done.frame_id, done.author_id, done.operations) != who:
            raise Conflict("This operation id was already used for another write.")
    # What the write left alone is answered as the writer had read it.
    version = on_joints.version if on_joints else read.version
    box = on_box.version if on_box else read.box_version
    return _at(session, held, Read(version, box))


def _at(session: Session, held: Held, read: Read) -> SavedOut | None:
    """A frame as it was read; None where the history does not know it."""
    annotation = held.annotation
    then = joints.annotation_at(session, annotation, read.version)
    if then is None:
        return None
    box = None
    if read.box_version is not None and then.verdict is Verdict.KEEP:
        state = box_rows.state_at(session, annotation.frame_id, read.box_version)
        box = writing.out(state, then.joints) if state else None
    mark = _mark(session, held.recording, annotation.frame_id)
    return SavedOut(**then.model_dump(), box=box, mark=mark)


def _saved(
    session: Session, annotation: Annotation, box: BoxOut | None, recording: Recording
) -> SavedOut:
    return _out(session, annotation, box, _mark(session, recording, annotation.frame_id))


def _out(
    session: Session, annotation: Annotation, box: BoxOut | None, mark: Mark | None
) -> SavedOut:
    now = joints.annotation_of(session, annotation)
    return SavedOut(**now.model_dump(), box=box, mark=mark)


def _stale(session: Session, held: Held, read: Read, on_box: bool) -> StaleVersion:
    """The refusal of a write that named an old version, with what is needed to merge."""
    annotation = held.annotation
    shown = held.shown_box
    box = writing.out(shown, annotation) if shown else None
    base = _at(session, held, read)
    what = (
        f"You changed version {read.version} of this frame; it is at version"
        f" {annotation.version} now."
        if read.version != annotation.version
        else "This box has changed since you looked at it."
    )
    return StaleVersion(
        what,
        current=_saved(session, annotation, box, held.recording).model_dump(mode="json"),
        base=base.model_dump(mode="json") if base else None,
    )


def inside(operation: Operation, frame: Frame) -> Operation:
    """People place joints inside the image, and boxes end at its border."""
    if isinstance(operation, DrawBox):
        return DrawBox(operation.box.clipped(frame.width, frame.height))
    if isinstance(operation, SetBox) and operation.drawn is not None:
        drawn = operation.drawn
        return SetBox(replace(drawn, box=drawn.box.clipped(frame.width, frame.height)))
    if isinstance(operation, PlaceJoint) and not operation.visibility:
        return operation
    if isinstance(operation, PlaceJoint | MoveJoint) and not is_inside(
        operation.x, operation.y, frame.width, frame.height
    ):
        raise InvalidInput(
            f"The {label(operation.joint)} would lie outside the image"
            f" ({frame.width} × {frame.height} pixels)."
        )
    return operation
