"""Everybody who is in a released image, as far as labels and models know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import BoxRevision, Candidate, Frame, ReleaseFrame
from backend.domain.boxes import Box
from backend.domain.keypoints import Skeleton
from backend.domain.masks import Rle
from backend.domain.privacy.people import Person
from backend.domain.skeleton import N_JOINTS

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class ImageOfRelease:
    """An image that a release holds.

    Attributes:
        file_name: Its path in the release.
        key: Where it lies in the store.
        sha256: Of the stored file, as it was imported.
        size: Width and height in pixels, upright.
        people: Everybody in it: the infant as labelled, then whomever models or files found.
        mask: The infant's mask, if there is one.
    """

    file_name: str
    key: str
    sha256: str
    size: tuple[int, int]
    people: tuple[Person, ...]
    mask: Rle | None


def images_of(
    session: Session, release_id: int, *, with_people: bool = True
) -> Iterator[ImageOfRelease]:
    """Images of a release with the people in them, by id.

    Whom a model found stays in, also where the infant was labelled from that person, and where a
    later run no longer found them: a head masked twice is masked, one masked never is not.

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
            of.image_sha256,
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
        found = _found(session, [row.frame_id for row in batch]) if with_people else {}
        for row in batch:
            yield _image(row, _people(row, found) if with_people else ())


def _found(session: Session, frame_ids: list[int]) -> dict[int, list[Any]]:
    people: dict[int, list[Any]] = {}
    for row in session.execute(
        select(Candidate.frame_id, Candidate.id, Candidate.keypoints, Candidate.box)
        .where(Candidate.frame_id.in_(frame_ids))
        .order_by(Candidate.id)
    ):
        people.setdefault(row.frame_id, []).append(row)
    return people


def _image(row: Any, people: tuple[Person, ...]) -> ImageOfRelease:
    return ImageOfRelease(
        file_name=row.file_name,
        key=row.image_key,
        sha256=row.image_sha256,
        size=(row.width, row.height),
        people=people,
        mask=_mask(row),
    )


def _mask(row: Any) -> Rle | None:
    return Rle(size=[row.height, row.width], counts=row.mask) if row.mask else None


def _people(row: Any, found: Mapping[int, list[Any]]) -> tuple[Person, ...]:
    infant = Person.labelled(
        Skeleton.from_flat(row.keypoints),
        box=Box(row.box_x, row.box_y, row.box_width, row.box_height),
        mask=_mask(row),
    )
    return (infant, *(_person(person) for person in found.get(row.frame_id, ())))


def _person(row: Any) -> Person:
    joints = np.asarray(row.keypoints, dtype=np.float64).reshape(N_JOINTS, 3)
    x, y, width, height = row.box
    usable = width > 0 and height > 0
    return Person.scored(
        joints[:, :2],
        joints[:, 2],
        name=f"person {row.id}",
        box=Box(x, y, width, height) if usable else None,
    )
