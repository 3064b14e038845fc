"""Two versions compared, and where each joint comes from."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Recording,
    User,
)
from backend.domain.consents import ConsentScope
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.operations import MoveJoint, SetVisibility
from backend.domain.releases.differences import ChangeKind
from backend.domain.workflow import Stage
from backend.publishing.releases import repository, service
from backend.publishing.releases.contents.changes import difference, page
from backend.publishing.releases.contents.comparing import Sides, stored, work_out
from backend.publishing.releases.contents.held import held_by
from tests.factories import (
    annotation_of,
    edit,
    frame_ids_of,
    make_boxes,
)
from tests.worker.release_lab import Lab


def test_two_versions_are_compared_frame_by_frame(published_lab: Lab) -> None:
    lab = published_lab
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        annotator = session.get_one(User, lab.annotator)
        frame = frame_ids_of(session, recording)[0]
        before = Skeleton.from_flat(annotation_of(session, frame).keypoints or []).joints[5]
        edit(session, annotator, frame, MoveJoint(5, before.x + 3, before.y + 4))
        edit(session, annotator, frame, SetVisibility(6, Visibility.OCCLUDED))
        recording.stage = Stage.BOXING.value
        session.flush()
        make_boxes(session, recording)
        recording.stage = Stage.APPROVED.value
    lab.consent(lab.recordings[1], ConsentScope.NONE)
    second = lab.begin()
    lab.check(second)
    with Session(lab.bench.engine) as session:
        sides = Sides(
            *(held_by(session, repository.get(session, key)) for key in (lab.release, second))
        )
        kept, now = stored(session, sides), work_out(session, sides)
        assert kept is not None
        assert (kept.kept, kept.infants) == (now.kept, now.infants)
        assert all(np.array_equal(kept.order[kind], now.order[kind]) for kind in ChangeKind)
        assert np.array_equal(kept.labels.moved, now.labels.moved, equal_nan=True)
        found = difference(session, second)
        with pytest.raises(service.Conflict, match="first version"):
            difference(session, lab.release)
        moved = page(session, second, None, ChangeKind.MOVED, offset=0, limit=10)
    assert (found.frames_in, found.frames_out, found.frames_kept) == (0, 4, 8)
    assert (found.frames_changed, found.joints_moved, found.visibility_changed) == (1, 1, 1)
    (changed,) = moved.frames
    assert (changed.frame_id, changed.visibility) == (frame, ["right_shoulder"])
    assert changed.moved == {"left_shoulder": pytest.approx(5)}
    assert changed.before is not None
    assert changed.after is not None
    assert changed.before.keypoints != changed.after.keypoints
    assert changed.oks is not None
    assert 0.5 < changed.oks < 1
    assert "4 frames of 1 infant removed" in found.changelog
    assert "1 joint moved in 1 frame" in found.changelog
    with transaction(lab.bench.engine) as session:
        service.thaw(session, repository.get(session, second, lock=True))
        assert stored(session, sides) is None


def test_every_joint_names_where_it_comes_from(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        frame = frame_ids_of(session, recording)[0]
        annotator = session.get_one(User, lab.annotator)
        edit(session, annotator, frame, MoveJoint(5, 111.0, 80.0))
        edit(session, annotator, frame, MoveJoint(6, 112.0, 81.0))
        version = edit(session, annotator, frame, MoveJoint(6, 113.0, 82.0)).version
        recording.stage = Stage.BOXING.value
        session.flush()
        make_boxes(session, recording)
        recording.stage = Stage.APPROVED.value
    lab.published(lab.release)
    rows = pq.read_table(io.BytesIO(lab.files(lab.release)["provenance.parquet"])).to_pylist()
    assert len(rows) == 12 * 17
    mine = {row["joint"]: row for row in rows if row["frame_id"] == frame}
    assert (mine[0]["origin"], mine[0]["model"]) == ("model", "test-pose")
    assert mine[0]["changed_by"] is None
    assert (mine[5]["origin"], mine[5]["changed_by"]) == ("person", lab.annotator)
    assert mine[5]["changed_in_version"] == version - 2
    assert mine[6]["changed_in_version"] == version
    assert mine[6]["x"] == 113.0
    assert {row["accepted_by"] for row in mine.values()} == {lab.annotator}
