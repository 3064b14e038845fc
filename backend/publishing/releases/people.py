"""Everybody who is in a released image, as far as labels and models know them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import BoxRevision, Candidate, Frame, ReleaseFrame
from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton
from backend.domain.masks import Rle
from backend.domain.privacy.neighbours import NEAR_S, counterparts, missing_people
from backend.domain.privacy.people import Person
from backend.domain.skeleton import N_JOINTS

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class ImageOfRelease:
    """An image that a release holds.

    Attributes:
        file_name: Its path in the release.
        key: Where it lies in the store.
        sha256: Of the stored file.
        size: Width and height in pixels, upright.
        people: Everybody in it: the infant as labelled, then whomever models or files found.
        mask: The infant's mask, if there is one.
        bare: Whether it was stored without metadata: as cut from a video, or as a photograph that
            was looked through.
    """

    file_name: str
    key: str
    sha256: str
    size: tuple[int, int]
    people: tuple[Person, ...]
    mask: Rle | None
    bare: bool = False


def images_of(
    session: Session, release_id: int, *, with_people: bool = True
) -> Iterator[ImageOfRelease]:
    """Images of a release with the people in them, by id.

    Whom a model found stays in, also where the infant was labelled from that person, and where a
    later run no longer found them: a head masked twice is masked, one masked never is not. Who was
    found in the frame before or after and not in this one is expected to be where they were there.

    Args:
        session: A transaction.
        release_id: The release.
        with_people: Whether anybody asks for the people.
    """
    of = ReleaseFrame
    rows = session.execute(
        select(
            of.frame_id,
            of.file_name,
            func.coalesce(of.stored_sha256, of.image_sha256).label("sha256"),
            or_(of.stored_sha256.is_not(None), Frame.source_name.is_(None)).label("bare"),
            of.width,
            of.height,
            of.keypoints,
            of.box_x,
            of.box_y,
            of.box_width,
            of.box_height,
            Frame.image_key,
            BoxRevision.state["mask_counts"].astext.label("mask"),
        )
        .join(Frame, Frame.id == of.frame_id)
        .join(
            BoxRevision,
            and_(BoxRevision.frame_id == of.frame_id, BoxRevision.version == of.box_version),
        )
        .where(of.release_id == release_id)
        .order_by(of.frame_id)
        .execution_options(yield_per=_ROWS_AT_A_TIME, stream_results=True)
    )
    for batch in rows.partitions():
        if not with_people:
            yield from (_image(row, ()) for row in batch)
            continue
        ids = [row.frame_id for row in batch]
        beside = _beside(session, ids)
        found = _found(session, sorted({*ids, *chain.from_iterable(beside.values())}))
        for row in batch:
            yield _image(row, _people(row, found, beside.get(row.frame_id, ())))


def _beside(session: Session, frame_ids: list[int]) -> dict[int, list[int]]:
    """The frames just before and after each frame, of the same camera."""
    other = aliased(Frame)
    pairs: dict[int, list[int]] = {}
    for frame_id, other_id in session.execute(
        select(Frame.id, other.id)
        .join(
            other,
            and_(
                other.recording_id == Frame.recording_id,
                or_(other.position == Frame.position - 1, other.position == Frame.position + 1),
                other.camera_id == Frame.camera_id,
                func.abs(other.time_s - Frame.time_s) <= NEAR_S,
            ),
        )
        .where(Frame.id.in_(frame_ids))
        .order_by(Frame.id, other.position)
    ):
        pairs.setdefault(frame_id, []).append(other_id)
    return pairs


def _found(session: Session, frame_ids: list[int]) -> dict[int, list[Any]]:
    people: dict[int, list[Any]] = {}
    for row in session.execute(
        select(
            Candidate.frame_id,
            Candidate.id,
            Candidate.keypoints,
            Candidate.box,
            Candidate.retired,
        )
        .where(Candidate.frame_id.in_(frame_ids))
        .order_by(Candidate.id)
    ):
        people.setdefault(row.frame_id, []).append(row)
    return people


def _image(row: Any, people: tuple[Person, ...]) -> ImageOfRelease:
    return ImageOfRelease(
        file_name=row.file_name,
        key=row.image_key,
        sha256=row.sha256,
        size=(row.width, row.height),
        people=people,
        mask=_mask(row),
        bare=row.bare,
    )


def _mask(row: Any) -> Rle | None:
    return Rle(size=[row.height, row.width], counts=row.mask) if row.mask else None


def _people(row: Any, found: Mapping[int, list[Any]], beside: Iterable[int]) -> tuple[Person, ...]:
    box = Box(row.box_x, row.box_y, row.box_width, row.box_height)
    infant = Person.labelled(Skeleton.from_flat(row.keypoints), box=box, mask=_mask(row))
    here = found.get(row.frame_id, [])
    people = [infant, *(_person(person) for person in here)]
    known = _boxes(here)
    if not any(counterparts(box, other) for other in known):
        known.append(box)
    for frame_id in beside:
        near = [person for person in found.get(frame_id, ()) if _box(person) and not person.retired]
        for index in missing_people(known, _boxes(near)):
            people.append(_person(near[index], beside=True))
    return tuple(people)


def _boxes(people: Iterable[Any]) -> list[Box]:
    """Boxes of those whom the latest run found."""
    boxes = (_box(person) for person in people if not person.retired)
    return [box for box in boxes if box is not None]


def _box(row: Any) -> Box | None:
    x, y, width, height = row.box
    return Box(x, y, width, height) if width > 0 and height > 0 else None


def _person(row: Any, *, beside: bool = False) -> Person:
    joints = np.asarray(row.keypoints, dtype=np.float64).reshape(N_JOINTS, 3)
    name = f"person {row.id}" + (" of the frame beside" if beside else "")
    person = Person.scored(joints[:, :2], joints[:, 2], name=name, box=_box(row))
    return replace(person, beside=beside)
