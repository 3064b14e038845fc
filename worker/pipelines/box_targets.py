"""Kept frames that need a mask and a box, with what prompts a model or stands in for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    BoxRevision,
    Camera,
    Candidate,
    Frame,
    FrameBox,
    Recording,
)
from backend.domain.boxes import BoxOrigin, BoxStatus
from backend.domain.keypoints import Skeleton
from backend.domain.prompts import PromptJoints
from backend.labelling.conditions import BOX_STALE, KEPT
from backend.publishing.formats.label_source import PersonSource

_Chosen = aliased(Candidate)


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """The person of an annotation file as whom the infant was imported.

    Attributes:
        candidate_id: The person.
        source: What the file said.
        untouched: Whether nobody has changed the joints since.
    """

    candidate_id: int
    source: PersonSource
    untouched: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A kept frame that needs a box.

    Attributes:
        frame_id: The frame.
        image_key: Where its image lies.
        width: Pixels.
        height: Pixels.
        camera_index: Of its camera.
        source_frame: Its number in its video.
        skeleton: Its joints.
        others: Joints of other people in it.
        imported: Whom it was imported as; None where the file's box was judged or replaced already.
    """

    frame_id: int
    image_key: str
    width: int
    height: int
    camera_index: int
    source_frame: int | None
    skeleton: Skeleton
    others: tuple[PromptJoints, ...]
    imported: ImportedPerson | None = None


def box_targets(session: Session, recording: Recording, only: Sequence[int] | None) -> list[Target]:
    """Kept frames of a recording that need a box, in working order.

    Args:
        session: A session.
        recording: The recording.
        only: These frames, whatever they have, and by a model; None for all that need one.
    """
    condition = Frame.id.in_(only) if only is not None else _needs_box(recording)
    rows = session.execute(
        select(
            Frame,
            Camera.index,
            Annotation.keypoints,
            Annotation.candidate_id,
            _Chosen.source,
            _Chosen.skeleton,
            FrameBox.origin,
            FrameBox.status,
        )
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(FrameBox, FrameBox.frame_id == Frame.id)
        .outerjoin(_Chosen, _Chosen.id == Annotation.candidate_id)
        .where(Frame.recording_id == recording.id, KEPT, condition)
        .order_by(Frame.position)
    ).all()
    others = _other_people(session, [frame.id for frame, *_ in rows])
    targets = []
    for frame, camera_index, keypoints, candidate_id, source, skeleton, origin, status in rows:
        if keypoints is None:
            continue
        by_file = only is None and (
            origin is None
            or (origin == BoxOrigin.IMPORTED.value and status != BoxStatus.SENT_BACK.value)
        )
        imported = None
        if by_file and source is not None:
            person = PersonSource.from_json(source)
            imported = ImportedPerson(candidate_id, person, keypoints == skeleton)
        targets.append(
            Target(
                frame_id=frame.id,
                image_key=frame.image_key,
                width=frame.width,
                height=frame.height,
                camera_index=camera_index,
                source_frame=frame.source_frame,
                skeleton=Skeleton.from_flat(keypoints),
                others=tuple(joints for i, joints in others.get(frame.id, []) if i != candidate_id)
                # Without a chosen candidate nobody knows which of them is the infant itself.
                if candidate_id is not None
                else (),
                imported=imported,
            )
        )
    return targets


def prompt_joints(skeleton: Skeleton) -> PromptJoints:
    """A person's own joints as prompts."""
    flat = np.asarray(skeleton.to_flat()).reshape(17, 3)
    return PromptJoints(flat[:, :2].copy(), flat[:, 2].astype(np.int64), None)


def _needs_box(recording: Recording) -> ColumnElement[bool]:
    """No box yet, one older than the joints, or one sent back that nobody redrew since."""
    redrawn = (
        select(BoxRevision.id)
        .where(
            BoxRevision.frame_id == FrameBox.frame_id,
            BoxRevision.version == FrameBox.version,
            BoxRevision.round == recording.round,
        )
        .exists()
    )
    return (
        FrameBox.frame_id.is_(None)
        | BOX_STALE
        | ((FrameBox.status == BoxStatus.SENT_BACK.value) & ~redrawn)
    )


def _other_people(
    session: Session, frame_ids: Sequence[int]
) -> dict[int, list[tuple[int, PromptJoints]]]:
    found: dict[int, list[tuple[int, PromptJoints]]] = {}
    for row in session.scalars(
        select(Candidate).where(
            Candidate.frame_id.in_(frame_ids), ~Candidate.retired, Candidate.apart.is_(None)
        )
    ):
        joints = np.asarray(row.keypoints).reshape(17, 3)
        person = PromptJoints(
            joints[:, :2].copy(),
            np.asarray(row.skeleton).reshape(17, 3)[:, 2].astype(np.int64),
            joints[:, 2].copy(),
        )
        found.setdefault(row.frame_id, []).append((row.id, person))
    return found
