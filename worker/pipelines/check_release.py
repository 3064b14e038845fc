"""Looking for what blocks a release, and freezing its selection where nothing does."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.domain.consents import ConsentScope
from backend.publishing.exports.repository import lock_stages
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.freezing import freeze
from backend.publishing.releases.gating import Gate, find_blocking
from backend.publishing.releases.images import StoredImages, stored_images
from backend.publishing.releases.leaks import ids_of
from backend.publishing.releases.payloads import CheckReleasePayload
from backend.publishing.releases.selecting import choose
from backend.publishing.releases.settings import Images
from worker.context import Finish, JobContext
from worker.pipelines.bare_images import clean


def run(context: JobContext) -> Finish:
    """Check a draft.

    Images are read first, without holding anything. All rows are read and written in the
    transaction that ends the job: what was looked at is what is frozen.
    """
    release_id = context.read(CheckReleasePayload).release_id
    images = _read_images(context, release_id)
    context.report(0, None, "Looking for what blocks")

    def finish(session: Session) -> dict[str, Any]:
        release = repository.get(session, release_id)
        settings = service.settings_of(release)
        rule, audience = settings.selection, ConsentScope(release.audience)
        known = choose(session, rule, audience).recordings
        # A family that takes its consent back does it before, and is seen, or finds this frozen.
        repository.hold_infants(session, {one.infant_id for one in known.values()})
        release = repository.get(session, release_id, lock=True)
        service.thaw(session, release)
        lock_stages(session, sorted(known))
        chosen = choose(session, rule, audience)
        moved = drafts.follow(session, release, set(ids_of(chosen).values()))
        gate = find_blocking(session, release, settings, chosen, images, moved)
        release.gate = _stored(gate)
        frames = 0
        if gate.open:
            frames = freeze(session, release, chosen, settings.packaging)
        session.flush()
        service.tell(session, release)
        return {
            "release_id": release_id,
            "frames": frames,
            "blocking": {kind.value: count for kind, count in gate.counts.items()},
        }

    return finish


def _read_images(context: JobContext, release_id: int) -> StoredImages:
    """Compare the images that the rule selects now with the hashes of their import.

    Photographs that an earlier version stored with their metadata are cleaned first.
    """
    images = StoredImages(context.storage)
    with context.transaction() as session:
        release = repository.get(session, release_id)
        settings = service.settings_of(release)
        if settings.packaging.images is Images.NONE:
            return images
        chosen = choose(session, settings.selection, ConsentScope(release.audience))
        frame_ids = chosen.frame_ids.tolist()

    def told(done: int, total: int) -> None:
        context.check_cancelled()
        context.report(done, total, "Taking metadata out of stored photographs")

    clean(context.transaction, context.storage, frame_ids, told)
    with context.transaction() as session:
        wanted = stored_images(session, frame_ids)
    for done in images.read(wanted):
        context.check_cancelled()
        context.report(done, len(wanted), "Reading images")
    return images


def _stored(gate: Gate) -> list[dict[str, Any]]:
    checked_at = datetime.now(UTC).isoformat()
    return [
        {
            "kind": kind.value,
            "count": count,
            "items": [asdict(item) for item in gate.listed[kind]],
            "checked_at": checked_at,
        }
        for kind, count in gate.counts.items()
    ]
