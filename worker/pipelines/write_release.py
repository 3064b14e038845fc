"""Writing a COCO file of approved recordings, as a stream."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.releases import service as releases
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Write the file beside the data, store it, and note its size and hash."""
    export_id = int(context.payload["export_id"])
    folder = context.settings.data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "export.json"

        def progress(done: int, total: int | None) -> None:
            context.check_cancelled()
            context.report(done, total, "Writing annotations")

        with context.transaction() as session, path.open("wb") as file:
            export = releases.get(session, export_id)
            written = releases.write_export(
                session, export, file, progress=progress, spool_folder=Path(scratch)
            )
            key = releases.storage_key(export)
        with path.open("rb") as written_file:
            sha256 = hashlib.file_digest(written_file, "sha256").hexdigest()
        size = path.stat().st_size
        context.storage.put(key, path)

    def finish(session: Session) -> dict[str, Any]:
        export = releases.get(session, export_id, lock=True)
        releases.finish_export(export, written, key=key, size=size, sha256=sha256)
        return {"export_id": export_id, "bytes": size, "sha256": sha256}

    return finish
