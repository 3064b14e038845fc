"""What a draft's page says of its rule while somebody edits it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from backend.core.database.tables import Camera, FrameBox, Recording
from backend.domain.boxes import BoxStatus
from tests.backend.publishing.releases.lab import Lab


def effect(lab: Lab, **changes: dict[str, Any]) -> dict[str, Any]:
    settings = lab.release.settings
    asked = {name: part | changes.get(name, {}) for name, part in settings.items()}
    answer = lab.client.post(
        f"/api/v1/releases/{lab.release.id}/effect",
        json={"settings": asked, "audience": "internal"},
        headers=lab.headers,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_photographs_cover_no_hours_of_video(lab: Lab) -> None:
    assert effect(lab)["hours"] > 0
    photographs = {"fps": None, "frame_interval_s": None, "duration_s": None}
    lab.session.execute(update(Camera).values(photographs))
    lab.freeze(lab.release)
    assert effect(lab)["hours"] == 0 == lab.get("statistics")["film_hours"]


def test_frames_for_which_a_posture_is_asked_and_missing_are_told_before_the_check(
    lab: Lab,
) -> None:
    assert not any("posture" in remark for remark in effect(lab)["remarks"])
    told = effect(lab, selection={"posture_required": True})["remarks"]
    assert "9 frames have no posture yet: the check blocks until each has one." in told


def test_boxes_that_no_inspector_approved_are_told(lab: Lab) -> None:
    (told,) = effect(lab)["remarks"]
    assert told.startswith("9 frames have a box that no inspector approved.")
    lab.session.execute(update(FrameBox).values(status=BoxStatus.APPROVED.value))
    lab.session.commit()
    assert effect(lab)["remarks"] == []
    assert lab.get("statistics")["boxes_approved"] == 9


def test_other_splits_say_whose_side_is_lost_by_saving_them(lab: Lab) -> None:
    assert not any("leave" in note for note in effect(lab)["split_notes"])
    folds = {
        "folds": 2,
        "targets": [{"name": "fold_1", "share": 0.5}, {"name": "fold_2", "share": 0.5}],
    }
    (note,) = effect(lab, splitting=folds)["split_notes"]
    assert note.startswith("3 infants leave their splits (test, train) as soon as this is saved")


def test_recordings_that_came_with_labels_are_counted(lab: Lab) -> None:
    assert lab.get("statistics")["came_with_labels"] == {"recordings": 0, "frames": 0}
    label_source = {"file": "labels.json"}
    first = Recording.id == lab.visits[0].id
    lab.session.execute(update(Recording).where(first).values(label_source=label_source))
    lab.freeze(lab.release)
    assert lab.get("statistics")["came_with_labels"] == {"recordings": 1, "frames": 3}
