"""The same act that comes twice at once is painted once, and both are answered alike."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import User
from backend.domain.posture_ranges import Stroke
from backend.domain.postures import label_of_posture
from backend.domain.workflow import Stage
from backend.labelling.postures import service
from backend.labelling.postures.schemas import PosturesOut
from tests.factories import make_annotator, make_recording


def test_a_double_send_paints_once(engine: Engine, committed: Session) -> None:
    annotator = make_annotator(committed)
    recording = make_recording(committed, Stage.ANNOTATING, annotator=annotator, frames=4)
    committed.commit()
    act = uuid.uuid4()

    def paint(session: Session) -> PosturesOut:
        return service.paint_postures(
            session,
            session.get_one(User, annotator.id),
            recording.id,
            [Stroke(0, 2, label_of_posture("rolling"))],
            version=0,
            operation_id=act,
        )

    def second() -> PosturesOut:
        with transaction(engine) as session:
            return paint(session)

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            first = paint(session)
            later = pool.submit(second)
            waiting = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            with engine.connect() as watching:
                while not watching.scalar(waiting) and not later.done():
                    watching.rollback()
        assert later.result(timeout=30) == first
    with transaction(engine) as session:
        assert len(service.history(session, recording.id)) == 1
