"""Rows of datasets and releases as the HTTP interface shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import case, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Dataset,
    Infant,
    InfantConsent,
    Job,
    Release,
    ReleaseFrame,
    ReleaseSplit,
)
from backend.core.jobs import repository as job_rows
from backend.core.jobs.schemas import JobOut, Named
from backend.core.names import names_of
from backend.domain.consents import SCOPES
from backend.domain.errors import NotFound
from backend.domain.releases.gate import GATE_WORDS, GateKind
from backend.publishing.releases import removal, repository, service
from backend.publishing.releases.provenance import origins
from backend.publishing.releases.publishing import WrittenFile, created_at, folder_name
from backend.publishing.releases.schemas import (
    DatasetOut,
    FrameOriginsOut,
    GateOut,
    JointOriginOut,
    ReleaseItem,
    ReleaseOut,
    SplitOut,
)

__all__ = [
    "created_at",
    "dataset_out",
    "folder_of",
    "items",
    "job_out",
    "origins_out",
    "release_out",
    "written_files",
]


def dataset_out(dataset: Dataset) -> DatasetOut:
    """A dataset."""
    return DatasetOut.model_validate(dataset, from_attributes=True)


def job_out(session: Session, job: Job) -> JobOut:
    """A job that was just asked for."""
    return job_rows.list_jobs(session, job_ids=[job.id], limit=1)[0]


def items(session: Session, found: Sequence[tuple[Release, Dataset]]) -> list[ReleaseItem]:
    """Releases as a list shows them, in four queries whatever their number."""
    job_ids = [release.job_id for release, _ in found if release.job_id is not None]
    jobs = {
        job.id: job
        for job in job_rows.list_jobs(session, job_ids=job_ids, limit=max(1, len(job_ids)))
    }
    people = names_of(session, {release.published_by_id for release, _ in found})
    ids = [release.id for release, _ in found]
    removed = removal.removed_at(session, ids)
    disagreeing = _disagreeing(session, ids)
    return [
        ReleaseItem.model_validate(
            _item(release, dataset, jobs, people)
            | {
                "files_removed_at": removed.get(release.id),
                "disagreeing": disagreeing.get(release.id, []),
            }
        )
        for release, dataset in found
    ]


def _item(
    release: Release, dataset: Dataset, jobs: dict[int, JobOut], people: Mapping[int | None, Named]
) -> dict[str, Any]:
    return {
        "id": release.id,
        "dataset": dataset_out(dataset),
        "version": release.version,
        "base_id": release.base_id,
        "state": release.state,
        "audience": release.audience,
        "frames": release.frames,
        "files": release.files,
        "bytes": release.bytes,
        "content_sha256": release.content_sha256,
        "doi": release.doi,
        "created_at": release.created_at,
        "frozen_at": release.frozen_at,
        "published_at": release.published_at,
        "published_by": people.get(release.published_by_id),
        "withdrawn_at": release.withdrawn_at,
        "withdrawn_why": release.withdrawn_why,
        "job": jobs.get(release.job_id or 0),
    }


def release_out(session: Session, release: Release) -> ReleaseOut:
    """A release with all that it is asked to be."""
    session.flush()
    dataset = repository.get_dataset(session, release.dataset_id)
    (item,) = items(session, [(release, dataset)])
    gate = None
    found = release.gate or []
    if release.gate is not None:
        gate = [
            GateOut.model_validate(entry | {"words": GATE_WORDS[GateKind(entry["kind"])]})
            for entry in release.gate
        ]
    return ReleaseOut(
        **item.model_dump(),
        notes=release.notes,
        licence=release.licence,
        contact=release.contact,
        citation=release.citation,
        settings=service.settings_of(release),
        gate=gate,
        gate_checked_at=next((entry.get("checked_at") for entry in found), None),
        gate_outdated=any(entry.get("outdated") for entry in found),
        splits=[
            SplitOut(name=name, frames=frames, infants=infants)
            for name, (frames, infants) in repository.split_counts(release).items()
        ],
    )


def _disagreeing(session: Session, release_ids: Sequence[int]) -> dict[int, list[str]]:
    """By published release, pseudonyms of infants whose latest consent falls short of it."""
    latest = (
        select(InfantConsent.infant_id, InfantConsent.scope)
        .ext(distinct_on(InfantConsent.infant_id))
        .order_by(InfantConsent.infant_id, InfantConsent.id.desc())
        .subquery()
    )
    of = ReleaseSplit
    width = {scope.value: rank for rank, scope in enumerate(SCOPES)}
    rows = session.execute(
        select(Release.id, Infant.pseudonym)
        .join(of, of.release_id == Release.id)
        .join(Infant, Infant.id == of.infant_id)
        .join(latest, latest.c.infant_id == Infant.id)
        .where(
            Release.id.in_(release_ids),
            Release.published_at.is_not(None),
            case(width, value=latest.c.scope) < case(width, value=Release.audience),
            exists().where(
                ReleaseFrame.release_id == Release.id, ReleaseFrame.infant_id == Infant.id
            ),
        )
        .order_by(Release.id, Infant.pseudonym)
    )
    found: dict[int, list[str]] = {}
    for release_id, pseudonym in rows:
        found.setdefault(release_id, []).append(pseudonym)
    return found


def folder_of(session: Session, release: Release) -> str:
    """What the release's folder is called when it is unpacked."""
    return folder_name(repository.get_dataset(session, release.dataset_id), release)


def written_files(session: Session, release_id: int) -> list[WrittenFile]:
    """Files of a published release, by path in the order of bytes."""
    rows = repository.file_columns(session, release_id)
    return [WrittenFile(*row) for row in rows]


def origins_out(session: Session, release_id: int, frame_id: int) -> FrameOriginsOut:
    """Where each joint of a released frame comes from.

    Raises:
        NotFound: the release does not hold this frame.
    """
    found = next(origins(session, release_id, frame_id), None)
    if found is None:
        raise NotFound(f"Release {release_id} does not hold frame {frame_id}.")
    people = names_of(
        session,
        {key for j in found.joints for key in (j.changed_by, j.accepted_by, j.inspector)},
    )
    joints = [
        JointOriginOut.model_validate(
            asdict(joint)
            | {
                "changed_by": people.get(joint.changed_by),
                "accepted_by": people.get(joint.accepted_by),
                "inspector": people.get(joint.inspector),
            }
        )
        for joint in found.joints
    ]
    return FrameOriginsOut(
        frame_id=found.frame_id, file_name=found.file_name, split=found.split, joints=joints
    )
