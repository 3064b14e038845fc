"""Receiving files: begin, go on where it stopped, finish, hand over to an import, clean up."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import Upload, User
from backend.core.uploads import files
from backend.domain.errors import Conflict, InvalidInput, NotFound, TooLarge

ABANDONED_AFTER = timedelta(days=1)
SPARE_BYTES = 256 * 1024 * 1024


def begin(
    session: Session,
    user: User,
    folder: Path,
    *,
    filename: str,
    size: int,
    sha256: str | None,
    max_bytes: int,
) -> Upload:
    """Announce a file.

    Args:
        session: The transaction.
        user: Who sends it.
        folder: Folder of unfinished uploads.
        filename: As the sender calls it; folders in it are dropped.
        size: Bytes.
        sha256: Hex digits to check the finished file against, if known.
        max_bytes: Largest size taken.

    Raises:
        Forbidden: the person may not import.
        InvalidInput: the file is empty.
        TooLarge: above the limit, or more than the disk has room for.
    """
    policies.require(policies.may_import(user), "upload files")
    name = files.sanitise(filename)
    if size == 0:
        raise InvalidInput(f"{name} is empty.", file=name, fault="empty file")
    if size > max_bytes:
        raise TooLarge(
            f"{name} has {size:,} bytes; the limit is {max_bytes:,}.", file=name, limit=max_bytes
        )
    folder.mkdir(parents=True, exist_ok=True)
    clean_abandoned(session, folder)
    free = shutil.disk_usage(folder).free - SPARE_BYTES
    if size > free:
        raise TooLarge(
            f"{name} has {size:,} bytes, but the server’s disk has room for {max(free, 0):,}.",
            file=name,
            limit=max(free, 0),
        )
    upload = Upload(filename=name, size=size, sha256=sha256, created_by_id=user.id)
    session.add(upload)
    session.flush()
    files.create_empty(files.part_path(folder, upload.id))
    return upload


def get(session: Session, user: User, upload_id: int, *, lock: bool = False) -> Upload:
    """An upload of this person (an admin sees everybody's).

    With ``lock``, it stays as it is until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    query = select(Upload).where(Upload.id == upload_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    upload = session.scalar(query)
    if upload is None or not (upload.created_by_id == user.id or policies.is_admin(user)):
        raise NotFound(f"There is no upload {upload_id}.", upload_id=upload_id)
    return upload


def offset_of(upload: Upload, folder: Path) -> int:
    """Bytes received: the size on disk, or all once complete (an import may have moved it)."""
    if upload.completed_at is not None:
        return upload.size
    return files.size_on_disk(files.part_path(folder, upload.id))


def check_offset(upload: Upload, folder: Path, offset: int, length: int | None) -> None:
    """Whether a chunk fits where it wants to go.

    Raises:
        Conflict: the upload is complete or its offset is another; the context has the right one.
        TooLarge: the chunk goes beyond the announced size.
    """
    here = offset_of(upload, folder)
    if upload.completed_at is not None:
        raise Conflict(f"{upload.filename} is already complete.", offset=here)
    if offset != here:
        raise Conflict(
            f"{upload.filename}: the next chunk begins at byte {here}, not {offset}.", offset=here
        )
    if length is not None and offset + length > upload.size:
        raise beyond_size(upload)


def beyond_size(upload: Upload) -> TooLarge:
    """The refusal of bytes beyond the announced size."""
    return TooLarge(
        f"{upload.filename}: more bytes than the {upload.size:,} announced.",
        file=upload.filename,
        limit=upload.size,
    )


def is_whole(upload: Upload, folder: Path) -> bool:
    """Whether all bytes are here, and right.

    To read a large file again takes minutes: call it outside of a transaction.

    Raises:
        InvalidInput: the SHA-256 differs; the bytes are thrown away and may be sent again.
    """
    path = files.part_path(folder, upload.id)
    if files.size_on_disk(path) != upload.size:
        return False
    if upload.sha256 is not None:
        found = files.sha256_of(path)
        if found != upload.sha256:
            with files.Appender(path) as part:
                part.truncate(0)
            raise InvalidInput(
                f"{upload.filename} arrived damaged: its SHA-256 is {found[:12]}…, not"
                f" {upload.sha256[:12]}…. Send it again.",
                file=upload.filename,
                fault="SHA-256 differs",
                offset=0,
            )
    return True


def complete(session: Session, user: User, upload_id: int) -> Upload:
    """Mark an upload complete, after :func:`is_whole`.

    Raises:
        NotFound: it was thrown away meanwhile.
    """
    upload = get(session, user, upload_id, lock=True)
    upload.completed_at = datetime.now(UTC)
    session.flush()
    return upload


def discard(session: Session, user: User, folder: Path, upload_id: int) -> None:
    """Throw an upload away.

    Raises:
        Conflict: an import uses it.
    """
    upload = get(session, user, upload_id, lock=True)
    if upload.consumed_at is not None:
        raise Conflict(f"{upload.filename} belongs to an import.")
    session.delete(upload)
    session.flush()
    files.part_path(folder, upload_id).unlink(missing_ok=True)


def consume(session: Session, user: User, upload_ids: Sequence[int]) -> list[Upload]:
    """Hand complete uploads over to an import; each can be used once.

    Args:
        session: The transaction that creates the import's job.
        user: Who imports.
        upload_ids: In the order wanted.

    Returns:
        The uploads in the order of the ids; their bytes lie at :func:`path_of`.

    Raises:
        NotFound: an id is unknown or somebody else's.
        Conflict: one is not complete, or used already.
    """
    uploads = []
    for upload_id in upload_ids:
        upload = get(session, user, upload_id, lock=True)
        if upload.completed_at is None:
            raise Conflict(
                f"{upload.filename} is not completely uploaded yet.", upload_id=upload.id
            )
        if upload.consumed_at is not None:
            raise Conflict(f"{upload.filename} was used already.", upload_id=upload.id)
        upload.consumed_at = datetime.now(UTC)
        uploads.append(upload)
    session.flush()
    return uploads


def path_of(folder: Path, upload_id: int) -> Path:
    """Where the bytes of a complete upload lie until :func:`remove_files`."""
    return files.part_path(folder, upload_id)


def remove_files(folder: Path, upload_ids: Sequence[int]) -> None:
    """Delete the bytes of consumed uploads once nobody needs them; missing ones are no error."""
    for upload_id in upload_ids:
        files.part_path(folder, upload_id).unlink(missing_ok=True)


def clean_abandoned(session: Session, folder: Path, older_than: timedelta = ABANDONED_AFTER) -> int:
    """Delete uploads that no chunk was added to for a day and that no import uses.

    Returns:
        How many were deleted.
    """
    removed = 0
    for upload_id, path in files.stray_parts(folder, older_than.total_seconds()):
        upload = session.scalar(
            select(Upload).where(Upload.id == upload_id).with_for_update(skip_locked=True)
        )
        if upload is None:
            known = session.scalar(select(Upload.id).where(Upload.id == upload_id))
            if known is not None:  # locked: somebody is sending to it
                continue
        elif upload.consumed_at is not None:
            continue
        else:
            session.delete(upload)
        path.unlink(missing_ok=True)
        removed += 1
    session.flush()
    return removed
