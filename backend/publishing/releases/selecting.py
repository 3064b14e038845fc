"""What a rule selects from the database as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, case, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Frame,
    Infant,
    InfantConsent,
    Moment,
    Recording,
)
from backend.domain.consents import Consent, ConsentScope, allows, effective_scope
from backend.domain.quality import BLURRED_SHARE, BRIGHT_LUMA, DARK_LUMA, QualityFlag
from backend.domain.releases.selection import FLAG_BITS, FrameColumns, Selected, select_frames
from backend.domain.workflow import Stage
from backend.labelling.conditions import KEPT
from backend.publishing.releases.settings import Selection


@dataclass(frozen=True, slots=True)
class ChosenRecording:
    """A recording before a rule.

    Attributes:
        id: Its id.
        name: Its name.
        source: Where it comes from.
        infant_id: Who is to be seen.
        pseudonym: Of the infant.
        sex: Of the infant.
        age_months: At the recording.
        scope: How far its pictures may go.
        stage: Where its labelling stands.
    """

    id: int
    name: str
    source: str
    infant_id: int
    pseudonym: str
    sex: str | None
    age_months: float | None
    scope: ConsentScope
    stage: Stage


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rule selects.

    Attributes:
        recordings: Approved recordings that the rule names, by id, whether or not a frame is taken.
        unapproved: Recordings that the rule names one by one and that are not approved.
        missing: Ids that the rule names and that do not exist.
        unconsented: Recordings left out because their family did not agree to the audience.
        columns: Kept frames of ``recordings``.
        selected: Which of them are taken.
    """

    recordings: dict[int, ChosenRecording]
    unapproved: list[ChosenRecording]
    missing: list[int]
    unconsented: list[ChosenRecording]
    columns: FrameColumns
    selected: Selected

    @property
    def frame_ids(self) -> NDArray[np.int64]:
        """Ids of the frames that are taken, in the columns' order."""
        return self.columns.frame[self.selected.taken]


def choose(session: Session, rule: Selection, audience: ConsentScope) -> Chosen:
    """Apply a rule to the database as it is.

    Args:
        session: A transaction.
        rule: What is wanted.
        audience: For whom the release is made.
    """
    found = _recordings(session, rule)
    missing = sorted(set(rule.recordings or ()) - {recording.id for recording in found})
    unapproved = [recording for recording in found if recording.stage is not Stage.APPROVED]
    approved = [recording for recording in found if recording.stage is Stage.APPROVED]
    refused = [r for r in approved if rule.consented_only and not allows(r.scope, audience)]
    left_out = {recording.id for recording in refused}
    recordings = {r.id: r for r in approved if r.id not in left_out}
    columns = _columns(session, recordings)
    return Chosen(
        recordings=recordings,
        unapproved=unapproved if rule.recordings is not None else [],
        missing=missing,
        unconsented=refused,
        columns=columns,
        selected=select_frames(columns, rule.frame_rule()),
    )


def _recordings(session: Session, rule: Selection) -> list[ChosenRecording]:
    entries = (
        select(InfantConsent.infant_id, InfantConsent.scope)
        .ext(distinct_on(InfantConsent.infant_id))
        .order_by(InfantConsent.infant_id, InfantConsent.id.desc())
        .subquery()
    )
    conditions: list[ColumnElement[bool]] = []
    if rule.recordings is None:
        conditions.append(Recording.stage == Stage.APPROVED.value)
    else:
        conditions.append(Recording.id.in_(rule.recordings))
    if rule.sources is not None:
        conditions.append(Recording.source.in_([source.value for source in rule.sources]))
    if rule.min_age_months is not None:
        conditions.append(Recording.age_months >= rule.min_age_months)
    if rule.max_age_months is not None:
        conditions.append(Recording.age_months <= rule.max_age_months)
    if not rule.demo and rule.recordings is None:
        conditions.append(~Recording.is_demo)
    rows = session.execute(
        select(
            Recording.id,
            Recording.name,
            Recording.source,
            Recording.infant_id,
            Infant.pseudonym,
            Infant.sex,
            Recording.age_months,
            Recording.consent,
            entries.c.scope,
            Recording.stage,
        )
        .join(Infant, Infant.id == Recording.infant_id)
        .outerjoin(entries, entries.c.infant_id == Recording.infant_id)
        .where(*conditions)
        .order_by(Recording.id)
    )
    return [
        ChosenRecording(
            id=row.id,
            name=row.name,
            source=row.source,
            infant_id=row.infant_id,
            pseudonym=row.pseudonym,
            sex=row.sex,
            age_months=row.age_months,
            scope=effective_scope(
                ConsentScope(row.scope) if row.scope else None, Consent(row.consent)
            ),
            stage=Stage(row.stage),
        )
        for row in rows
    ]


def _columns(session: Session, recordings: dict[int, ChosenRecording]) -> FrameColumns:
    """Kept frames by recording, camera and time; one row of integers each."""
    ids = sorted(recordings)
    medians = (
        select(
            Frame.recording_id,
            func.percentile_cont(0.5).within_group(Frame.sharpness.asc()).label("median"),
        )
        .where(Frame.recording_id.in_(ids))
        .group_by(Frame.recording_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Frame.id,
            Frame.recording_id,
            Frame.camera_id,
            Frame.moment_id,
            Moment.index,
            _flags(medians.c.median),
            Frame.dhash,
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .join(medians, medians.c.recording_id == Frame.recording_id)
        .where(Frame.recording_id.in_(ids), KEPT)
        .order_by(Frame.recording_id, Frame.camera_id, Moment.index)
    ).all()
    table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(len(rows), 7)
    frame, recording, camera, moment, index, flags, dhash = np.ascontiguousarray(table.T)
    infant = np.array([recordings[key].infant_id for key in recording.tolist()], dtype=np.int64)
    return FrameColumns(frame, recording, camera, moment, index, infant, flags, dhash)


def _flags(median: ColumnElement[float]) -> ColumnElement[int]:
    """``domain.quality.quality_flags`` as bits."""
    holds: dict[QualityFlag, ColumnElement[bool]] = {
        QualityFlag.BLURRED: Frame.sharpness < BLURRED_SHARE * median,
        QualityFlag.DARK: Frame.mean_luma < DARK_LUMA,
        QualityFlag.BRIGHT: Frame.mean_luma > BRIGHT_LUMA,
        QualityFlag.DUPLICATE: Frame.duplicate_of_id.is_not(None),
    }
    bits = [case((condition, FLAG_BITS[flag]), else_=0) for flag, condition in holds.items()]
    return cast(sum(bits[1:], bits[0]), BigInteger)


def among(frame_ids: Sequence[int]) -> ColumnElement[bool]:
    """Frames of a list: as one array, since a statement has fewer parameters than a dataset has
    frames.
    """
    return Frame.id == any_(cast(list(frame_ids), ARRAY(BigInteger)))


def hours(session: Session, frame_ids: Sequence[int]) -> float:
    """Hours of film that selected frames cover: of each camera, from its first to its last."""
    spans = (
        select((func.max(Frame.time_s) - func.min(Frame.time_s)).label("span"))
        .where(among(frame_ids))
        .group_by(Frame.camera_id)
        .subquery()
    )
    seconds = session.scalar(select(func.coalesce(func.sum(spans.c.span), 0.0)))
    return float(seconds or 0.0) / 3600
