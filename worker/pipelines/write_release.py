"""Writing files of recordings: keypoints as a COCO stream, body fits as an .npz."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.publishing.exports import service as releases
from backend.publishing.exports.fits import CollectedFits, collect_fits
from backend.publishing.exports.payloads import ExportCocoPayload, ExportFitsPayload
from worker.context import Finish, JobContext


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the blob store."""

    key: str
    size: int
    sha256: str


@contextmanager
def _scratch(context: JobContext) -> Iterator[Path]:
    folder = context.settings.data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        yield Path(scratch)


def _store(context: JobContext, path: Path, key: str) -> Stored:
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    size = path.stat().st_size
    context.storage.put(key, path)
    return Stored(key, size, sha256)


def _write_fits(context: JobContext, scratch: Path, fits: CollectedFits, key: str) -> Stored:
    path = scratch / "fits.npz"
    np.savez_compressed(path, **fits.arrays)  # type: ignore[arg-type]
    return _store(context, path, key)


def run(context: JobContext) -> Finish:
    """Write a COCO file, and the file of body fits that it refers to where one was asked for."""
    export_id = context.read(ExportCocoPayload).export_id
    fits = stored_fits = companion_id = None
    with _scratch(context) as scratch:
        path = scratch / "export.json"

        def progress(done: int, total: int | None) -> None:
            context.check_cancelled()
            context.report(done, total, "Writing annotations")

        with context.transaction() as session, path.open("wb") as file:
            export = releases.get(session, export_id)
            companion_id = export.companion_id
            if companion_id is not None:
                fits = collect_fits(session, export.recording_ids)
                companion_key = releases.storage_key(releases.get(session, companion_id))
            written = releases.write_export(
                session, export, file, progress=progress, spool_folder=scratch, fits=fits
            )
            key = releases.storage_key(export)
        stored = _store(context, path, key)
        if fits is not None:
            stored_fits = _write_fits(context, scratch, fits, companion_key)

    def finish(session: Session) -> dict[str, Any]:
        export = releases.get(session, export_id, lock=True)
        releases.finish_export(
            export, written, key=stored.key, size=stored.size, sha256=stored.sha256
        )
        if companion_id is not None and stored_fits is not None and fits is not None:
            _finish_fits(session, companion_id, fits.count, stored_fits)
        return {"export_id": export_id, "bytes": stored.size, "sha256": stored.sha256}

    return finish


def _finish_fits(session: Session, export_id: int, count: int, stored: Stored) -> None:
    export = releases.get(session, export_id, lock=True)
    releases.finish_fits(export, count, key=stored.key, size=stored.size, sha256=stored.sha256)


def run_fits(context: JobContext) -> Finish:
    """Write a file of body fits."""
    payload = context.read(ExportFitsPayload)
    export_id = payload.export_id
    with _scratch(context) as scratch:
        with context.transaction() as session:
            export = releases.get(session, export_id)
            fits = collect_fits(
                session,
                export.recording_ids,
                include_unverified=payload.include_unverified,
            )
            key = releases.storage_key(export)
        context.check_cancelled()
        stored = _write_fits(context, scratch, fits, key)

    def finish(session: Session) -> dict[str, Any]:
        _finish_fits(session, export_id, fits.count, stored)
        return {"export_id": export_id, "bytes": stored.size, "fits": fits.count}

    return finish
