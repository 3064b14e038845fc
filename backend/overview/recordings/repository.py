"""Reading recordings with their counts, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased, selectinload

from backend.core.database.tables import (
    Camera,
    Frame,
    Infant,
    Job,
    Recording,
    ReviewRound,
    User,
)
from backend.core.jobs.schemas import JobOut, Named
from backend.domain.errors import NotFound
from backend.domain.workflow import Stage
from backend.labelling.reviews.revising import to_revise
from backend.overview.recordings.schemas import (
    BoxCounts,
    CameraFileOut,
    CameraOut,
    InfantOut,
    RecordingSummary,
    RoundOut,
    StateCounts,
)
from backend.recordings.counts import SUSPICIOUS_FRAMES, numbers_of_each, those_of
from backend.recordings.facts import Facts

_PLAIN: Final = (
    "id", "name", "source", "stage", "stage_since", "round", "age_months", "consent", "is_demo",
    "prelabel_model", "prelabel_sha256", "prelabel_boxes_from", "prelabels_simulated",
    "created_at", "drift_flagged", "in_parts",
)  # fmt: skip
_OF_JOB: Final = tuple(JobOut.model_fields.keys() - {"recording", "created_by"})
_ANNOTATOR, _INSPECTOR, _ASKER = aliased(User), aliased(User), aliased(User)


def _summary_query() -> Select[Any]:
    """All that a row of a list shows, in one query: lists are asked for all the time."""
    cameras = select(func.count()).where(Camera.recording_id == Recording.id).scalar_subquery()
    cover = (
        select(Frame.id)
        .where(Frame.recording_id == Recording.id)
        .order_by(Frame.position)
        .limit(1)
        .scalar_subquery()
    )
    job = (
        select(Job)
        .where(Job.recording_id == Recording.id)
        .order_by(Job.id.desc())
        .limit(1)
        .lateral("job")
    )
    people: dict[str, Any] = {
        "infant": Infant,
        "annotator": _ANNOTATOR,
        "inspector": _INSPECTOR,
        "asker": _ASKER,
    }
    return (
        select(
            *(getattr(Recording, name) for name in _PLAIN),
            *(person.id.label(f"{role}_id") for role, person in people.items()),
            *(_ANNOTATOR.name.label("annotator_name"), _INSPECTOR.name.label("inspector_name")),
            *(_ASKER.name.label("asker_name"), Infant.pseudonym, Infant.sex),
            cameras.label("cameras"),
            cover.label("cover"),
            numbers_of_each().label("numbers"),
            *(job.c[name].label(f"job_{name}") for name in _OF_JOB),
        )
        .join(Infant, Infant.id == Recording.infant_id)
        .outerjoin(_ANNOTATOR, _ANNOTATOR.id == Recording.annotator_id)
        .outerjoin(_INSPECTOR, _INSPECTOR.id == Recording.inspector_id)
        .outerjoin(job, true())
        .outerjoin(_ASKER, _ASKER.id == job.c.created_by_id)
        .order_by(Recording.id.desc())
    )


_SUMMARY: Final = _summary_query()


def find(
    session: Session,
    *conditions: ColumnElement[bool],
    text: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[RecordingSummary]:
    """Recordings that fulfil all conditions, newest first, with counts.

    Args:
        session: A session.
        *conditions: On ``Recording``.
        text: Part of the name or of the infant's pseudonym.
        before: Only with a lower id.
        limit: At most this many.
    """
    query = _SUMMARY.where(*conditions).limit(limit)
    if text:
        query = query.where(
            or_(
                Recording.name.icontains(text, autoescape=True),
                Infant.pseudonym.icontains(text, autoescape=True),
            )
        )
    if before is not None:
        query = query.where(Recording.id < before)
    rows = session.execute(query).mappings().all()
    waiting = _to_revise(session, rows)
    return [_summary(row, waiting.get(row["id"], 0)) for row in rows]


def find_each(
    session: Session, groups: Mapping[str, Sequence[ColumnElement[bool]]], limit: int = 50
) -> dict[str, list[RecordingSummary]]:
    """Recordings of several lists at once, each newest first, by the list's name."""
    if not groups:
        return {}
    parts = [
        select(literal(name).label("name"), Recording.id)
        .where(*conditions)
        .order_by(Recording.id.desc())
        .limit(limit)
        for name, conditions in groups.items()
    ]
    ids: dict[str, set[int]] = {name: set() for name in groups}
    for name, recording_id in session.execute(
        union_all(*(part.subquery().select() for part in parts))
    ):
        ids[name].add(recording_id)
    every = set().union(*ids.values())
    found = find(session, Recording.id.in_(every), limit=len(every)) if every else []
    return {name: [row for row in found if row.id in ids[name]] for name in groups}


def one(session: Session, recording_id: int) -> tuple[RecordingSummary, dict[str, int]]:
    """One recording, and its discarded frames by reason.

    Raises:
        NotFound: there is none.
    """
    query = _SUMMARY.where(Recording.id == recording_id)
    row = session.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no recording {recording_id}.")
    waiting = _to_revise(session, [row])
    return _summary(row, waiting.get(recording_id, 0)), those_of(row["numbers"], "reason")


def _summary(row: RowMapping, to_revise: int) -> RecordingSummary:
    numbers = row["numbers"]
    states = those_of(numbers, "state")
    job = None
    if row["job_id"] is not None:
        job = JobOut(
            **{name: row[f"job_{name}"] for name in _OF_JOB},
            recording=Named(id=row["id"], name=row["name"]),
            created_by=_named_in(row, "asker"),
        )
    return RecordingSummary(
        **{name: row[name] for name in _PLAIN},
        infant=InfantOut(id=row["infant_id"], pseudonym=row["pseudonym"], sex=row["sex"]),
        annotator=_named_in(row, "annotator"),
        inspector=_named_in(row, "inspector"),
        cameras=row["cameras"],
        frames=sum(states.values()),
        counts=StateCounts(**states),
        boxes=BoxCounts(**those_of(numbers, "box")),
        open_comments=numbers.get("comment:open", 0),
        suspicious=max(0, numbers.get(SUSPICIOUS_FRAMES, 0)),
        to_revise=to_revise,
        cover_frame_id=row["cover"],
        active_job=job,
    )


def _named_in(row: RowMapping, role: str) -> Named | None:
    return _named_by(row[f"{role}_id"], row[f"{role}_name"])


def _named_by(key: int | None, name: str | None) -> Named | None:
    return None if key is None or name is None else Named(id=key, name=name)


def _to_revise(session: Session, rows: Sequence[RowMapping]) -> dict[int, int]:
    """How many frames wait in those recordings in which something can wait."""
    ids = [row["id"] for row in rows if row["round"] > 1 and row["stage"] != Stage.APPROVED.value]
    if not ids:
        return {}
    waiting = to_revise(lambda table: table.recording_id.in_(ids))
    counts = session.execute(
        select(waiting.c.recording_id, func.count()).group_by(waiting.c.recording_id)
    )
    return {row[0]: row[1] for row in counts}


def cameras_of(session: Session, recording_id: int, facts: Facts) -> list[CameraOut]:
    """Cameras of a recording with their number of frames."""
    cameras = session.scalars(
        select(Camera)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    )
    plain = CameraOut.model_fields.keys() - {"frames", "files", "source_filename"}
    return [
        CameraOut(
            **{field: getattr(camera, field) for field in plain},
            frames=facts.frames.get(camera.id, 0),
            files=[CameraFileOut.model_validate(file) for file in camera.files],
            source_filename=_named(camera),
        )
        for camera in cameras
    ]


def _named(camera: Camera) -> str | None:
    """The first file's name, and how many more there are."""
    more = len(camera.files) - 1
    return f"{camera.source_filename} +{more}" if more > 0 else camera.source_filename


def rounds_of(session: Session, recording_id: int) -> list[RoundOut]:
    """Review rounds of a recording, oldest first."""
    submitter, inspector = aliased(User), aliased(User)
    rows = session.execute(
        select(ReviewRound, submitter.id, submitter.name, inspector.id, inspector.name)
        .outerjoin(submitter, submitter.id == ReviewRound.submitted_by_id)
        .outerjoin(inspector, inspector.id == ReviewRound.inspector_id)
        .where(ReviewRound.recording_id == recording_id)
        .order_by(ReviewRound.id)
    )
    return [
        RoundOut(
            id=row.id,
            kind=row.kind,
            round=row.round,
            submitted_by=_named_by(by_id, by_name),
            submitted_at=row.submitted_at,
            inspector=_named_by(inspector_id, inspector_name),
            decision=row.decision,
            decided_at=row.decided_at,
            note=row.note,
        )
        for row, by_id, by_name, inspector_id, inspector_name in rows
    ]


def quality_of(facts: Facts) -> dict[str, float]:
    """Medians of the quality measures, and the number of near-duplicates."""
    if facts.median_sharpness is None or facts.median_luma is None:
        return {}
    return {
        "median_sharpness": facts.median_sharpness,
        "median_luma": facts.median_luma,
        "near_duplicates": float(facts.near_duplicates),
    }
