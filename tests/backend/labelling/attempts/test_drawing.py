"""Single frames: who is given which."""

from __future__ import annotations

from sqlalchemy import select

from backend.core.database.tables import Annotation, QualityRule
from backend.domain.attempts import Purpose
from backend.domain.reliability import is_drawn
from backend.labelling.attempts import drawing, marking, service
from backend.labelling.attempts.schemas import QualityRulesBody
from tests.backend.labelling.attempts.lab import Lab
from tests.factories import annotation_of, frame_ids_of, make_annotator, make_recording


def test_gold_comes_at_the_chosen_share_of_what_somebody_decides(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 3)
    assert lab.stack(lab.ben) == []
    lab.work(lab.ben, 5)
    assert service.waiting(lab.session, lab.ben) == 2
    given = lab.stack(lab.ben)
    assert [row.purpose for row in given] == [Purpose.CHECK.value] * 2
    assert lab.stack(lab.ben) == given, "asked again, nothing more is given"


def test_nobody_is_given_a_frame_of_a_recording_that_they_have_a_part_in(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=1.0)
    lab.work(lab.ann, 4)
    assert lab.stack(lab.ann) == []


def test_an_attempt_begins_with_the_prelabel_and_not_with_the_truth(lab: Lab) -> None:
    lab.gold()
    lab.rules(gold_share=0.25)
    lab.work(lab.ben, 4)
    (attempt,) = lab.stack(lab.ben)
    truth = annotation_of(lab.session, attempt.frame_id)
    assert attempt.keypoints is not None
    assert attempt.keypoints != truth.keypoints
    assert (attempt.verdict, attempt.state) == ("undecided", "undecided")


def test_a_drawn_frame_goes_to_one_second_person_who_did_not_see_it(lab: Lab) -> None:
    lab.rules(double_share=1.0)
    lab.work(lab.ann, 3)
    cleo = make_annotator(lab.session)
    lab.work(lab.ben, 2)
    lab.work(cleo, 4)
    for_ben = lab.stack(lab.ben)
    assert len(for_ben) == 2
    for_cleo = lab.stack(cleo)
    frames = [row.frame_id for row in (*for_ben, *for_cleo)]
    assert len(frames) == len(set(frames))
    assert {row.purpose for row in for_cleo} == {Purpose.SECOND.value}
    assert all(row.seed == "1" and row.share == 1.0 for row in for_ben)
    assert all(
        annotation_of(lab.session, row.frame_id).updated_by_id in {lab.ann.id, cleo.id}
        for row in for_ben
    )


def test_the_draw_in_sql_is_the_rule_of_the_domain(lab: Lab) -> None:
    frames = frame_ids_of(lab.session, make_recording(lab.session, frames=60))
    for share in (0.0, 0.1, 0.5, 1.0):
        condition = drawing.is_drawn("seed é", share, Annotation.frame_id)
        query = select(Annotation.frame_id).where(Annotation.frame_id.in_(frames), condition)
        assert set(lab.session.scalars(query)) == {
            frame for frame in frames if is_drawn(frame, share, "seed é")
        }


def test_what_was_decided_before_the_share_was_set_is_not_checked(lab: Lab) -> None:
    lab.gold()
    lab.work(lab.ben, 8)
    body = QualityRulesBody.model_validate(lab.session.get_one(QualityRule, 1))
    marking.change_rules(lab.session, lab.boss, body.model_copy(update={"gold_share": 0.5}))
    assert lab.stack(lab.ben) == []
