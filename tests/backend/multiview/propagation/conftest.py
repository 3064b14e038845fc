"""A recording in which the model lost a wrist for a while, and where answers are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import FRAMES, find_people
from tests.factories import frames_of, make_annotator, make_recording


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_recording(session, frames=FRAMES, annotator=annotator)
    for frame in frames_of(session, recording):
        frame.time_s = frame.position / 30
    find_people(session, recording, lost=range(8, 17))
    return recording


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> BlobStore:
    return open_store(settings.model_copy(update={"storage": f"file://{tmp_path}/store"}))


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()
