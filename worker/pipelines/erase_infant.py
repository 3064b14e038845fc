"""Erasing an infant whose family took its consent back: one recording after the other."""

from __future__ import annotations

from backend.core.jobs import scratch
from backend.publishing.consents import erasing, repository
from backend.publishing.consents.payloads import EraseInfantPayload
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Erase all recordings, then what failed imports and publications left.

    Each recording is a transaction of its own: a job that was stopped goes on with those that are
    left, and what is gone is gone.
    """
    asked = context.read(EraseInfantPayload)
    with context.transaction() as session:
        recordings = erasing.begin(session, asked.infant_id)
        unpublished = repository.unpublished_releases(session)
    for done, recording_id in enumerate(recordings):
        context.check_cancelled()
        context.report(done, len(recordings), "Erasing recordings")
        with context.transaction() as session:
            erasing.erase_recording(session, recording_id, asked, context.id, context.storage)
    context.report(len(recordings), len(recordings), "Erasing what failed jobs left")
    for release_id in unpublished:
        with context.transaction() as session:
            erasing.clear_attempts(session, release_id, context.storage)
    with context.transaction() as session:
        scratch.remove_left(session, context.settings.scratch_dir)
        uploads = erasing.erase_uploads(session, asked.infant_id, context.settings.uploads_dir)
    return lambda session: erasing.finish(session, asked, context.id, uploads)
