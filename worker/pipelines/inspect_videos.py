"""Look into uploaded videos, so that people see what an import would make of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Upload
from backend.core.jobs.service import held
from backend.core.uploads import service as uploads
from backend.domain.errors import InvalidInput, TooLarge
from backend.recordings.inspection import service
from backend.recordings.inspection.facts import packed
from backend.recordings.inspection.payloads import InspectPayload
from worker.context import Finish, JobContext
from worker.pipelines.video_files import look_at


def run(context: JobContext) -> Finish:
    """Look at each file; one that cannot be read is noted and does not end the job."""
    ids = context.read(InspectPayload).upload_ids
    folder = context.settings.uploads_dir
    with context.transaction() as session:
        rows = session.scalars(select(Upload).where(Upload.id.in_(ids)))
        names = {row.id: row.filename for row in rows if row.consumed_at is None}
    for done, upload_id in enumerate(ids):
        context.check_cancelled()
        name = names.get(upload_id)
        if name is None:  # thrown away, or imported meanwhile
            continue
        context.report(done, len(ids), f"Looking at {name}")
        seen, fault = None, None
        try:
            seen = look_at(
                uploads.path_of(folder, upload_id), name, context.settings.max_video_pixels
            )
        except (InvalidInput, TooLarge) as error:
            fault = error.message
        with context.transaction() as session:
            held(session, context.id, context.claim)
            if session.get(Upload, upload_id, with_for_update=True) is None:
                continue
            look, times = (seen.look, packed(seen.times_s)) if seen else (None, None)
            service.store(session, upload_id, look, times, fault)

    def finish(session: Session) -> dict[str, Any]:
        return {"upload_ids": ids}

    return finish
