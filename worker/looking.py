"""Looks at what changed in a recording: which joints probably need a hand."""

from __future__ import annotations

import structlog

from backend.core.database.engine import shared_engine
from backend.core.database.session import transaction
from backend.core.database.tables import Recording
from backend.core.settings import Settings, get_settings
from backend.overview.suspicions.looking import look as look_at

log = structlog.get_logger(__name__)


def look(recording_id: int, settings: Settings | None = None) -> int:
    """Look at a recording in one transaction; returns of how many frames something was said.

    What fails leaves everything noted, so that it is tried again.
    """
    settings = settings or get_settings()
    with transaction(shared_engine(settings.required_database_url)) as session:
        recording = session.get(Recording, recording_id)
        if recording is None:
            return 0
        said = look_at(session, recording)
    log.info("looked", recording=recording_id, frames=said)
    return said
