"""Gold frames: which can be chosen, by whom, and with which answer."""

from __future__ import annotations

import pytest

from backend.core.database.tables import GoldFrame
from backend.domain.attempts import GoldUse
from backend.domain.errors import Conflict, Forbidden
from backend.labelling.attempts import marking
from backend.labelling.attempts.schemas import MarkGoldIn
from tests.backend.labelling.attempts.lab import Lab
from tests.factories import annotation_of, frame_ids_of


def test_approved_frames_become_gold_with_the_answer_that_stands(lab: Lab) -> None:
    marked = lab.gold(draw=2)
    assert len(marked) == 2
    row = lab.session.get_one(GoldFrame, marked[0])
    assert row.version == annotation_of(lab.session, marked[0]).version


def test_the_same_seed_draws_the_same_gold_frames(lab: Lab) -> None:
    first = lab.gold(draw=2)
    marking.take_back(lab.session, lab.boss, lab.approved.id, GoldUse.CHECK)
    assert lab.gold(draw=2) == first


def test_a_frame_that_is_not_approved_cannot_become_gold(lab: Lab) -> None:
    open_one = lab.work(lab.ben, 1)
    wanted = MarkGoldIn(
        recording_id=open_one.id,
        frame_ids=frame_ids_of(lab.session, open_one),
        use=GoldUse.CHECK,
    )
    with pytest.raises(Conflict, match="not approved"):
        marking.mark_gold(lab.session, lab.boss, wanted)


def test_only_maintainers_choose_gold_frames(lab: Lab) -> None:
    wanted = MarkGoldIn(recording_id=lab.approved.id, draw=1, use=GoldUse.CHECK)
    with pytest.raises(Forbidden):
        marking.mark_gold(lab.session, lab.ann, wanted)
