"""Asking for, writing and giving out files of keypoints and of body fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Export, Job, User
from backend.core.jobs import repository as jobs
from backend.core.jobs import service as job_service
from backend.core.names import names_of
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.pixels import COCO_JOINTS, OutsideJoints, PixelRule
from backend.domain.slugs import slug
from backend.publishing.exports import repository
from backend.publishing.exports.fits import collect_fits
from backend.publishing.exports.frames import labelled
from backend.publishing.exports.payloads import ExportPayload
from backend.publishing.exports.schemas import ExportItem, ExportOptions, FitsFile, RuleOut
from backend.publishing.formats.registry import FramesFormat, format_of
from backend.publishing.formats.tracks.layout import tracks_of
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import BodyFits, FitReference, LabelledFrame
from backend.publishing.labelled_columns import Labelled

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 1000


def request_export(
    session: Session,
    user: User,
    recording_ids: Sequence[int],
    *,
    include_fits: bool = False,
    pixels: PixelRule | None = None,
    outside: OutsideJoints = OutsideJoints.KEEP,
) -> tuple[Export, Job]:
    """Ask for a COCO file of these recordings; a worker writes it.

    Args:
        session: The transaction.
        user: Who asks.
        recording_ids: Approved recordings.
        include_fits: Whether a file of their verified body fits is written beside, to which the
            COCO file refers.
        pixels: The rule of the joints; by default the one by which they were imported, else COCO's.
        outside: What becomes of joints beyond the border of their image.

    Raises:
        Forbidden: the person may not export.
        Conflict: a recording does not exist or is not approved; the message names it.
        InvalidInput: no recording.
    """
    ids = _chosen(user, recording_ids)
    found = repository.lock_stages(session, ids)
    repository.require_approved(found, ids)
    names = {key: name for key, (name, _) in found.items()}
    options = ExportOptions(pixels=pixels, outside=outside)
    export = _new(session, user, ids, names, "coco", options)
    if include_fits:
        collect_fits(session, ids)
        companion = _new(session, user, ids, names, "fits", ExportOptions())
        export.companion_id = companion.id
    return export, _enqueue(session, user, export)


def request_fits_export(
    session: Session,
    user: User,
    recording_ids: Sequence[int],
    *,
    include_unverified: bool,
    format_name: FitsFile = FitsFile.FITS,
) -> tuple[Export, Job]:
    """Ask for a file of body fits; a worker writes it.

    Args:
        session: The transaction.
        user: Who asks.
        recording_ids: Recordings in any stage.
        include_unverified: Whether fits that nobody verified are written too, marked as such.
        format_name: As what they are written.

    Raises:
        Forbidden: the person may not export.
        Conflict: a recording does not exist, or none of them has a fit that may be exported.
        InvalidInput: no recording, or moments that are no motion where one is wanted.
    """
    ids = _chosen(user, recording_ids)
    names = repository.recording_names(session, ids)
    if missing := sorted(set(ids) - set(names)):
        raise Conflict(f"Recording {missing[0]} does not exist.", recording_ids=missing)
    found = collect_fits(session, ids, include_unverified=include_unverified)
    if format_name is not FitsFile.FITS:
        tracks_of(found.arrays, "This export")
    options = ExportOptions(include_unverified=include_unverified)
    export = _new(session, user, ids, names, format_name.value, options)
    return export, _enqueue(session, user, export)


def _chosen(user: User, recording_ids: Sequence[int]) -> list[int]:
    policies.require(policies.may_export(user), "export recordings")
    if not recording_ids:
        raise InvalidInput("Choose at least one recording to export.")
    return sorted(set(recording_ids))


def _new(
    session: Session,
    user: User,
    ids: list[int],
    names: Mapping[int, str],
    format_name: str,
    options: ExportOptions,
) -> Export:
    export = Export(
        format=format_name,
        recording_ids=ids,
        filename="",
        options=options.model_dump(mode="json", exclude_none=True),
        created_by_id=user.id,
    )
    session.add(export)
    session.flush()
    what = slug(names[ids[0]])[:100] if len(ids) == 1 else f"{len(ids)}-recordings"
    export.filename = f"infantnet-{what}-{export.id}{format_of(format_name).suffix}"
    return export


def _enqueue(session: Session, user: User, export: Export) -> Job:
    job = job_service.enqueue(
        session,
        ExportPayload(export_id=export.id),
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


def body_fits(session: Session, export: Export) -> BodyFits:
    """The fits that go into an export's file of body fits.

    Raises:
        Conflict: there is none that may be exported.
    """
    options = ExportOptions.model_validate(export.options)
    return collect_fits(
        session, export.recording_ids, include_unverified=options.include_unverified
    )


def write_export(
    session: Session,
    export: Export,
    target: BinaryIO,
    *,
    progress: Progress | None = None,
    scratch: Path | None = None,
    fits: BodyFits | None = None,
) -> Written:
    """Write an export's file in its format.

    Args:
        session: A transaction; recordings that are written cannot be reopened until it ends.
        export: What is wanted.
        target: Where to write. On an error it holds half a file.
        progress: Told of frames done and in all, now and then; may raise ``Cancelled``.
        scratch: Folder for temporary files; by default the system's.
        fits: Body fits: what is written, or the companion's, to which annotations refer.

    Raises:
        Conflict: a recording is no longer approved, a box is stale, or nothing is left to write.
        NotFound: the format is not known.
    """
    wanted = format_of(export.format)
    options = _write_options(session, export, scratch)
    if not isinstance(wanted, FramesFormat):
        return wanted.write(fits or body_fits(session, export), target, options)
    ids = export.recording_ids
    total = repository.count_kept(session, ids)
    if total == 0:
        raise Conflict("These recordings have no kept frame: there is nothing to export.")
    frames = labelled(session, ids, _references(session, export, fits))
    return wanted.write(_told(frames, total, progress) if progress else frames, target, options)


def _write_options(session: Session, export: Export, scratch: Path | None) -> WriteOptions:
    asked = ExportOptions.model_validate(export.options)
    names = repository.recording_names(session, export.recording_ids)
    imported = repository.label_sources(session, export.recording_ids)
    return WriteOptions(
        title="Infant keypoints: " + ", ".join(names[key] for key in sorted(names)),
        created=export.created_at,
        licences=list(repository.LICENCES.values()),
        about={
            "export_id": export.id,
            "recordings": [
                {"id": key, "name": names[key]}
                | ({"imported": imported[key]} if key in imported else {})
                for key in sorted(names)
            ],
        },
        pixels=asked.pixels or _rule_of({source["pixels"] for source in imported.values()}),
        outside=asked.outside,
        scratch=scratch,
    )


def rule_for(session: Session, user: User, recording_ids: Sequence[int]) -> RuleOut:
    """By which rule joints of these recordings are written where none is asked for.

    Raises:
        Forbidden: the person may not export.
    """
    ids = _chosen(user, recording_ids)
    sources = repository.label_sources(session, ids)
    counts = Counter(PixelRule(source["pixels"]) for source in sources.values())
    return RuleOut(
        pixels=_rule_of({source["pixels"] for source in sources.values()}),
        imported=dict(counts),
        here=len(ids) - len(sources),
    )


def _rule_of(imported: set[str]) -> PixelRule:
    """The rule by which all imported recordings of a file came in; else COCO's."""
    return PixelRule(imported.pop()) if len(imported) == 1 else COCO_JOINTS


def _references(session: Session, export: Export, fits: BodyFits | None) -> dict[int, FitReference]:
    if fits is None or export.companion_id is None:
        return {}
    file = get(session, export.companion_id).filename
    return {frame_id: replace(found, file=file) for frame_id, found in fits.references.items()}


def _told(found: Iterable[Labelled], total: int, progress: Progress) -> Iterator[Labelled]:
    done, next_told = 0, 0
    for some in found:
        if done >= next_told:
            progress(done, total)
            next_told = done + _PROGRESS_EVERY
        yield some
        done += 1 if isinstance(some, LabelledFrame) else len(some)
    progress(total, total)


def folder_of(export: Export) -> str:
    """Where everything of an export lies in the blob store."""
    return f"exports/{export.id}/"


def storage_key(export: Export) -> str:
    """Where the blob store keeps an export's file."""
    return f"{folder_of(export)}{export.filename}"


def finish_export(export: Export, written: Written, *, key: str, size: int, sha256: str) -> None:
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
    export.notes = list(written.notes)
    if isinstance(format_of(export.format), FramesFormat):
        export.images = written.images
        export.annotations = written.annotations
    else:
        export.fits = written.fits


def items(session: Session, exports: Sequence[Export]) -> list[ExportItem]:
    """Exports as pages show them, in three queries whatever their number."""
    names = repository.recording_names(session, [i for e in exports for i in e.recording_ids])
    job_ids = [e.job_id for e in exports if e.job_id is not None]
    by_id = {
        job.id: job for job in jobs.list_jobs(session, job_ids=job_ids, limit=max(1, len(job_ids)))
    }
    people = names_of(session, [export.created_by_id for export in exports])
    return [
        ExportItem(
            id=export.id,
            format=export.format,
            companion_id=export.companion_id,
            fits=export.fits,
            filename=export.filename,
            recording_ids=export.recording_ids,
            recordings=[names.get(i, f"deleted ({i})") for i in export.recording_ids],
            bytes=export.bytes,
            sha256=export.sha256,
            images=export.images,
            annotations=export.annotations,
            notes=export.notes,
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
