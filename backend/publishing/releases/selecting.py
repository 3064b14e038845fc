"""What a rule selects from the database as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core.database.columns import Statement, by_columns, read_columns
from backend.core.database.tables import (
    Annotation,
    Frame,
    Infant,
    InfantConsent,
    Moment,
    Recording,
)
from backend.domain.consents import Consent, ConsentScope, allows, effective_scope
from backend.domain.quality import quality_bits
from backend.domain.releases.selection import FrameColumns, Selected, select_frames
from backend.domain.releases.statistics import hours_of_film
from backend.domain.workflow import Stage
from backend.labelling.conditions import KEPT
from backend.labelling.postures.standing import codes_at
from backend.publishing.releases.recordings import film_cameras
from backend.publishing.releases.settings import Selection
from backend.recordings.facts import median_sharpness_of


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
        withdrawn: Whether the family takes no part any more.
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
    withdrawn: bool
    stage: Stage


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rule selects.

    Attributes:
        recordings: Approved recordings that the rule names, by id, whether or not a frame is taken.
        unapproved: Recordings that the rule names one by one and that are not approved.
        missing: Ids that the rule names and that do not exist.
        unconsented: Recordings left out because their family did not agree to the audience, or
            agrees to nothing any more, whatever the rule says.
        columns: Kept frames of ``recordings``.
        time_s: When each of them was taken, seconds of its recording.
        selected: Which of them are taken.
    """

    recordings: dict[int, ChosenRecording]
    unapproved: list[ChosenRecording]
    missing: list[int]
    unconsented: list[ChosenRecording]
    columns: FrameColumns
    time_s: NDArray[np.float64]
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
    refused = [
        r
        for r in approved
        if r.withdrawn or (rule.consented_only and not allows(r.scope, audience))
    ]
    left_out = {recording.id for recording in refused}
    recordings = {r.id: r for r in approved if r.id not in left_out}
    columns, time_s = _columns(session, recordings)
    return Chosen(
        recordings=recordings,
        unapproved=unapproved if rule.recordings is not None else [],
        missing=missing,
        unconsented=refused,
        columns=columns,
        time_s=time_s,
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
            withdrawn=row.scope == ConsentScope.NONE.value,
            stage=Stage(row.stage),
        )
        for row in rows
    ]


def _columns(
    session: Session, recordings: dict[int, ChosenRecording]
) -> tuple[FrameColumns, NDArray[np.float64]]:
    """Kept frames by recording, camera and time; and when each was taken, in seconds."""
    session.flush()
    ids = sorted(recordings)
    found = read_columns(session, _kept_frames(), {"recordings": ids})
    frame, recording, camera, moment, index, repeats, dhash = (
        column.astype(np.int64, copy=False) for column in found[:7]
    )
    sharpness, luma, time_s = (column.astype(np.float64, copy=False) for column in found[7:])
    medians = median_sharpness_of(session, ids)
    keys, where = np.unique(recording, return_inverse=True)
    median = np.array([medians[key] for key in keys.tolist()], dtype=np.float64)[where]
    flags = quality_bits(sharpness, luma, median_sharpness=median, repeats=repeats > 0)
    infants = [recordings[key].infant_id for key in keys.tolist()]
    infant = np.array(infants, dtype=np.int64)[where]
    posture = codes_at(session, recording, index)
    order = np.lexsort((index, camera, recording))
    columns = FrameColumns(
        *(
            c[order]
            for c in (frame, recording, camera, moment, index, infant, flags, dhash, posture)
        )
    )
    return columns, time_s[order]


@cache
def _kept_frames() -> Statement:
    return by_columns(
        select(
            Frame.id,
            Frame.recording_id,
            Frame.camera_id,
            Frame.moment_id,
            cast(Moment.index, BigInteger),
            func.coalesce(Frame.duplicate_of_id, 0),
            Frame.dhash,
            Frame.sharpness,
            Frame.mean_luma,
            Frame.time_s,
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.recording_id == any_(bindparam("recordings", type_=ARRAY(BigInteger))), KEPT)
    )


def among(frame_ids: Sequence[int]) -> ColumnElement[bool]:
    """Frames of a list: as one array, since a statement has fewer parameters than a dataset has
    frames.
    """
    return Frame.id == any_(cast(list(frame_ids), ARRAY(BigInteger)))


def without_posture(chosen: Chosen) -> NDArray[np.bool_]:
    """Which of the frames that are taken have no posture, or only the group of one."""
    # The last digit of a code is 0 where nobody said anything, or only the group.
    return np.asarray(chosen.columns.posture[chosen.selected.taken] % 10 == 0)


def hours(session: Session, chosen: Chosen) -> float:
    """Hours of film that selected frames cover; photographs cover none."""
    taken = chosen.selected.taken
    camera, time_s = chosen.columns.camera[taken], chosen.time_s[taken]
    film = film_cameras(session, np.unique(chosen.columns.recording[taken]).tolist())
    return hours_of_film(camera, time_s, film)
