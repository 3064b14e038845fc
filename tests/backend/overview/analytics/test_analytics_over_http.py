"""How people work, over HTTP: sums of real saves, each person's own."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.tables import User
from backend.domain.operations import MoveJoint
from backend.domain.reviews import Mark
from backend.domain.workflow import Stage
from backend.labelling.marks import joints as joint_marks
from backend.labelling.marks import service as marks
from backend.labelling.marks.schemas import JointMarksIn
from backend.labelling.samples import service as samples
from backend.labelling.samples.schemas import SampleIn
from tests.factories import (
    KEEP,
    accept,
    bearer,
    discard,
    edit,
    frame_ids_of,
    look_at,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)
SPAN = {"since": "2025-03-01", "until": "2025-03-31"}


def at(session: Session, user: User, seconds: list[float], begin: datetime = MONDAY) -> None:
    """As if a person's saves had been made so many seconds after the beginning."""
    ids = session.scalars(
        text("SELECT id FROM annotation_revisions WHERE author_id = :u ORDER BY id"),
        {"u": user.id},
    ).all()
    for key, after in zip(ids, seconds, strict=True):
        session.execute(
            text("UPDATE annotation_revisions SET created_at = :t WHERE id = :i"),
            {"t": begin + timedelta(seconds=after), "i": key},
        )


@pytest.fixture
def worked(committed: Session) -> User:
    """Somebody who accepted one frame, moved a wrist in another and discarded the third."""
    ann = make_annotator(committed)
    recording = make_recording(committed, annotator=ann)
    make_candidates(committed, recording)
    one, two, three = frame_ids_of(committed, recording)
    accept(committed, ann, one)
    joints = make_candidates_joint(committed, two)
    edit(committed, ann, two, MoveJoint(9, joints[0] + 3, joints[1] + 4), KEEP)
    discard(committed, ann, three)
    at(committed, ann, [0, 10, 500])
    return ann


def make_candidates_joint(session: Session, frame_id: int) -> tuple[float, float]:
    """Where the pre-label of a frame has its left wrist."""
    keypoints = session.scalars(
        text("SELECT keypoints FROM annotations WHERE frame_id = :f"), {"f": frame_id}
    ).one()
    return keypoints[27], keypoints[28]


def ask(client: TestClient, headers: dict[str, str], **params: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/analytics", params=SPAN | params, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_pause_between_two_saves_is_no_work(
    client: TestClient, committed: Session, worked: User
) -> None:
    headers = bearer(committed, worked)
    committed.commit()
    row = ask(client, headers)["total"]
    assert (row["frames"], row["saves"], row["active_s"]) == (3, 3, 10)
    assert row["seconds_per_frame"] == pytest.approx(10)


def test_what_became_of_the_frames_and_how_far_joints_were_moved(
    client: TestClient, committed: Session, worked: User
) -> None:
    headers = bearer(committed, worked)
    committed.commit()
    row = ask(client, headers)["total"]
    assert (row["accepted"], row["corrected"], row["discarded"]) == (1, 1, 1)
    assert (row["joints_moved"], row["px_per_joint"]) == (1, pytest.approx(5.0))
    assert row["actions_per_frame"] == pytest.approx(4 / 3)


def test_frames_that_came_back_count_for_who_made_them(
    client: TestClient, committed: Session
) -> None:
    ann, inspector = make_annotator(committed), make_inspector(committed)
    recording = make_recording(committed, annotator=ann)
    make_candidates(committed, recording)
    frames = frame_ids_of(committed, recording)
    for frame in frames:
        accept(committed, ann, frame)
    recording.stage = Stage.INSPECTING.value
    marks.mark(committed, inspector, frames[0], Mark.REVISE)
    marks.mark(committed, inspector, frames[1], Mark.GOOD)
    headers = bearer(committed, ann)
    committed.commit()
    today = datetime.now(UTC).date().isoformat()
    row = ask(client, headers, since=today, until=today)["total"]
    assert (row["marked"], row["returned"], row["return_rate"]) == (2, 1, 0.5)


def test_weeks_without_work_are_rows_of_nothing(client: TestClient, committed: Session) -> None:
    ann = make_annotator(committed)
    recording = make_recording(committed, annotator=ann)
    make_candidates(committed, recording)
    one, two, _ = frame_ids_of(committed, recording)
    accept(committed, ann, one)
    accept(committed, ann, two)
    at(committed, ann, [0, 14 * 86400])
    headers = bearer(committed, ann)
    committed.commit()
    rows = ask(client, headers, by="week")["rows"]
    assert [(row["name"], row["frames"]) for row in rows] == [
        ("2025-03-03", 1),
        ("2025-03-10", 0),
        ("2025-03-17", 1),
    ]


def test_people_see_their_own_work_and_maintainers_everybodys(
    client: TestClient, committed: Session, worked: User
) -> None:
    own, boss = bearer(committed, worked), bearer(committed, make_maintainer(committed))
    other = bearer(committed, make_annotator(committed))
    committed.commit()
    assert [row["key"] for row in ask(client, own)["rows"]] == [str(worked.id)]
    assert str(worked.id) in [row["key"] for row in ask(client, boss)["rows"]]
    assert ask(client, other)["rows"] == []
    refused = client.get("/api/v1/analytics", params={"person_id": worked.id}, headers=other)
    assert refused.status_code == 403


def test_the_table_is_the_same_numbers_and_no_formula(
    client: TestClient, committed: Session, worked: User
) -> None:
    worked.name = "=HYPERLINK(1)"
    headers = bearer(committed, worked)
    committed.commit()
    answer = client.get("/api/v1/analytics.csv", params=SPAN, headers=headers)
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["name"], row["frames"], row["active_s"]) == ("'=HYPERLINK(1)", "3", "10.0")


def test_days_the_wrong_way_round_are_refused(client: TestClient, committed: Session) -> None:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    params = {"since": "2025-03-02", "until": "2025-03-01"}
    answer = client.get("/api/v1/analytics", params=params, headers=headers)
    assert (answer.status_code, "before the first" in answer.text) == (422, True)


def test_time_that_the_page_measured_counts_instead_of_gaps(
    client: TestClient, committed: Session, worked: User
) -> None:
    committed.execute(
        text(
            "UPDATE annotation_revisions SET seconds_shown = 4.5 WHERE author_id = :u"
            " AND created_at >= :t"
        ),
        {"u": worked.id, "t": MONDAY + timedelta(seconds=10)},
    )
    headers = bearer(committed, worked)
    committed.commit()
    row = ask(client, headers)["total"]
    assert (row["active_s"], row["measured"]) == (9.0, 2)
    assert row["seconds_per_frame"] == pytest.approx(4.5)


def test_time_in_which_several_cameras_were_looked_at_together_counts_once(
    client: TestClient, committed: Session
) -> None:
    ann = make_annotator(committed)
    recording = make_recording(committed, annotator=ann, frames=2, cameras=4)
    make_candidates(committed, recording)
    for frame in frame_ids_of(committed, recording):
        accept(committed, ann, frame)
    by_moment = text(
        "UPDATE annotation_revisions r SET seconds_shown = 8, created_at = CAST(:t AS timestamptz)"
        " + f.moment_id * interval '10 seconds' FROM frames f"
        " WHERE f.id = r.frame_id AND r.author_id = :u"
    )
    committed.execute(by_moment, {"t": MONDAY, "u": ann.id})
    headers = bearer(committed, ann)
    committed.commit()
    row = ask(client, headers)["total"]
    assert (row["frames"], row["active_s"], row["seconds_per_frame"]) == (8, 16.0, 2.0)


def test_frames_with_inferred_joints_are_a_share_of_those_kept(
    client: TestClient, committed: Session, worked: User
) -> None:
    committed.execute(
        text(
            "UPDATE annotation_revisions SET propagated ="
            ' \'{"sources": [1], "solve": 1, "joints": 3}\''
            " WHERE author_id = :u AND state = 'accepted'"
        ),
        {"u": worked.id},
    )
    headers = bearer(committed, worked)
    committed.commit()
    row = ask(client, headers)["total"]
    assert (row["propagated"], row["share_propagated"]) == (1, 0.5)


def test_errors_that_samples_found_count_for_who_made_them(
    client: TestClient, committed: Session
) -> None:
    ann, inspector = make_annotator(committed), make_inspector(committed)
    recording = make_recording(committed, annotator=ann, frames=4)
    make_candidates(committed, recording)
    frames = frame_ids_of(committed, recording)
    for frame in frames:
        accept(committed, ann, frame)
    recording.stage = Stage.INSPECTING.value
    committed.flush()
    request = SampleIn(operation_id=uuid.uuid4(), seed=7)
    sample = samples.draw(committed, inspector, recording.id, request)
    for frame in frames:
        look_at(committed, inspector, frame)
        marks.mark(committed, inspector, frame, Mark.GOOD)
    said = JointMarksIn(round=1, wrong=[9], right=[])
    joint_marks.judge(committed, inspector, frames[1], said)
    samples.vouch(committed, inspector, recording.id, sample.id)
    headers = bearer(committed, ann)
    committed.commit()
    today = datetime.now(UTC).date().isoformat()
    row = ask(client, headers, since=today, until=today)["total"]
    assert (row["sampled_joints"], row["wrong_joints"]) == (68, 1)
    assert row["errors_per_1000"] == pytest.approx(1000 / 68)
