"""What a reader sees of the changes from one version to the next."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from backend.core.database.tables import Frame
from tests.backend.publishing.releases.lab import Corrected, Lab


def test_a_draft_is_compared_as_it_will_be_frozen(corrected: Corrected) -> None:
    draft = corrected.get("difference")
    assert draft["current"]
    assert (draft["frames_in"], draft["frames_out"], draft["frames_kept"]) == (0, 1, 8)
    assert (draft["joints_moved"], draft["visibility_changed"]) == (1, 1)
    assert draft["moved_by_joint"] == [
        {"joint": 5, "name": "left_shoulder", "count": 1, "median_px": 5.0}
    ]
    assert "- 1 joint moved in 1 frame." in draft["changelog"]
    assert "- 1 frame of 1 infant removed." in draft["changelog"]
    corrected.lab.freeze(corrected.draft)
    frozen = corrected.get("difference")
    assert frozen == draft | {"current": False}


def test_a_changed_frame_is_told_in_both_versions(corrected: Corrected) -> None:
    page = corrected.get("difference/frames", kind="moved")
    (frame,) = page["frames"]
    assert (page["total"], page["next_offset"]) == (1, None)
    assert frame["frame_id"] == corrected.frames[1]
    assert frame["moved"] == {"left_shoulder": 5.0}
    assert frame["visibility"] == ["right_shoulder"]
    assert 0 < frame["oks"] < 1
    before, after = frame["before"]["keypoints"], frame["after"]["keypoints"]
    assert [after[15] - before[15], after[16] - before[16]] == pytest.approx([3, 4], abs=0.02)


def test_a_frame_that_went_is_in_the_earlier_version_only(corrected: Corrected) -> None:
    (frame,) = corrected.get("difference/frames", kind="went")["frames"]
    assert (frame["frame_id"], frame["after"]) == (corrected.frames[2], None)
    assert frame["before"]["keypoints"]
    assert corrected.get("difference/frames", kind="came")["frames"] == []


def test_frames_out_are_known_when_they_were_erased_since(corrected: Corrected) -> None:
    session = corrected.lab.session
    session.execute(delete(Frame).where(Frame.id == corrected.frames[2]))
    session.commit()
    (frame,) = corrected.get("difference/frames", kind="went")["frames"]
    assert frame["before"]["image_url"] is None


def test_the_file_of_changes_lists_everything(corrected: Corrected) -> None:
    found = corrected.get("difference.json")
    assert found["went"] == [corrected.frames[2]]
    assert [row["frame_id"] for row in found["changed"]] == [corrected.frames[1]]
    assert found["changed"][0]["moved"] == {"left_shoulder": 5.0}
    assert found["changelog"] == corrected.get("difference")["changelog"]


@pytest.mark.parametrize(
    ("base", "status", "words"),
    [(None, 409, "first version"), ("itself", 422, "from itself"), (10**6, 404, "no release")],
)
def test_what_cannot_be_compared_is_refused(
    lab: Lab, base: str | int | None, status: int, words: str
) -> None:
    base_id = lab.release.id if base == "itself" else base
    answer = lab.client.get(
        f"/api/v1/releases/{lab.release.id}/difference",
        params={} if base_id is None else {"base_id": base_id},
        headers=lab.headers,
    )
    assert answer.status_code == status
    assert words in answer.text
