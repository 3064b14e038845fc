"""Predictions on leaderboards: asked for, stored, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.session import after_commit
from backend.core.database.tables import Evaluation, Job, Release, Upload, User
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.core.storage import BlobStore
from backend.core.uploads import files
from backend.core.uploads import service as uploads
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.publishing.evaluation.kinds import kind_of
from backend.publishing.leaderboard import repository
from backend.publishing.leaderboard.measured import Measured
from backend.publishing.leaderboard.payloads import EvaluatePayload
from backend.publishing.leaderboard.schemas import EvaluationIn
from backend.publishing.releases import repository as releases
from backend.publishing.releases import service as release_service

SUFFIXES: Final = (".json", ".json.gz", ".gz", ".npz", ".csv", ".tsv")
"""How files of predictions are called."""


def hash_of_upload(folder: Path, upload_id: int) -> str | None:
    """SHA-256 of an upload's bytes, as far as they are here.

    To read a large file takes seconds: it is done before the transaction begins.
    """
    path = uploads.path_of(folder, upload_id)
    return files.sha256_of(path) if path.is_file() else None


def request(
    session: Session,
    user: User,
    storage: BlobStore,
    folder: Path,
    release_id: int,
    asked: EvaluationIn,
    sha256: str | None,
) -> tuple[Evaluation, Job]:
    """Ask for predictions to be measured; a worker does it.

    Args:
        session: The transaction.
        user: Who asks.
        storage: Where stored files lie.
        folder: Where uploads lie.
        release_id: A published release.
        asked: The file and its model.
        sha256: Of the uploaded bytes (:func:`hash_of_upload`).

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such release or upload.
        Conflict: the release is not published or was withdrawn, the upload is not complete, or this
            file was measured under this name already.
        InvalidInput: the release has no such split, or the file is none that is read.
    """
    release_service.require_maintainer(user, "evaluate predictions")
    release, _ = release_service.given_out(session, release_id)
    known = releases.split_counts(release)
    if asked.split not in known:
        raise InvalidInput(
            f"This release has no split {asked.split}; there are {', '.join(sorted(known))}."
        )
    [upload] = uploads.consume(session, user, [asked.upload_id])
    if not upload.filename.casefold().endswith(SUFFIXES):
        raise InvalidInput(
            f"{upload.filename}: predictions are .json, .json.gz, .npz or .csv files.",
            file=upload.filename,
        )
    if sha256 is None:
        raise Conflict(f"{upload.filename} is not here any more: send it again.")
    _make_room(session, storage, release, asked, sha256)
    path = uploads.path_of(folder, upload.id)
    evaluation = Evaluation(
        release_id=release.id,
        split=asked.split,
        model=asked.model,
        setting=asked.setting.value,
        kind=(asked.kind or kind_of(path, upload.filename)).value,
        note=asked.note,
        licence=asked.licence,
        url=asked.url,
        file_name=upload.filename,
        file_sha256=sha256,
        file_bytes=upload.size,
        upload_id=upload.id,
        created_by_id=user.id,
    )
    try:
        with session.begin_nested():
            session.add(evaluation)
            session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"{upload.filename} is being measured under the name {asked.model} just now."
        ) from error
    dataset = releases.get_dataset(session, release.dataset_id)
    job = jobs.enqueue(
        session,
        EvaluatePayload(evaluation_id=evaluation.id),
        None,
        user.id,
        title=f"Evaluate {asked.model} on {dataset.name} {release.version}, {asked.split}"[:200],
    )
    evaluation.job_id = job.id
    session.flush()
    tell(session, evaluation)
    return evaluation, job


def _make_room(
    session: Session, storage: BlobStore, release: Release, asked: EvaluationIn, sha256: str
) -> None:
    """Refuse the same file twice; what is left of an attempt that failed makes way."""
    found = repository.same(
        session, release_id=release.id, split=asked.split, model=asked.model, file_sha256=sha256
    )
    if found is None:
        return
    if found.evaluated_at is not None:
        raise Conflict(
            f"This very file was measured as {asked.model} on {asked.split} already.",
            evaluation_id=found.id,
        )
    if _is_active(session, found):
        raise Conflict(
            f"This very file is being measured as {asked.model} on {asked.split} just now.",
            evaluation_id=found.id,
        )
    _remove(session, storage, found)


def _is_active(session: Session, evaluation: Evaluation) -> bool:
    state = session.scalar(select(Job.state).where(Job.id == evaluation.job_id))
    return state in ACTIVE


def _remove(session: Session, storage: BlobStore, evaluation: Evaluation) -> None:
    prefix = folder_of(evaluation.id)
    session.delete(evaluation)
    session.flush()
    after_commit(session, lambda: storage.delete_prefix(prefix))


def folder_of(evaluation_id: int) -> str:
    """Where an evaluation's file lies in the store."""
    return f"evaluations/{evaluation_id}/"


def store(
    session: Session, evaluation_id: int, *, file_key: str, measured: Measured, folder: Path
) -> Evaluation:
    """Write down what was found, as one step: before it nothing can be seen, after it all.

    Args:
        session: The transaction that ends the job.
        evaluation_id: The evaluation.
        file_key: Where its file lies in the store.
        measured: What was found.
        folder: Where uploads lie.

    Raises:
        NotFound: it was deleted meanwhile.
        Conflict: the release was withdrawn meanwhile.
    """
    evaluation = repository.get(session, evaluation_id, lock=True)
    releases.get(session, evaluation.release_id, lock=True)
    release_service.given_out(session, evaluation.release_id)
    evaluation.file_key = file_key
    evaluation.result = measured.result
    evaluation.evaluated_at = datetime.now(UTC)
    session.flush()
    repository.put_frames(session, evaluation.id, measured.frames)
    audit.record(
        session,
        evaluation.created_by_id,
        "evaluated",
        "release",
        evaluation.release_id,
        {
            "evaluation_id": evaluation.id,
            "model": evaluation.model,
            "split": evaluation.split,
            "file_sha256": evaluation.file_sha256,
        },
    )
    tell(session, evaluation)
    upload_id = evaluation.upload_id
    after_commit(session, lambda: uploads.remove_files(folder, [upload_id]))
    return evaluation


def delete(session: Session, user: User, storage: BlobStore, evaluation_id: int) -> None:
    """Take an evaluation off the leaderboard, with its file.

    Raises:
        Forbidden: the person may not.
        NotFound: there is no such evaluation.
        Conflict: a job works on it.
    """
    release_service.require_maintainer(user, "delete evaluations")
    evaluation = repository.get(session, evaluation_id, lock=True)
    if evaluation.evaluated_at is None and _is_active(session, evaluation):
        raise Conflict("This file is being measured just now; cancel its job first.")
    audit.record(
        session,
        user.id,
        "evaluation_deleted",
        "release",
        evaluation.release_id,
        {
            "evaluation_id": evaluation.id,
            "model": evaluation.model,
            "split": evaluation.split,
            "file_sha256": evaluation.file_sha256,
        },
    )
    tell(session, evaluation)
    _remove(session, storage, evaluation)


def tell(session: Session, evaluation: Evaluation) -> None:
    """Let open browsers look again."""
    announce(session, "release", {"id": evaluation.release_id, "evaluation_id": evaluation.id})


@jobs.on_unsuccessful_end(JobKind.EVALUATE)
def _failed(session: Session, job: Job) -> None:
    """A file that could not be measured is given back; it goes a day later."""
    evaluation = session.get(Evaluation, job.payload["evaluation_id"])
    if evaluation is not None:
        session.execute(
            update(Upload).where(Upload.id == evaluation.upload_id).values(consumed_at=None)
        )
        tell(session, evaluation)


@jobs.on_retry(JobKind.EVALUATE)
def _again(session: Session, job: Job) -> None:
    try:
        evaluation = repository.get(session, job.payload["evaluation_id"], lock=True)
        if evaluation.job_id != job.id:
            raise Conflict("This file has been sent anew since.")
        uploads.consume(
            session, session.get_one(User, evaluation.created_by_id), [evaluation.upload_id]
        )
    except NotFound as error:
        raise Conflict("This file is not here any more: send it again.") from error
    tell(session, evaluation)
