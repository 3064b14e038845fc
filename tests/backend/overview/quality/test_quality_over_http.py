"""Single frames hide what others did; agreement by joint, person, recording; pairs to decide."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.core.database.tables import Attempt, GoldFrame, QualityRule
from backend.core.http.blind import OF
from backend.domain.operations import MoveJoint
from backend.domain.workflow import Stage
from backend.web.app import create_app
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    bearer,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)

TRUTH = 311.25


class House:
    """An approved recording by Ann; gold frames of it come to Ben, and he to her frames."""

    def __init__(self, session: Session, client: TestClient) -> None:
        self.session, self.client = session, client
        self.boss = make_maintainer(session)
        self.ann, self.ben = make_annotator(session), make_annotator(session)
        self.approved = make_recording(session, frames=3, annotator=self.ann)
        make_candidates(session, self.approved)
        for frame_id in frame_ids_of(session, self.approved):
            edit(session, self.ann, frame_id, MoveJoint(9, TRUTH, 200.0), KEEP)
        self.approved.stage = Stage.APPROVED.value
        theirs = make_recording(session, frames=2, annotator=self.ben)
        make_candidates(session, theirs)
        self.theirs = frame_ids_of(session, theirs)
        for frame_id in self.theirs:
            accept(session, self.ben, frame_id)
        self.who = {
            person.id: bearer(session, person) for person in (self.boss, self.ann, self.ben)
        }
        session.commit()

    def get(self, person: Any, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.who[person.id], params=query)

    def post(self, person: Any, path: str, body: Any = None, **headers: str) -> Any:
        headers |= self.who[person.id]
        return self.client.post(f"/api/v1{path}", headers=headers, json=body)

    def rules(self, **changes: Any) -> None:
        body = self.get(self.boss, "/quality/rules").json() | changes
        answer = self.client.put("/api/v1/quality/rules", headers=self.who[self.boss.id], json=body)
        assert answer.status_code == 200, answer.text
        # As if the rule had held all along.
        self.session.execute(update(QualityRule).values(since=self.approved.created_at))
        self.session.commit()

    def gold(self) -> None:
        body = {"recording_id": self.approved.id, "draw": 3, "use": "check"}
        assert self.post(self.boss, "/quality/gold", body).status_code == 200

    def answer(self, person: Any, attempt: int, *operations: dict[str, Any]) -> None:
        keep = {"type": "setVerdict", "verdict": "keep"}
        body = {"operation_id": str(uuid.uuid4()), "operations": [*operations, keep]}
        out = self.post(person, f"/attempts/{attempt}/operations", body, **{"If-Match": '"0"'})
        assert out.status_code == 200, out.text
        closed = self.post(person, f"/attempts/{attempt}/close")
        assert closed.json() == {"id": attempt, "feedback": None}


@pytest.fixture
def house(committed: Session, client: TestClient) -> Iterator[House]:
    committed.execute(delete(GoldFrame))
    yield House(committed, client)
    committed.rollback()
    committed.execute(delete(Attempt))
    committed.execute(delete(GoldFrame))
    committed.execute(
        update(QualityRule).values(gold_share=0, double_share=0, training_required=False)
    )
    committed.commit()


def test_the_truth_of_a_gold_frame_can_be_read_nowhere_until_it_is_answered(house: House) -> None:
    house.gold()
    house.rules(gold_share=0.5)
    (frame,) = house.post(house.ben, "/attempts/stack").json()["frames"]
    attempt = house.session.get_one(Attempt, frame["id"])
    shown = house.get(house.ben, f"/attempts/{frame['id']}")
    document = shown.json()
    text = json.dumps(document)
    assert str(TRUTH) not in text
    assert document["recording_id"] == document["moment_id"] == document["position"] == 0
    assert house.ann.name not in text
    assert house.approved.name not in text
    assert document["annotation"]["state"] == "undecided"

    values = {
        "recording_id": house.approved.id,
        "frame_id": attempt.frame_id,
        "moment_id": 1,
        "fit_id": 1,
        "release_id": 1,
        "export_id": 1,
        "evaluation_id": 1,
    }
    closed = 0
    for template, methods in create_app(with_pages=False).openapi()["paths"].items():
        named = {name for name in OF if f"{{{name}}}" in template}
        if "get" not in methods or not named & {"recording_id", "frame_id", "release_id"}:
            continue
        path = template.removeprefix("/api/v1")
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", str(value))
        path = path.replace("{joint}", "0")
        answer = house.get(house.ben, path)
        # Another refusal would do too: that a query is missing, or that it is for maintainers.
        assert answer.status_code in {403, 422}, f"{path}: {answer.status_code}"
        assert str(TRUTH) not in answer.text, path
        closed += answer.status_code == 403
    assert closed > 30
    near = f"/recordings/{house.approved.id}/propagation/near"
    assert house.post(house.ben, near, {"frame_id": attempt.frame_id}).status_code == 403
    assert house.get(house.ben, f"/frames/{house.theirs[0]}").status_code == 200
    assert house.get(house.boss, f"/frames/{attempt.frame_id}").status_code == 200

    house.answer(house.ben, frame["id"])
    after = house.get(house.ben, f"/frames/{attempt.frame_id}")
    assert after.json()["annotation"]["joints"][9]["x"] == TRUTH


def test_what_is_released_does_not_know_of_attempts(house: House) -> None:
    house.gold()
    house.rules(gold_share=0.5)
    (frame,) = house.post(house.ben, "/attempts/stack").json()["frames"]
    frame_id = house.session.get_one(Attempt, frame["id"]).frame_id
    before = house.get(house.boss, f"/frames/{frame_id}").json()
    rounds = house.get(house.boss, f"/frames/{frame_id}/history").json()
    house.answer(house.ben, frame["id"], {"type": "moveJoint", "joint": 0, "x": 9.0, "y": 9.0})
    assert house.get(house.boss, f"/frames/{frame_id}").json() == before
    assert house.get(house.boss, f"/frames/{frame_id}/history").json() == rounds
    listed = house.get(house.boss, f"/recordings/{house.approved.id}").json()
    assert listed["annotator"]["id"] == house.ann.id


def test_agreement_is_told_by_joint_person_recording_and_pair(house: House) -> None:
    house.rules(double_share=1.0)
    frames = house.post(house.ben, "/attempts/stack").json()["frames"]
    assert len(frames) == 2
    for frame in frames:
        house.answer(
            house.ben, frame["id"], {"type": "moveJoint", "joint": 9, "x": TRUTH + 6, "y": 208.0}
        )
    told = house.get(house.boss, "/quality/agreement").json()
    ours = [row for row in told["recordings"] if row["key"] == str(house.approved.id)]
    assert (ours[0]["frames"], ours[0]["verdicts"]) == (2, 1.0)
    assert 0.9 < ours[0]["oks"] < 1
    cell = [c for c in told["matrix"] if {c["one"]["id"], c["other"]["id"]}
            == {house.ann.id, house.ben.id}]  # fmt: skip
    assert cell[0]["frames"] == 2
    own = house.get(house.ben, "/quality/agreement").json()
    assert own["everybody"] is False
    assert [row["name"] for row in own["people"]] == [house.ben.name]
    assert own["recordings"] == own["matrix"] == []
    wrist = next(row for row in own["joints"] if row["key"] == "left_wrist")
    assert wrist["px"] == pytest.approx(10.0)
    assert house.get(house.ben, "/quality/agreement", person_id=house.ann.id).status_code == 403
    table = house.get(house.boss, "/quality/agreement.csv")
    assert table.text.startswith("of,frames,")
    assert f"recording,{2}," in table.text


def test_a_pair_is_shown_with_both_answers_and_decided_once(house: House) -> None:
    house.rules(double_share=1.0)
    frame = house.post(house.ben, "/attempts/stack").json()["frames"][0]
    house.answer(house.ben, frame["id"], {"type": "moveJoint", "joint": 9, "x": 9.0, "y": 9.0})
    listed = house.get(house.boss, "/quality/pairs", only_open=False).json()
    mine = next(pair for pair in listed["pairs"] if pair["id"] == frame["id"])
    assert mine["worst_px"] > 300
    assert "reopen" in mine["blocked"]
    assert house.get(house.ben, "/quality/pairs").status_code == 403
    pair = house.get(house.boss, f"/quality/pairs/{frame['id']}").json()
    assert pair["first"]["joints"][9]["x"] == TRUTH
    assert pair["second"]["joints"][9]["x"] == 9.0
    assert "reopen" in pair["blocked"]
    house.session.execute(
        update(type(house.approved))
        .where(type(house.approved).id == house.approved.id)
        .values(stage=Stage.INSPECTING.value)
    )
    house.session.commit()
    pair = house.get(house.boss, f"/quality/pairs/{frame['id']}").json()
    assert pair["blocked"] is None
    body = {
        "operation_id": str(uuid.uuid4()),
        "version": pair["version"],
        "verdict": "second",
        "choices": [{"joint": 9, "take": "new", "x": 50.0, "y": 60.0, "v": 1}],
    }
    decided = house.post(house.boss, f"/quality/pairs/{frame['id']}/adjudication", body)
    assert decided.status_code == 200, decided.text
    again = house.post(house.boss, f"/quality/pairs/{frame['id']}/adjudication", body)
    assert again.json() == decided.json()
    pair = house.get(house.boss, f"/quality/pairs/{frame['id']}").json()
    assert pair["decided"]["joints"] == {"9": "new"}
    house.session.expire_all()
    now = annotation_of(house.session, pair["frame_id"])
    assert now.keypoints is not None
    assert now.keypoints[27:30] == [50.0, 60.0, 1.0]


def test_maintainers_see_how_everybody_stands(house: House) -> None:
    house.gold()
    house.rules(gold_share=0.5)
    (frame,) = house.post(house.ben, "/attempts/stack").json()["frames"]
    house.answer(house.ben, frame["id"])
    people = house.get(house.boss, "/quality/people").json()
    ben = next(row for row in people if row["person"]["id"] == house.ben.id)
    assert (ben["checks"], ben["open"], ben["seconds"]) == (1, 0, 0)
    assert ben["check_oks"] < 1
    assert house.get(house.ben, "/quality/people").status_code == 403
    assert house.get(house.ben, "/quality/gold").status_code == 403
    gold = house.get(house.boss, "/quality/gold").json()
    row = next(one for one in gold if one["recording"]["id"] == house.approved.id)
    assert (row["check"], row["training"], row["available"]) == (3, 0, 0)


def test_an_inspector_who_is_no_annotator_has_no_single_frames(house: House) -> None:
    judge = make_inspector(house.session)
    house.who[judge.id] = bearer(house.session, judge)
    house.session.commit()
    assert house.post(judge, "/attempts/stack").status_code == 403
    waiting = house.get(judge, "/attempts/waiting").json()
    assert waiting == {"single_frames": 0, "training_required": False}
