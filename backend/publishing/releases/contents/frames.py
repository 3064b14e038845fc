"""Frames of a release, by what they show, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Fit,
    FitView,
    Frame,
    FrameBox,
    Infant,
    Recording,
    ReleaseFrame,
    ReleaseRecording,
)
from backend.domain.fits import FitStatus
from backend.domain.releases.statistics import BOX_PARTS
from backend.domain.splits.units import UNKNOWN, age_groups
from backend.domain.verdicts import Verdict
from backend.labelling.postures.standing import posture_of_frame
from backend.publishing.releases.contents.held import Held, Selected
from backend.publishing.releases.contents.schemas import (
    ANY_REASON,
    UNKNOWN_AGE,
    FrameFilter,
    FramePage,
    HeldBox,
    HeldFrameOut,
    JointStanding,
)
from backend.publishing.releases.recordings import recording_of
from backend.publishing.releases.selecting import among

_STANDINGS: Final[Mapping[JointStanding, tuple[int, ...]]] = {
    JointStanding.ABSENT: (0,),
    JointStanding.OCCLUDED: (1,),
    JointStanding.VISIBLE: (2,),
    JointStanding.PLACED: (1, 2),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Where frames are read, and what their columns are called there."""

    query: Select[Any]
    frame_id: ColumnElement[int]
    columns: Mapping[str, ColumnElement[Any]]
    splits: Mapping[int, str] | None = None
    whole: bool = False
    """Whether these are the frozen frames, of which the release knows the number."""


def page(session: Session, held: Held, wanted: FrameFilter) -> FramePage:
    """Some frames of a release, by id.

    Args:
        session: A transaction.
        held: What the release holds.
        wanted: Which frames; from the first page on, how many there are is counted.
    """
    if wanted.raw or wanted.reason is not None:
        source = _raw(session, held)
    else:
        source = _source(held, wanted.cursor)
    conditions = _conditions(source, wanted)
    query = source.query.where(*conditions)
    total = None
    if wanted.cursor is None:
        total = held.release.frames if not conditions and source.whole else None
        if total is None:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    listed = query.order_by(source.frame_id).limit(wanted.limit + 1)
    if wanted.cursor is not None:
        listed = listed.where(source.frame_id > wanted.cursor)
    rows = session.execute(listed).all()
    shown = rows[: wanted.limit]
    return FramePage(
        frames=[_out(row, source.splits) for row in shown],
        total=total,
        next_cursor=shown[-1].frame_id if len(rows) > wanted.limit else None,
    )


def by_id(session: Session, held: Held, frame_ids: Sequence[int]) -> dict[int, HeldFrameOut]:
    """Frames of a release, those that it holds of some."""
    if not frame_ids:
        return {}
    if held.selected is None:
        source = _frozen(held.release.id)
        query = source.query.where(source.frame_id.in_(frame_ids))
    else:
        wanted = np.intersect1d(held.selected.frames, np.asarray(frame_ids, dtype=np.int64))
        source = _current(held.selected, wanted)
        query = source.query
    rows = session.execute(query)
    return {row.frame_id: _out(row, source.splits) for row in rows}


def _source(held: Held, after: int | None) -> _Source:
    chosen = held.selected
    if chosen is None:
        return _frozen(held.release.id)
    # A draft's frames are named one by one: only those of this page and later ones.
    return _current(chosen, chosen.frames[chosen.frames > (after or 0)])


def _select(columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    return select(*(column.label(name) for name, column in columns.items()))


def _frozen(release_id: int) -> _Source:
    of = ReleaseFrame
    columns: dict[str, Any] = {
        "frame_id": of.frame_id,
        "recording_id": of.recording_id,
        "recording": ReleaseRecording.name,
        "infant_id": of.infant_id,
        "pseudonym": ReleaseRecording.pseudonym,
        "source": ReleaseRecording.source,
        "age_months": ReleaseRecording.age_months,
        "sex": ReleaseRecording.sex,
        "split": of.split,
        "file_name": of.file_name,
        "width": of.width,
        "height": of.height,
        "keypoints": of.keypoints,
        "box_x": of.box_x,
        "box_y": of.box_y,
        "box_width": of.box_width,
        "box_height": of.box_height,
        "fit_id": of.fit_id,
        "posture": of.posture,
        "version": of.annotation_version,
        "reason": null(),
        "position": Frame.position,
    }
    query = (
        _select(columns)
        .select_from(of)
        .outerjoin(Frame, Frame.id == of.frame_id)
        .outerjoin(ReleaseRecording, recording_of(of))
        .where(of.release_id == release_id)
    )
    return _Source(query, columns["frame_id"], columns, whole=True)


def _live_columns() -> dict[str, Any]:
    return {
        "frame_id": Frame.id,
        "recording_id": Frame.recording_id,
        "recording": Recording.name,
        "infant_id": Recording.infant_id,
        "pseudonym": Infant.pseudonym,
        "source": Recording.source,
        "age_months": Recording.age_months,
        "sex": Infant.sex,
        "split": null(),
        "file_name": null(),
        "width": Frame.width,
        "height": Frame.height,
        "keypoints": Annotation.keypoints,
        "box_x": FrameBox.x,
        "box_y": FrameBox.y,
        "box_width": FrameBox.width,
        "box_height": FrameBox.height,
        "fit_id": null(),
        "posture": posture_of_frame(),
        "version": Annotation.version,
        "reason": Annotation.reason,
        "position": Frame.position,
    }


def _live(columns: Mapping[str, Any]) -> Select[Any]:
    return (
        _select(columns)
        .select_from(Frame)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Recording, Recording.id == Frame.recording_id)
        .join(Infant, Infant.id == Recording.infant_id)
        .outerjoin(FrameBox, FrameBox.frame_id == Frame.id)
    )


def _current(chosen: Selected, frames: Int[NDArray[Any], " n"]) -> _Source:
    columns = _live_columns()
    if chosen.with_fits:
        columns["fit_id"] = _verified_fit()
    query = _live(columns)
    query = query.where(among(frames.tolist()))
    return _Source(query, columns["frame_id"], columns, chosen.splits)


def _verified_fit() -> ColumnElement[int | None]:
    """The verified body fit of a frame's moment that was made from this frame."""
    return (
        select(Fit.id)
        .join(FitView, FitView.fit_id == Fit.id)
        .where(
            FitView.frame_id == Frame.id,
            Fit.moment_id == Frame.moment_id,
            Fit.status == FitStatus.VERIFIED.value,
        )
        .scalar_subquery()
    )


def _raw(session: Session, held: Held) -> _Source:
    """All frames of the recordings of a release, as they are now."""
    chosen = held.selected
    if chosen is not None:
        recordings = chosen.recordings
    else:
        of = ReleaseFrame
        found = select(of.recording_id).where(of.release_id == held.release.id).distinct()
        recordings = list(session.scalars(found))
    columns = _live_columns()
    query = _live(columns).where(Annotation.recording_id == any_(literal(recordings)))
    splits = chosen.splits if chosen is not None else _splits(session, held.release.id)
    return _Source(query, columns["frame_id"], columns, splits)


def _splits(session: Session, release_id: int) -> dict[int, str]:
    of = ReleaseFrame
    rows = session.execute(
        select(of.infant_id, of.split).where(of.release_id == release_id).distinct()
    )
    return {row.infant_id: row.split for row in rows}


def _conditions(source: _Source, wanted: FrameFilter) -> list[ColumnElement[bool]]:
    of = source.columns
    found: list[ColumnElement[bool]] = []
    for name in ("recording_id", "infant_id", "source", "width", "height", "posture"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(of[name] == value)
    if wanted.frame_id is not None:
        found.append(source.frame_id == wanted.frame_id)
    if wanted.split is not None:
        found.append(_in_split(source, wanted.split))
    if wanted.months is not None:
        age = of["age_months"]
        unknown = wanted.months == UNKNOWN_AGE
        found.append(age.is_(None) if unknown else func.floor(age) == wanted.months)
    if wanted.age_group is not None:
        found.append(_of_age(of["age_months"], wanted.age_group))
    if wanted.sex is not None:
        sex = of["sex"]
        found.append(sex.is_(None) if wanted.sex == UNKNOWN else sex == wanted.sex)
    if wanted.joint is not None:
        states = _STANDINGS[wanted.visibility or JointStanding.PLACED]
        found.append(of["keypoints"][3 * wanted.joint + 3].in_(states))
    if wanted.box is not None:
        found.append(_box_part(of) == wanted.box)
    if wanted.fitted is not None:
        fit = of["fit_id"]
        found.append(fit.is_not(None) if wanted.fitted else fit.is_(None))
    if wanted.annotated_by is not None:
        found.append(_saved_by(source, wanted.annotated_by))
    if wanted.inspected_by is not None:
        inspected = select(Recording.id).where(Recording.inspector_id == wanted.inspected_by)
        found.append(of["recording_id"].in_(inspected))
    if wanted.reason is not None:
        found.append(Annotation.verdict == Verdict.DISCARD.value)
        if wanted.reason != ANY_REASON:
            found.append(of["reason"] == wanted.reason)
    return found


def _saved_by(source: _Source, person: int) -> ColumnElement[bool]:
    """Whether somebody saved a version of the labels up to the one that is held."""
    of = AnnotationRevision
    saved = exists().where(
        of.frame_id == source.frame_id,
        of.version <= source.columns["version"],
        of.author_id == person,
    )
    return saved if source.whole else and_(saved, Annotation.verdict == Verdict.KEEP.value)


def _of_age(age: ColumnElement[float | None], group: str) -> ColumnElement[bool]:
    if group == UNKNOWN:
        return age.is_(None)
    first, beyond = age_groups()[group]
    return and_(age >= first, age < beyond)


def _in_split(source: _Source, split: str) -> ColumnElement[bool]:
    if source.splits is None:
        return source.columns["split"] == split
    infants = [infant for infant, name in source.splits.items() if name == split]
    infant = source.columns["infant_id"]
    return infant.in_(infants) if split else infant.not_in(list(source.splits))


def _box_part(of: Mapping[str, Any]) -> ColumnElement[int]:
    """``domain.releases.statistics.box_part``."""
    image = of["width"] * cast(of["height"], of["box_width"].type)
    share = func.sqrt(of["box_width"] * of["box_height"] / image)
    part = cast(func.floor(share * BOX_PARTS), Integer)
    return func.greatest(0, func.least(BOX_PARTS - 1, part))


def _out(row: Row[Any], splits: Mapping[int, str] | None) -> HeldFrameOut:
    alive = row.position is not None
    box = None
    if row.box_width is not None:
        sides = (row.box_x, row.box_y, row.box_width, row.box_height)
        x, y, width, height = (round(value, 2) for value in sides)
        box = HeldBox(x=x, y=y, width=width, height=height)
    return HeldFrameOut(
        frame_id=row.frame_id,
        recording_id=row.recording_id,
        recording=row.recording,
        infant_id=row.infant_id,
        pseudonym=row.pseudonym,
        source=row.source,
        age_months=row.age_months,
        split=row.split if splits is None else splits.get(row.infant_id, ""),
        file_name=row.file_name,
        width=row.width,
        height=row.height,
        keypoints=[round(value, 2) for value in row.keypoints] if row.keypoints else None,
        box=box,
        fitted=row.fit_id is not None,
        posture=row.posture,
        reason=row.reason,
        position=row.position,
        thumbnail_url=f"/api/v1/frames/{row.frame_id}/thumbnail" if alive else None,
        image_url=f"/api/v1/frames/{row.frame_id}/image" if alive else None,
    )
