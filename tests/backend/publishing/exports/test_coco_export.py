"""What an exported COCO file holds, number for number."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO
from sqlalchemy.orm import Session

from backend.core.database.tables import Export, FrameBox, Recording, User
from backend.domain.boxes import Box, BoxStatus
from backend.domain.document import MoveJoint, SetVisibility
from backend.domain.errors import Cancelled, Conflict
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.outlines import rectangle_of
from backend.domain.pixels import PixelRule, skeleton_to_inside
from backend.domain.skeleton import JOINTS
from backend.domain.workflow import Stage
from backend.publishing.exports import service
from backend.publishing.exports.frames import labelled
from tests.factories import (
    HEIGHT,
    WIDTH,
    accept,
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_boxes,
    make_candidates,
    make_infant,
    make_recording,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    """Approved: frame 0 accepted, 1 corrected, 2 discarded, 3 accepted."""
    recording = make_recording(
        session,
        frames=4,
        annotator=annotator,
        name="Home visit 3 (Küche)",
        infant=make_infant(session, "H12"),
    )
    make_candidates(session, recording)
    ids = frame_ids_of(session, recording)
    edit(
        session,
        annotator,
        ids[1],
        MoveJoint(9, 123.4567, 77.25),
        SetVisibility(9, Visibility.OCCLUDED),
        SetVisibility(0, Visibility.ABSENT),
    )
    for frame_id in (ids[0], ids[1], ids[3]):
        accept(session, annotator, frame_id)
    discard(session, annotator, ids[2])
    recording.stage = Stage.BOXING.value
    session.flush()
    make_boxes(session, recording)
    recording.stage = Stage.APPROVED.value
    session.flush()
    return recording


def export_of(session: Session, *recordings: Recording) -> Export:
    export = Export(recording_ids=[r.id for r in recordings], filename="test.json")
    session.add(export)
    session.flush()
    session.refresh(export)
    return export


def written(session: Session, *recordings: Recording) -> dict[str, Any]:
    file = io.BytesIO()
    service.write_export(session, export_of(session, *recordings), file)
    return dict(json.loads(file.getvalue()))


def test_the_file_loads_in_pycocotools_with_the_numbers_of_the_database(
    session: Session, recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    with path.open("wb") as file:
        counts = service.write_export(session, export_of(session, recording), file)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    ids = frame_ids_of(session, recording)
    kept = [ids[0], ids[1], ids[3]]
    assert (counts.images, counts.annotations) == (3, 3)
    assert sorted(coco.imgs) == sorted(coco.anns) == kept
    assert coco.cats[1]["keypoints"] == list(JOINTS)
    for frame_id in kept:
        annotation, box = coco.anns[frame_id], session.get_one(FrameBox, frame_id)
        keypoints = annotation_of(session, frame_id).keypoints
        assert keypoints is not None
        assert annotation["image_id"] == frame_id
        inside = skeleton_to_inside(Skeleton.from_flat(annotation["keypoints"]), PixelRule.INDEX)
        assert inside.to_flat() == pytest.approx(keypoints, abs=1e-9)
        assert annotation["num_keypoints"] == sum(v > 0 for v in keypoints[2::3])
        assert annotation["bbox"] == pytest.approx([box.x, box.y, box.width, box.height])
        assert annotation["area"] == box.mask_area
        assert annotation["iscrowd"] == 0
        mask = coco.annToMask(annotation)
        assert mask.shape == (HEIGHT, WIDTH)
        assert mask.sum() == box.mask_area
        expected = coco_masks.decode({"size": [HEIGHT, WIDTH], "counts": box.mask_counts})
        assert np.array_equal(mask, expected)


def test_absent_joints_are_written_as_three_zeros_and_occluded_ones_with_their_place(
    session: Session, recording: Recording
) -> None:
    corrected = written(session, recording)["annotations"][1]
    assert corrected["keypoints"][:3] == [0, 0, 0]
    assert corrected["keypoints"][27:30] == [122.9567, 76.75, 1]
    assert corrected["num_keypoints"] == 16


def test_ids_of_images_and_annotations_are_the_same_in_every_export(
    session: Session, recording: Recording, annotator: User
) -> None:
    earlier = make_boxed_recording(session, annotator, frames=2, stage=Stage.APPROVED)
    later = make_boxed_recording(session, annotator, frames=2, stage=Stage.APPROVED)

    def ids(*recordings: Recording) -> dict[int, tuple[int, int]]:
        file = written(session, *recordings)
        people = {a["image_id"]: a["id"] for a in file["annotations"]}
        return {i["infantnet"]["frame_id"]: (i["id"], people[i["id"]]) for i in file["images"]}

    alone, together = ids(recording), ids(earlier, recording, later)
    assert alone.items() <= together.items()
    assert all(image >= 1 and person >= 1 for image, person in together.values())
    assert len(set(together.values())) == len(together) == 7


def test_discarded_frames_stay_out(session: Session, recording: Recording) -> None:
    discarded = frame_ids_of(session, recording)[2]
    images = written(session, recording)["images"]
    assert discarded not in [image["infantnet"]["frame_id"] for image in images]


def test_images_tell_where_they_come_from(session: Session, recording: Recording) -> None:
    file = written(session, recording)
    image = file["images"][1]
    assert image["file_name"] == "home-visit-3-kuche/camera-1/000001.jpg"
    assert (image["width"], image["height"]) == (WIDTH, HEIGHT)
    told = image["infantnet"]
    assert told["recording"] == "Home visit 3 (Küche)"
    assert (told["camera"], told["moment"]) == ("camera 1", 1)
    assert told["moment_time_s"] == pytest.approx(1 / 3)
    assert (told["infant"], told["age_months"]) == ("H12", 9.0)
    licences = {licence["id"]: licence["name"] for licence in file["licenses"]}
    assert "agreed to release" in licences[image["license"]]


def test_annotations_tell_how_they_were_made(session: Session, recording: Recording) -> None:
    told = [a["infantnet"] for a in written(session, recording)["annotations"]]
    assert [t["state"] for t in told] == ["accepted", "corrected", "accepted"]
    assert {t["box_origin"] for t in told} == {"model"}
    assert {t["box_model"] for t in told} == {"test-segmenter"}


def test_recordings_come_by_id_and_frames_by_position_whatever_the_order_asked_for(
    session: Session, recording: Recording, annotator: User
) -> None:
    other = make_boxed_recording(session, annotator, frames=2, stage=Stage.APPROVED)
    one, two = written(session, recording, other), written(session, other, recording)
    assert one["images"] == two["images"]
    assert one["annotations"] == two["annotations"]
    places = [(i["infantnet"]["recording_id"], i["infantnet"]["position"]) for i in one["images"]]
    assert places == sorted(places)
    assert len(places) == 5


def test_synchronised_cameras_share_frame_names_in_folders_of_their_own(
    session: Session, annotator: User
) -> None:
    recording = make_recording(session, frames=2, cameras=2, annotator=annotator, name="Two eyes")
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    recording.stage = Stage.BOXING.value
    make_boxes(session, recording)
    recording.stage = Stage.APPROVED.value
    session.flush()
    assert [image["file_name"] for image in written(session, recording)["images"]] == [
        "two-eyes/camera-1/000000.jpg",
        "two-eyes/camera-1/000001.jpg",
        "two-eyes/camera-2/000000.jpg",
        "two-eyes/camera-2/000001.jpg",
    ]


def test_recordings_whose_names_look_alike_get_folders_of_their_own(
    session: Session, annotator: User
) -> None:
    pair = []
    for name in ("Look alike!", "look-alike"):
        made = make_boxed_recording(session, annotator, frames=1, stage=Stage.APPROVED)
        made.name = name
        pair.append(made)
    session.flush()
    folders = {image["file_name"].split("/")[0] for image in written(session, *pair)["images"]}
    assert folders == {f"look-alike-{made.id}" for made in pair}


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.APPROVED])
def test_only_approved_recordings_are_exported(
    session: Session, recording: Recording, stage: Stage
) -> None:
    recording.stage = stage.value
    session.flush()
    with pytest.raises(Conflict, match="Home visit 3") as refused:
        next(labelled(session, [recording.id]))
    assert refused.value.context["recording_ids"] == [recording.id]


def test_a_box_older_than_its_joints_stops_the_export_before_anything_is_written(
    session: Session, recording: Recording
) -> None:
    annotation = annotation_of(session, frame_ids_of(session, recording)[3])
    assert annotation.keypoints is not None
    annotation.keypoints = [annotation.keypoints[0] + 1, *annotation.keypoints[1:]]
    session.flush()
    with pytest.raises(Conflict, match=r"Home visit 3 \(Küche\) \(1\)"):
        next(labelled(session, [recording.id]))


def test_a_box_that_was_sent_back_stops_the_export(session: Session, recording: Recording) -> None:
    box = session.get_one(FrameBox, frame_ids_of(session, recording)[0])
    box.status = BoxStatus.SENT_BACK.value
    session.flush()
    with pytest.raises(Conflict, match="without a box that fits"):
        next(labelled(session, [recording.id]))


def test_a_kept_frame_without_a_box_stops_the_export(
    session: Session, recording: Recording
) -> None:
    session.delete(session.get_one(FrameBox, frame_ids_of(session, recording)[0]))
    session.flush()
    with pytest.raises(Conflict, match="without a box that fits"):
        next(labelled(session, [recording.id]))


def test_a_recording_without_kept_frames_gives_no_empty_file(
    session: Session, annotator: User
) -> None:
    empty = make_recording(session, Stage.APPROVED, frames=1)
    with pytest.raises(Conflict, match="nothing to export"):
        written(session, empty)


def test_progress_is_told_to_the_end_and_can_stop_the_writing(
    session: Session, recording: Recording
) -> None:
    told: list[tuple[int, int]] = []
    export = export_of(session, recording)
    service.write_export(
        session, export, io.BytesIO(), progress=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 3), (3, 3)]

    def stop(_done: int, _total: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        service.write_export(session, export, io.BytesIO(), progress=stop)


def test_a_box_without_mask_counts_with_its_own_area(
    session: Session, recording: Recording
) -> None:
    box = session.get_one(FrameBox, frame_ids_of(session, recording)[0])
    box.mask_counts = box.mask_area = None
    session.flush()
    annotation = written(session, recording)["annotations"][0]
    assert annotation["area"] == pytest.approx(box.width * box.height)
    assert annotation["segmentation"] == [rectangle_of(Box(box.x, box.y, box.width, box.height))]
    assert annotation["infantnet"]["area_of"] == "box"
