"""What a reader sees of a release: statistics and frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import delete, inspect

from backend.core.database.tables import Infant, Recording
from backend.domain.keypoints import Visibility
from backend.domain.operations import MoveJoint, SetVisibility
from backend.domain.skeleton import JOINTS
from backend.domain.workflow import Stage
from backend.publishing.releases import repository
from tests.backend.publishing.releases.lab import Lab
from tests.factories import (
    bearer,
    edit,
    frame_ids_of,
    unique,
)


def without_time(statistics: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statistics.items() if name != "frozen_at"}


def test_a_draft_is_counted_as_it_will_be_frozen(lab: Lab) -> None:
    draft = lab.get("statistics")
    assert draft["frozen_at"] is None
    assert [(r["split"], r["raw"], r["kept"], r["views"]) for r in draft["table"]] == [
        ("train", 8, 6, [1]),
        ("test", 4, 3, [1]),
    ]
    assert draft["discards"] == {"motion_blur": 3}
    assert draft["joints"]["train"]["left_wrist"] == [0, 2, 4]
    assert draft["work"]["people"][0]["role"] == "annotator"
    lab.freeze(lab.release)
    frozen = lab.get("statistics")
    assert frozen["frozen_at"] is not None
    assert without_time(frozen) == without_time(draft)


def test_a_list_of_releases_does_not_read_what_grows_with_the_dataset(lab: Lab) -> None:
    lab.freeze(lab.release)
    lab.session.expunge_all()
    ((release, _),) = repository.releases(lab.session, lab.release.dataset_id)
    assert inspect(release).unloaded >= {"statistics", "gate"}
    answer = lab.client.get("/api/v1/releases", headers=lab.headers)
    assert {item["state"] for item in answer.json() if item["id"] == release.id} == {"checked"}


def test_a_draft_is_counted_anew_when_labels_or_splits_change(lab: Lab) -> None:
    before = lab.get("statistics")
    visit = lab.visits[0]
    visit.stage = Stage.ANNOTATING.value
    visit.round += 1
    edit(
        lab.session, lab.annotator, frame_ids_of(lab.session, visit)[1],
        SetVisibility(0, Visibility.ABSENT),
    )  # fmt: skip
    lab.approve(visit)
    splits = {visit.infant_id: ("test", False)}
    repository.put_splits(lab.session, lab.release.id, splits)
    lab.session.commit()
    after = lab.get("statistics")
    assert before["joints"]["train"]["nose"] == [0, 0, 6]
    assert after["joints"]["test"]["nose"] == [1, 0, 2]
    assert {row["split"] for row in after["table"]} == {"", "test"}
    assert lab.total(split="") == 6


def test_what_was_frozen_is_served_as_it_was_stored(lab: Lab) -> None:
    lab.freeze(lab.release)
    stored = lab.get("statistics")
    lab.session.execute(delete(Recording).where(Recording.id == lab.visits[0].id))
    lab.session.commit()
    assert lab.get("statistics") == stored


def test_what_an_older_release_did_not_count_is_said_to_be_missing(lab: Lab) -> None:
    lab.freeze(lab.release)
    lab.session.refresh(lab.release)
    stored = dict(lab.release.statistics or {})
    for name in ("pose_map", "fits", "postures", "discards_by_source", "film_hours"):
        del stored[name]
    stored["work"] = {"annotators": 1, "revisions": 9, "rounds": 1, "inspectors": 0}
    stored["table"] = [{k: v for k, v in row.items() if k != "views"} for row in stored["table"]]
    lab.release.statistics = stored | {"version": 1}
    lab.session.commit()
    found = lab.get("statistics")
    assert (found["version"], found["pose_map"], found["fits"]) == (1, None, None)
    assert (found["work"]["people"], found["table"][0]["views"]) == (None, None)


@pytest.mark.parametrize("frozen", [False, True], ids=["draft", "frozen"])
def test_every_number_leads_to_as_many_frames(lab: Lab, frozen: bool) -> None:
    if frozen:
        lab.freeze(lab.release)
    found = lab.get("statistics")
    assert lab.total() == sum(row["kept"] for row in found["table"]) == 9
    for row in found["table"]:
        side = {"source": row["source"], "split": row["split"]}
        assert (lab.total(**side), lab.total(**side, raw=True)) == (row["kept"], row["raw"])
    for split, joints in found["joints"].items():
        for joint in ("nose", "left_wrist", "left_ankle"):
            counts = joints[joint]
            for standing, n in zip(("absent", "occluded", "visible"), counts, strict=True):
                index = JOINTS.index(joint)
                assert lab.total(split=split, joint=index, visibility=standing) == n
    for row in found["ages"]:
        months = -1 if row["months"] is None else row["months"]
        assert lab.total(split=row["split"], months=months) == row["frames"]
    assert lab.total(age_group="6 to 9 months") == 6
    assert lab.total(age_group="unknown") == lab.total(sex="unknown", months=-1) == 3
    for row in found["box_sizes"]:
        assert lab.total(split=row["split"], box=row["tenth"]) == row["boxes"]
    for row in found["image_sizes"]:
        assert lab.total(width=row["width"], height=row["height"]) == row["images"]
    for reason, n in found["discards"].items():
        assert lab.total(reason=reason) == n
    assert lab.total(fitted=True) == 0
    people = found["work"]["people"]
    assert people
    for one in people:
        of = {"annotator": "annotated_by", "inspector": "inspected_by"}[one["role"]]
        assert lab.total(**{of: one["person"]}) == one["frames"]
    assert lab.total(annotated_by=10**6) == lab.total(inspected_by=10**6) == 0
    assert found["infants"] == len(lab.visits)


def test_pages_follow_each_other_without_gap_or_repetition(lab: Lab) -> None:
    lab.freeze(lab.release)
    seen, cursor, pages = [], None, 0
    while True:
        page = lab.get("frames", limit=4, **({} if cursor is None else {"cursor": cursor}))
        seen += [frame["frame_id"] for frame in page["frames"]]
        pages, cursor = pages + 1, page["next_cursor"]
        if cursor is None:
            break
        assert (page["total"] is None) == (pages > 1)
    assert (len(seen), pages) == (9, 3)
    assert seen == sorted(set(seen))


def test_a_frame_is_shown_as_it_was_frozen(lab: Lab) -> None:
    lab.freeze(lab.release)
    frame = frame_ids_of(lab.session, lab.visits[0])[1]
    before = lab.get("frames", frame_id=frame)["frames"][0]
    lab.visits[0].stage = Stage.ANNOTATING.value
    edit(lab.session, lab.annotator, frame, MoveJoint(0, 3.0, 4.0))
    lab.session.commit()
    (shown,) = lab.get("frames", frame_id=frame)["frames"]
    assert shown == before
    assert shown["thumbnail_url"] == f"/api/v1/frames/{frame}/thumbnail"
    assert len(shown["keypoints"]) == 51


def test_an_erased_frame_keeps_its_labels_and_has_no_picture(lab: Lab) -> None:
    lab.freeze(lab.release)
    lab.session.execute(delete(Recording).where(Recording.id == lab.visits[0].id))
    lab.session.commit()
    gone = lab.get("frames", recording_id=lab.visits[0].id)
    assert gone["total"] == 3
    for frame in gone["frames"]:
        assert (frame["thumbnail_url"], frame["image_url"], frame["position"]) == (None,) * 3
        assert len(frame["keypoints"]) == 51


def test_a_frozen_frame_is_of_the_infant_as_it_was_told_then(lab: Lab) -> None:
    lab.freeze(lab.release)
    visit = lab.visits[0]
    before = lab.get("frames", recording_id=visit.id)
    infant = lab.session.get_one(Infant, visit.infant_id)
    visit.age_months, visit.source = 17.0, "youtube"
    infant.pseudonym, infant.sex = unique("renamed"), "female"
    lab.session.commit()
    assert lab.get("frames", recording_id=visit.id) == before
    assert lab.total(age_group="6 to 9 months") == 6
    assert lab.total(sex="female") == lab.total(months=17) == lab.total(source="youtube") == 0


def test_an_age_group_that_there_is_not_is_refused(lab: Lab) -> None:
    answer = lab.client.get(
        f"/api/v1/releases/{lab.release.id}/frames",
        params={"age_group": "6 to 8 months"},
        headers=lab.headers,
    )
    assert answer.status_code == 422
    assert "9 to 12 months" in answer.text


def test_a_visibility_without_a_joint_is_refused(lab: Lab) -> None:
    answer = lab.client.get(
        f"/api/v1/releases/{lab.release.id}/frames",
        params={"visibility": "absent"},
        headers=lab.headers,
    )
    assert answer.status_code == 422
    assert "name one" in answer.text


def test_an_annotator_sees_nothing_of_releases(lab: Lab) -> None:
    headers = bearer(lab.session, lab.annotator)
    lab.session.commit()
    for path in ("statistics", "frames", "difference", "difference.json"):
        answer = lab.client.get(f"/api/v1/releases/{lab.release.id}/{path}", headers=headers)
        assert answer.status_code == 403, path


def test_people_are_told_by_number_only(lab: Lab) -> None:
    lab.freeze(lab.release)
    people = lab.get("statistics")["work"]["people"]
    assert people == [
        {
            "person": lab.annotator.id,
            "role": "annotator",
            "frames": 9,
            "versions": people[0]["versions"],
            "minutes": 0,
            "rounds": None,
        }
    ]
