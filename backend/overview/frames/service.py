"""Frames put together from annotations, reviews and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Attempt, Candidate, Frame
from backend.domain.checks import check_labels
from backend.domain.document import changed_joints
from backend.domain.infants import Apart
from backend.domain.keypoints import Skeleton
from backend.domain.videos import Damage
from backend.domain.workflow import Stage
from backend.labelling.annotations import repository as annotation_rows
from backend.labelling.annotations.service import annotation_of, joints_out
from backend.labelling.boxes import service as boxes
from backend.labelling.reviews import repository as review_rows
from backend.labelling.reviews import service as reviews
from backend.overview.frames import columns, repository, strip
from backend.overview.frames.schemas import (
    ApartOut,
    CandidateOut,
    CheckOut,
    FrameDocument,
    PreviousOut,
)
from backend.recordings import access
from backend.recordings.counts import Numbers, numbers_of, those_of

AT_ONCE: Final = 12_000
"""At most so many frames are read at once for a filmstrip that is sent in parts."""


def filmstrip(session: Session, recording_id: int) -> dict[str, Any]:
    """All frames of a recording one by one, as ``FrameList``.

    Raises:
        NotFound: there is no such recording.
    """
    table, _ = _table(session, recording_id, columns.Part())
    return {"frames": strip.items(table)}


def strip_from(session: Session, recording_id: int, start: int) -> dict[str, Any]:
    """Frames of a recording from a position on, by columns, as ``FrameStrip``.

    Raises:
        NotFound: there is no such recording.
    """
    table, numbers = _table(session, recording_id, columns.Part(start, AT_ONCE + 1))
    following = int(table.position[AT_ONCE]) if len(table) > AT_ONCE else None
    return strip.encode(table.first(AT_ONCE), sum(those_of(numbers, "state").values()), following)


def _table(
    session: Session, recording_id: int, part: columns.Part
) -> tuple[columns.FrameTable, Numbers]:
    recording = access.get_recording(session, recording_id)
    kind = reviews.kind_under_review(Stage(recording.stage))
    table = columns.read(session, recording, kind, part)
    return table, numbers_of(session, [recording_id])[recording_id]


def poses(session: Session, recording_id: int, start: int, count: int) -> dict[str, Any]:
    """Joints of some frames of a recording in whole pixels, as ``PoseList``.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    rows = repository.poses(session, recording_id, start, count)
    return {
        "poses": [
            {
                "id": row.id,
                "position": row.position,
                "width": row.width,
                "height": row.height,
                "joints": row.keypoints and [round(value) for value in row.keypoints],
            }
            for row in rows
        ]
    }


def document(session: Session, frame_id: int) -> FrameDocument:
    """All that the editor needs of one frame.

    Raises:
        NotFound: there is no such frame.
    """
    frame, camera, annotation = repository.frame_with_camera(session, frame_id)
    recording = access.get_recording(session, frame.recording_id)
    previous = _previous(session, frame_id, recording.round)
    kind = reviews.kind_under_review(Stage(recording.stage))
    rows = annotation_rows.candidates(session, frame_id)
    return FrameDocument(
        id=frame.id,
        recording_id=frame.recording_id,
        position=frame.position,
        camera_id=camera.id,
        camera_name=camera.name,
        moment_id=frame.moment_id,
        time_s=frame.time_s,
        own_time=frame.own_time,
        damage=Damage(frame.damage) if frame.damage else None,
        sharpness=frame.sharpness,
        mean_luma=frame.mean_luma,
        width=frame.width,
        height=frame.height,
        image_url=f"/api/v1/frames/{frame.id}/image",
        thumbnail_url=f"/api/v1/frames/{frame.id}/thumbnail",
        candidates=people_of(rows, annotation),
        apart=kept_apart(rows),
        annotation=annotation_of(session, annotation),
        previous=previous,
        changed_joints=_changes(previous, annotation),
        checks=_checks(session, frame, annotation),
        comments=reviews.comments_of_frame(session, frame_id),
        mark=review_rows.mark_of(session, frame_id, kind, recording.round),
        returned=review_rows.is_returned(session, frame_id),
        approved_round=annotation.approved_round,
        open_joints=annotation.open_joints,
        box=boxes.box_of_frame(session, annotation),
    )


def _checks(session: Session, frame: Frame, annotation: Annotation) -> list[CheckOut]:
    """The hints of ``domain.checks``, against the same camera's frame before where it is kept."""
    before = repository.kept_joints_before(session, frame)
    found = check_labels(
        annotation_rows.to_skeleton(annotation.keypoints),
        frame.width,
        frame.height,
        annotation_rows.to_skeleton(before),
    )
    return [
        CheckOut(kind=check.kind, message=check.message, joints=list(check.joints))
        for check in found
    ]


def kept_apart(rows: Sequence[Candidate]) -> list[ApartOut]:
    """Crowds and people without joints, of the file that was imported."""
    return [
        ApartOut(id=row.id, why=Apart(row.apart), box=row.box)
        for row in rows
        if row.apart is not None and not row.retired
    ]


def people_of(rows: Sequence[Candidate], annotation: Annotation | Attempt) -> list[CandidateOut]:
    """People of the latest run, and whoever is chosen from an earlier one."""
    return [
        CandidateOut(
            id=row.id,
            rank=row.rank,
            score=row.score,
            joints=joints_out(Skeleton.from_flat(row.skeleton)),
            scores=_scores(row),
            box=row.box,
            model=row.model,
            simulated=row.simulated,
        )
        for row in rows
        if row.apart is None and (not row.retired or row.id == annotation.candidate_id)
    ]


def _scores(row: Candidate) -> Sequence[float]:
    return row.keypoints[2::3]


def _previous(session: Session, frame_id: int, round_number: int) -> PreviousOut | None:
    if round_number == 1:
        return None
    row = annotation_rows.last_revision_before_round(session, frame_id, round_number)
    if row is None:
        return None
    skeleton = annotation_rows.to_skeleton(row.keypoints)
    return PreviousOut.model_validate(
        {
            "joints": joints_out(skeleton) if skeleton else None,
            "verdict": row.verdict,
            "reason": row.reason,
            "reason_text": row.reason_text,
            "round": row.round,
        }
    )


def _changes(previous: PreviousOut | None, annotation: Annotation) -> list[int]:
    if previous is None:
        return []
    before = previous.joints
    skeleton = Skeleton.from_json(joint.model_dump() for joint in before) if before else None
    return list(changed_joints(skeleton, annotation_rows.to_skeleton(annotation.keypoints)))
