"""Asking for, writing and giving out files of keypoints and of body fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Export, Job, User
from backend.core.jobs import repository as jobs
from backend.core.jobs import service as job_service
from backend.core.jobs.payloads import Payload
from backend.core.jobs.schemas import Named
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.publishing.exports import repository
from backend.publishing.exports.fits import CollectedFits, collect_fits
from backend.publishing.exports.naming import slug
from backend.publishing.exports.payloads import ExportCocoPayload, ExportFitsPayload
from backend.publishing.exports.schemas import ExportItem
from backend.publishing.formats.coco_writer import WrittenCoco, coco_info, write_coco

Progress = Callable[[int, int], None]
T = TypeVar("T")
_PROGRESS_EVERY = 1000


def request_export(
    session: Session, user: User, recording_ids: Sequence[int], *, include_fits: bool = False
) -> tuple[Export, Job]:
    """Ask for a COCO file of these recordings; a worker writes it.

    Args:
        session: The transaction.
        user: Who asks.
        recording_ids: Approved recordings.
        include_fits: Whether a file of their verified body fits is written beside, to which the
            COCO file refers.

    Raises:
        Forbidden: the person may not export.
        Conflict: a recording does not exist or is not approved; the message names it.
        InvalidInput: no recording.
    """
    ids = _chosen(user, recording_ids)
    found = repository.lock_stages(session, ids)
    repository.require_approved(found, ids)
    names = {key: name for key, (name, _) in found.items()}
    export = _new(session, user, ids, names, "coco")
    if include_fits:
        collect_fits(session, ids)
        companion = _new(session, user, ids, names, "fits")
        export.companion_id = companion.id
    return export, _enqueue(session, user, export, ExportCocoPayload(export_id=export.id))


def request_fits_export(
    session: Session, user: User, recording_ids: Sequence[int], *, include_unverified: bool
) -> tuple[Export, Job]:
    """Ask for a file of body fits; a worker writes it.

    Args:
        session: The transaction.
        user: Who asks.
        recording_ids: Recordings in any stage.
        include_unverified: Whether fits that nobody verified are written too, marked as such.

    Raises:
        Forbidden: the person may not export.
        Conflict: a recording does not exist, or none of them has a fit that may be exported.
        InvalidInput: no recording.
    """
    ids = _chosen(user, recording_ids)
    names = repository.recording_names(session, ids)
    if missing := sorted(set(ids) - set(names)):
        raise Conflict(f"Recording {missing[0]} does not exist.", recording_ids=missing)
    collect_fits(session, ids, include_unverified=include_unverified)
    export = _new(session, user, ids, names, "fits")
    payload = ExportFitsPayload(export_id=export.id, include_unverified=include_unverified)
    return export, _enqueue(session, user, export, payload)


def _chosen(user: User, recording_ids: Sequence[int]) -> list[int]:
    policies.require(policies.may_export(user), "export recordings")
    if not recording_ids:
        raise InvalidInput("Choose at least one recording to export.")
    return sorted(set(recording_ids))


def _new(
    session: Session, user: User, ids: list[int], names: Mapping[int, str], kind: str
) -> Export:
    export = Export(kind=kind, recording_ids=ids, filename="", created_by_id=user.id)
    session.add(export)
    session.flush()
    what = slug(names[ids[0]])[:100] if len(ids) == 1 else f"{len(ids)}-recordings"
    ending = ".json" if kind == "coco" else ".fits.npz"
    export.filename = f"infantnet-{what}-{export.id}{ending}"
    return export


def _enqueue(session: Session, user: User, export: Export, payload: Payload) -> Job:
    job = job_service.enqueue(
        session,
        payload,
        None,
        user.id,
        title=f"Export {export.filename}",
    )
    export.job_id = job.id
    if export.companion_id is not None:
        get(session, export.companion_id).job_id = job.id
    session.flush()
    for recording_id in export.recording_ids:
        audit.record(
            session, user.id, "exported", "recording", recording_id, {"export_id": export.id}
        )
    return job


def get(session: Session, export_id: int, *, lock: bool = False) -> Export:
    """An export by id.

    Raises:
        NotFound: there is none.
    """
    query = select(Export).where(Export.id == export_id)
    export = session.scalar(query.with_for_update() if lock else query)
    if export is None:
        raise NotFound(f"There is no export {export_id}.", export_id=export_id)
    return export


def write_export(
    session: Session,
    export: Export,
    file: BinaryIO,
    *,
    progress: Progress | None = None,
    spool_folder: Path | None = None,
    fits: CollectedFits | None = None,
) -> WrittenCoco:
    """Write an export's COCO file as a stream.

    Args:
        session: A transaction; the recordings cannot be reopened until it ends.
        export: Which recordings.
        file: Where to write. On an error it holds half a file.
        progress: Told of frames done and in all, now and then; may raise ``Cancelled``.
        spool_folder: Where annotations wait while images are written; by default the system's.
        fits: Body fits in the companion's file, to which annotations refer.

    Raises:
        Conflict: a recording is no longer approved, a box is stale, or nothing is left to write.
    """
    ids = export.recording_ids
    total = repository.count_kept(session, ids)
    if total == 0:
        raise Conflict("These recordings have no kept frame: there is nothing to export.")
    names = repository.recording_names(session, ids)
    pairs = repository.iterate_export(session, ids, _references(session, export, fits))
    return write_coco(
        file,
        _told(pairs, total, progress) if progress else pairs,
        info=coco_info(
            "Infant keypoints: " + ", ".join(names[key] for key in sorted(names)),
            version="1.0",
            contributor="infantnet",
            created=export.created_at,
            provenance={
                "export_id": export.id,
                "recordings": [{"id": key, "name": names[key]} for key in sorted(names)],
            },
        ),
        licenses=list(repository.LICENCES.values()),
        spool_folder=spool_folder,
    )


def _references(
    session: Session, export: Export, fits: CollectedFits | None
) -> dict[int, dict[str, Any]]:
    if fits is None or export.companion_id is None:
        return {}
    file = get(session, export.companion_id).filename
    return {
        frame_id: {"file": file, "index": found.index, "view": found.view}
        for frame_id, found in fits.references.items()
    }


def _told(items: Iterable[T], total: int, progress: Progress) -> Iterator[T]:
    for done, item in enumerate(items):
        if done % _PROGRESS_EVERY == 0:
            progress(done, total)
        yield item
    progress(total, total)


def storage_key(export: Export) -> str:
    """Where the blob store keeps an export's file."""
    return f"exports/{export.id}/{export.filename}"


def finish_export(
    export: Export, written: WrittenCoco, *, key: str, size: int, sha256: str
) -> None:
    """Note that an export's file is stored; from then on it can be downloaded.

    Args:
        export: The export.
        written: What :func:`write_export` returned.
        key: Where the blob store keeps the file.
        size: Bytes.
        sha256: Hex digits.
    """
    export.key = key
    export.bytes = size
    export.sha256 = sha256
    export.images = written.images
    export.annotations = written.annotations


def finish_fits(export: Export, count: int, *, key: str, size: int, sha256: str) -> None:
    """Note that a file of ``count`` body fits is stored; see :func:`finish_export`."""
    export.key = key
    export.bytes = size
    export.sha256 = sha256
    export.fits = count


def items(session: Session, exports: Sequence[Export]) -> list[ExportItem]:
    """Exports as pages show them, in three queries whatever their number."""
    names = repository.recording_names(session, [i for e in exports for i in e.recording_ids])
    job_ids = [e.job_id for e in exports if e.job_id is not None]
    by_id = {
        job.id: job for job in jobs.list_jobs(session, job_ids=job_ids, limit=max(1, len(job_ids)))
    }
    people = {
        user.id: Named.model_validate(user)
        for user in session.scalars(
            select(User).where(User.id.in_({e.created_by_id for e in exports if e.created_by_id}))
        )
    }
    return [
        ExportItem(
            id=export.id,
            kind="fits" if export.kind == "fits" else "coco",
            companion_id=export.companion_id,
            fits=export.fits,
            filename=export.filename,
            recording_ids=export.recording_ids,
            recordings=[names.get(i, f"deleted ({i})") for i in export.recording_ids],
            bytes=export.bytes,
            sha256=export.sha256,
            images=export.images,
            annotations=export.annotations,
            created_at=export.created_at.astimezone(UTC),
            created_by=people.get(export.created_by_id or 0),
            job=by_id.get(export.job_id or 0),
            ready=export.key is not None,
        )
        for export in exports
    ]


def require_file(export: Export) -> str:
    """Key of an export's file.

    Raises:
        Conflict: it is not written yet, or its job failed.
    """
    if export.key is None:
        raise Conflict(
            f"{export.filename} is not written yet. Look at its job, and retry it if it failed.",
            export_id=export.id,
            job_id=export.job_id,
        )
    return export.key
