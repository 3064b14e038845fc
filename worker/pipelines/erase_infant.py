"""Erasing an infant whose family took its consent back: one recording after the other."""

from __future__ import annotations

from typing import Final

from backend.core.jobs import scratch
from backend.publishing.consents import erasing, repository
from backend.publishing.consents.payloads import EraseInfantPayload
from worker.context import Finish, JobContext

_LOOK_SECONDS: Final = 0.5
"""So often it is looked whether jobs that were asked to stop have done so."""


def run(context: JobContext) -> Finish:
    """Erase all recordings, then what failed imports and publications left.

    Each recording is a transaction of its own: a job that was stopped goes on with those that are
    left, and what is gone is gone. Whatever works on them, or writes a release that held the infant
    until its family withdrew, is asked to stop, and its end is waited for.
    """
    asked = context.read(EraseInfantPayload)
    with context.transaction() as session:
        recordings = erasing.begin(session, asked.infant_id)
        unpublished = repository.unpublished_releases(session)
    _stop_others(context, asked.infant_id)
    for done, recording_id in enumerate(recordings):
        context.check_cancelled()
        context.report(done, len(recordings), "Erasing recordings")
        _erase(context, recording_id, asked)
    context.report(len(recordings), len(recordings), "Erasing what failed jobs left")
    for release_id in unpublished:
        with context.transaction() as session:
            erasing.clear_attempts(session, release_id, context.storage)
    with context.transaction() as session:
        scratch.remove_left(session, context.settings.scratch_dir)
        uploads = erasing.erase_uploads(session, asked.infant_id, context.settings.uploads_dir)
    return lambda session: erasing.finish(session, asked, context.id, uploads)


def _stop_others(context: JobContext, infant_id: int) -> None:
    """Wait until nothing works any more that could write anew what is erased."""
    while True:
        with context.transaction() as session:
            waiting = [(job.id, job.title) for job in erasing.stop_others(session, infant_id)]
        if not waiting:
            return
        context.check_cancelled()
        number, title = waiting[0]
        context.report(0, None, f"Waiting until job {number} has stopped: {title}"[:200])
        context.stop_asked.wait(_LOOK_SECONDS)


def _erase(context: JobContext, recording_id: int, asked: EraseInfantPayload) -> None:
    """Erase one recording, also where a job begins to work on it at this moment."""
    while True:
        try:
            with context.transaction() as session:
                erasing.erase_recording(session, recording_id, asked, context.id, context.storage)
            return
        except erasing.Busy:
            _stop_others(context, asked.infant_id)
