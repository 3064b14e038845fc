"""A lab with nothing in it of other tests."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Attempt, GoldFrame
from tests.backend.labelling.attempts.lab import Lab, Two


@pytest.fixture(autouse=True)
def _nothing_else(session: Session) -> None:
    """Other tests of this worker may have committed frames and gold frames."""
    for row in session.scalars(select(GoldFrame)):
        session.delete(row)
    session.execute(update(Annotation).values(updated_by_id=None))
    session.flush()


@pytest.fixture
def lab(session: Session) -> Lab:
    return Lab(session)


@pytest.fixture
def checked(lab: Lab) -> tuple[Lab, Attempt]:
    """A gold frame that lies before Ben."""
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 4)
    (attempt,) = lab.stack(lab.ben)
    return lab, attempt


@pytest.fixture
def two(lab: Lab) -> Two:
    return Two(lab)
