"""Removing the files of a withdrawn release from the store, and pictures drawn of them."""

from __future__ import annotations

from backend.models.runs import service as runs
from backend.publishing.releases import removal, repository
from backend.publishing.releases.payloads import RemoveReleasePayload
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Remove all that lies under the release's prefix, also what attempts to write it had left."""
    asked = context.read(RemoveReleasePayload)
    with context.transaction() as session:
        release = repository.get(session, asked.release_id)
        removal.require_withdrawn(release)
        files = release.files
        runs.remove_pictures(session, context.storage, asked.release_id)
    context.report(0, None, f"Removing {files:,} files")
    context.storage.delete_prefix(f"releases/{asked.release_id}/")
    return lambda session: removal.note_removed(session, asked.release_id)
