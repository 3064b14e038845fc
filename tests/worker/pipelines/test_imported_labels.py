"""What an annotation file brought comes out of the export again, until a person changes it."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Candidate,
    Export,
    FrameBox,
    Job,
    Recording,
    User,
)
from backend.core.database.tables.boxes import BoxOrigin, BoxStatus
from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.document import ChooseCandidate, MoveJoint
from backend.domain.outlines import mask_of
from backend.domain.skeleton import EDGES, JOINTS
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes import service as boxes
from backend.labelling.workflow import service as stages
from backend.publishing.exports import service as exports
from backend.recordings.access import get_recording
from tests.factories import accept, edit, frame_ids_of, make_annotator, make_inspector
from tests.worker.bench import Bench, archive, png

OUTLINE = [6.5, 5.25, 40.75, 5.5, 44.0, 40.0, 8.0, 38.5]
EXTRAS = {"track_id": 7, "attributes": {"posture": "supine", "note": "é \ud83d"}, "rank": [1, 2]}


def keypoints(shift: float = 0.0) -> list[float]:
    """17 joints inside of the outline, with three decimals, one occluded, one absent."""
    joints: list[float] = []
    for i in range(17):
        v = 0 if i == 16 else 1 if i == 9 else 2
        place = (10.125 + 2 * (i % 8) + shift, 9.375 + 2.5 * (i // 2)) if v else (0, 0)
        joints += [*place, v]
    return joints


def coco(**changes: Any) -> dict[str, Any]:
    people = [
        {
            "id": number,
            "image_id": image,
            "category_id": 3,
            "keypoints": keypoints(),
            "num_keypoints": 16,
            "bbox": [6.5, 5.25, 37.5, 34.75],
            "area": 1122.125,
            "iscrowd": 0,
            "segmentation": [OUTLINE],
            **EXTRAS,
        }
        | changes
        for image, number in ((5001, 900), (17, 35))
    ]
    return {
        "info": {"description": "theirs"},
        "licenses": [{"id": 2, "name": "CC", "url": ""}],
        "images": [
            {"id": i, "file_name": f"anna_{i}.png", "width": 64, "height": 48, "license": 2,
             "coco_url": f"http://x/{i}"}
            for i in (5001, 17)
        ],
        "annotations": people,
        "categories": [
            {"id": 3, "name": "infant", "supercategory": "person", "keypoints": list(JOINTS),
             "skeleton": [[a + 1, b + 1] for a, b in EDGES]}
        ],
    }  # fmt: skip


class Road:
    """One imported recording on its way to approval."""

    def __init__(self, bench: Bench, file: Any) -> None:
        self.bench = bench
        images = {f"anna_{i}.png": png(shade=40 + i % 97) for i in (5001, 17)}
        name = f"Visit {len(bench.all(Recording)) + 1}"
        job = bench.images(("images.zip", archive(images)), coco=file, name=name)
        assert job.error is None
        assert job.recording_id is not None
        self.id = job.recording_id
        with transaction(bench.engine) as session:
            annotator, inspector = make_annotator(session), make_inspector(session)
            recording = session.get_one(Recording, self.id)
            recording.annotator_id, recording.inspector_id = annotator.id, inspector.id
            recording.stage = Stage.ANNOTATING.value
            self.annotator_id, self.inspector_id = annotator.id, inspector.id
            self.frames = frame_ids_of(session, recording)

    def keep(self, *operations: Any) -> None:
        """Keep all frames; the operations are done on the first one before."""
        with transaction(self.bench.engine) as session:
            annotator = session.get_one(User, self.annotator_id)
            if operations:
                edit(session, annotator, self.frames[0], *operations)
            for frame_id in self.frames:
                accept(session, annotator, frame_id)
            get_recording(session, self.id).stage = Stage.KEYPOINTS_APPROVED.value

    def make_boxes(self, *, by_hand: bool = False) -> Job:
        with transaction(self.bench.engine) as session:
            recording = get_recording(session, self.id, lock="update")
            inspector = session.get_one(User, self.inspector_id)
            stages.fire(session, recording, Event.BOX, inspector, by_hand=by_hand)
        return self.bench.run(self.bench.all(Job)[-1].id)

    def draw(self, frame_id: int, box: Box) -> None:
        with transaction(self.bench.engine) as session:
            recording = get_recording(session, self.id)
            recording.stage = Stage.INSPECTING_BOXES.value
            inspector = session.get_one(User, self.inspector_id)
            known = session.get(FrameBox, frame_id)
            version = known.version if known else None
            boxes.draw_box(session, inspector, frame_id, box, version)

    def export(self) -> dict[str, Any]:
        target = io.BytesIO()
        with transaction(self.bench.engine) as session:
            get_recording(session, self.id).stage = Stage.APPROVED.value
            row = Export(recording_ids=[self.id], filename="out.json")
            session.add(row)
            session.flush()
            session.refresh(row)
            exports.write_export(session, row, target)
        return dict(json.loads(target.getvalue()))

    def boxes(self) -> dict[int, FrameBox]:
        return {box.frame_id: box for box in self.bench.all(FrameBox)}


def test_everything_that_came_in_goes_out_again(bench: Bench) -> None:
    road = Road(bench, coco())
    road.keep()
    job = road.make_boxes()
    # No model was needed, and none is here.
    assert (job.state, job.error) == ("succeeded", None)
    assert job.result is not None
    assert (job.result["imported"], job.result["flagged"]) == (2, 0)
    out, came = road.export(), coco()
    assert [i["id"] for i in out["images"]] == [a["id"] for a in out["annotations"]] == road.frames
    for image, person, theirs, said in zip(
        out["images"], out["annotations"], came["images"], came["annotations"], strict=True
    ):
        source = image["infantnet"]["source"]
        assert source["file"] == "people.json"
        assert (source["image_id"], source["file_name"]) == (theirs["id"], theirs["file_name"])
        assert (source["license"], image["coco_url"]) == (2, theirs["coco_url"])
        assert np.allclose(person["keypoints"], said["keypoints"], rtol=0, atol=1e-9)
        for name in ("bbox", "area", "segmentation", "iscrowd", "num_keypoints"):
            assert person[name] == said[name], name
        assert (person["track_id"], person["rank"]) == (7, [1, 2])
        # Half a character cannot be stored.
        assert person["attributes"] == {"posture": "supine", "note": "é \ufffd"}
        about = person["infantnet"]
        assert (about["box_origin"], about["area_of"]) == ("imported", "file")
        assert about["source"]["annotation_id"] == said["id"]
        assert about["source"]["category"]["name"] == "infant"
    assert [c["name"] for c in out["categories"]] == ["infant"]
    about = out["info"]["infantnet"]
    assert about["pixels"] == "continuous"
    assert about["recordings"][0]["imported"]["licenses"] == came["licenses"]


def test_a_mask_of_run_lengths_goes_out_as_it_came(bench: Bench) -> None:
    rle = masks.encode(mask_of([OUTLINE], 64, 48))
    road = Road(bench, coco(segmentation=rle))
    road.keep()
    road.make_boxes()
    assert road.export()["annotations"][0]["segmentation"] == rle


def test_the_export_of_an_export_is_the_same_again(bench: Bench) -> None:
    road = Road(bench, coco())
    road.keep()
    road.make_boxes()
    first = road.export()
    again = json.loads(json.dumps(first))
    for image in again["images"]:
        image["file_name"] = image["infantnet"]["source"]["file_name"]
    second_road = Road(bench, again)
    second_road.keep()
    second_road.make_boxes()
    second = second_road.export()
    for one, two in zip(first["annotations"], second["annotations"], strict=True):
        for name in ("keypoints", "bbox", "area", "segmentation", "track_id", "attributes"):
            assert one[name] == two[name], name
        assert two["infantnet"]["source"]["annotation_id"] == one["id"]
        nested = two["infantnet"]["source"]["infantnet"]["source"]
        assert nested == one["infantnet"]["source"]
    assert second["info"]["infantnet"]["pixels"] == "continuous"


def test_a_drawn_box_wins_and_the_file_s_stays_beside(bench: Bench) -> None:
    road = Road(bench, coco())
    road.keep()
    road.make_boxes()
    road.draw(road.frames[0], Box(3, 3, 50, 40))
    person = road.export()["annotations"][0]
    assert person["bbox"] == [3, 3, 50, 40]
    assert person["infantnet"]["source"]["bbox"] == [6.5, 5.25, 37.5, 34.75]
    # The mask is still the infant's, and so is its area.
    assert (person["segmentation"], person["area"]) == ([OUTLINE], 1122.125)


def test_a_corrected_joint_keeps_the_mask_and_draws_the_box_anew(bench: Bench) -> None:
    road = Road(bench, coco())
    # The occluded wrist, out of the mask: the box must hold it.
    road.keep(MoveJoint(9, 50.0, 44.0))
    road.make_boxes()
    box = road.boxes()[road.frames[0]]
    assert (box.origin, box.mask_area) == ("imported", int(mask_of([OUTLINE], 64, 48).sum()))
    assert (box.x + box.width, box.y + box.height) == (50, 44)
    person = road.export()["annotations"][0]
    assert person["segmentation"] == [OUTLINE]
    assert person["infantnet"]["state"] == "corrected"


def test_a_box_without_a_mask_comes_with_its_own_area_and_outline(bench: Bench) -> None:
    road = Road(bench, coco(segmentation=None))
    road.keep(MoveJoint(0, 12.0, 9.0))
    road.make_boxes()
    first, second = (road.boxes()[i] for i in road.frames)
    # Nobody can tell whether the box still fits the joint that was moved.
    assert (first.flagged, second.flagged) == (True, False)
    person = road.export()["annotations"][1]
    assert (person["area"], person["infantnet"]["area_of"]) == (1122.125, "file")
    assert person["segmentation"] == [[6.5, 5.25, 44.0, 5.25, 44.0, 40.0, 6.5, 40.0]]
    road.draw(road.frames[1], Box(1, 2, 10, 20))
    person = road.export()["annotations"][1]
    assert (person["area"], person["infantnet"]["area_of"]) == (200, "box")


def test_boxes_that_miss_the_joints_are_looked_at_first(bench: Bench) -> None:
    road = Road(bench, coco(segmentation=None, bbox=[40, 30, 20, 15]))
    road.keep()
    job = road.make_boxes(by_hand=True)
    assert job.result is not None
    assert (job.result["imported"], job.result["flagged"], job.result["to_draw"]) == (2, 2, 0)
    masked = Road(bench, coco(segmentation=[[40, 30, 60, 30, 60, 45, 40, 45]]))
    masked.keep()
    masked.make_boxes()
    assert all(masked.boxes()[i].flagged for i in masked.frames)


def test_a_box_that_was_sent_back_is_not_proposed_again(bench: Bench) -> None:
    road = Road(bench, coco())
    road.keep()
    road.make_boxes()
    with transaction(bench.engine) as session:
        session.get_one(FrameBox, road.frames[0]).status = BoxStatus.SENT_BACK.value
        recording = get_recording(session, road.id)
        recording.stage, recording.round = Stage.KEYPOINTS_APPROVED.value, 2
    job = road.make_boxes(by_hand=True)
    assert job.result is not None
    assert (job.result["imported"], job.result["to_draw"]) == (0, 1)


def test_the_mask_of_somebody_else_does_not_stay_with_the_infant(bench: Bench) -> None:
    file = coco()
    file["annotations"].append(file["annotations"][0] | {"id": 901, "keypoints": keypoints(3.0)})
    road = Road(bench, file)
    with transaction(bench.engine) as session:
        annotator = session.get_one(User, road.annotator_id)
        first, other = [c.id for c in bench.all(Candidate) if c.frame_id == road.frames[0]]
        edit(session, annotator, road.frames[0], ChooseCandidate(first))
    road.keep()
    road.make_boxes()
    with transaction(bench.engine) as session:
        get_recording(session, road.id).stage = Stage.ANNOTATING.value
        annotator = session.get_one(User, road.annotator_id)
        edit(session, annotator, road.frames[0], ChooseCandidate(other))
    road.draw(road.frames[0], Box(3, 3, 50, 40))
    box = road.boxes()[road.frames[0]]
    assert (box.origin, box.mask_counts, box.imported_from_id) == (BoxOrigin.HUMAN, None, None)
    person = road.export()["annotations"][0]
    assert person["infantnet"]["source"]["annotation_id"] == 901
    assert person["infantnet"]["area_of"] == "box"


@pytest.mark.parametrize(
    ("member", "value"),
    [("huge", "x" * 70_000), ("endless", 10**400), ("odd", float("nan")), ("deep", [[[[1]]]] * 3)],
    ids=["huge", "endless", "odd", "deep"],
)
def test_members_that_cannot_be_kept_are_named_and_cost_nothing(
    bench: Bench, member: str, value: Any
) -> None:
    road = Road(bench, coco(**{member: value}))
    road.keep()
    road.make_boxes()
    person = road.export()["annotations"][0]
    if member == "deep":
        assert person["deep"] == value
    else:
        assert member not in person
        assert person["left_out"] == [member]
    assert person["track_id"] == 7
