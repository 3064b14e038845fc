"""The same comment that comes twice at once is written once, and both are answered."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Comment, User
from backend.domain.workflow import Stage
from backend.labelling.reviews import service
from backend.labelling.reviews.schemas import CommentIn
from tests.factories import frame_ids_of, make_inspector, make_recording


def test_a_double_click_writes_one_comment(engine: Engine, committed: Session) -> None:
    inspector = make_inspector(committed)
    recording = make_recording(committed, Stage.INSPECTING, inspector=inspector, frames=1)
    (frame_id,) = frame_ids_of(committed, recording)
    committed.commit()
    asked = CommentIn(body="look again", operation_id=uuid.uuid4())

    def write() -> int:
        with transaction(engine) as session:
            return service.comment(session, session.get_one(User, inspector.id), frame_id, asked).id

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            me = session.get_one(User, inspector.id)
            first = service.comment(session, me, frame_id, asked).id
            second = pool.submit(write)
            waiting = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            with engine.connect() as watching:
                while not watching.scalar(waiting) and not second.done():
                    watching.rollback()
        assert second.result(timeout=30) == first
    assert len(committed.scalars(select(Comment).where(Comment.frame_id == frame_id)).all()) == 1
