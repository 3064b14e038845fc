"""A recording whose joints are approved and whose boxes are under review, and who works on it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from tests.factories import frame_ids_of, make_annotator, make_boxed_recording, make_inspector


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def recording(session: Session, annotator: User, inspector: User) -> Recording:
    return make_boxed_recording(session, annotator, inspector=inspector)


@pytest.fixture
def frame_id(session: Session, recording: Recording) -> int:
    return frame_ids_of(session, recording)[0]
