"""Writing the file of an export in its format, and the file that it refers to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.core.database.tables import Export
from backend.publishing.exports import service as exports
from backend.publishing.exports.payloads import ExportPayload
from backend.publishing.formats.writing import Written
from backend.publishing.labelled import BodyFits
from worker.context import Finish, JobContext


@dataclass(frozen=True, slots=True)
class _File:
    """A file of an export on its way into the blob store."""

    export_id: int
    path: Path
    key: str
    written: Written


@dataclass(frozen=True, slots=True)
class _Stored:
    """A file of an export in the blob store."""

    file: _File
    size: int
    sha256: str


def run(context: JobContext) -> Finish:
    """Write an export's file, after the file of body fits that it refers to where there is one."""
    export_id = context.read(ExportPayload).export_id
    with context.scratch() as scratch:
        files: list[_File] = []
        with context.transaction() as session:
            export = exports.get(session, export_id)
            fits = None
            if export.companion_id is not None:
                companion = exports.get(session, export.companion_id)
                fits = exports.body_fits(session, companion)
                files.append(_write(context, session, companion, scratch, fits))
            files.append(_write(context, session, export, scratch, fits))
        stored = [_store(context, file) for file in files]

    def finish(session: Session) -> dict[str, Any]:
        for one in stored:
            row = exports.get(session, one.file.export_id, lock=True)
            exports.finish_export(
                row, one.file.written, key=one.file.key, size=one.size, sha256=one.sha256
            )
        return {
            "export_id": export_id,
            "bytes": stored[-1].size,
            "sha256": stored[-1].sha256,
            "notes": [note for one in stored for note in one.file.written.notes],
        }

    return finish


def _write(
    context: JobContext, session: Session, export: Export, scratch: Path, fits: BodyFits | None
) -> _File:
    def progress(done: int, total: int | None) -> None:
        context.check_cancelled()
        context.report(done, total, "Writing annotations")

    context.check_cancelled()
    path = scratch / f"export-{export.id}"
    with path.open("wb") as target:
        written = exports.write_export(
            session, export, target, progress=progress, scratch=scratch, fits=fits
        )
    return _File(export.id, path, exports.storage_key(export), written)


def _store(context: JobContext, file: _File) -> _Stored:
    context.check_cancelled()
    with file.path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    context.storage.put(file.key, file.path)
    return _Stored(file, file.path.stat().st_size, sha256)
