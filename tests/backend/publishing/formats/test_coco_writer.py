from __future__ import annotations

import contextlib
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.pixels import OutsideJoints, PixelRule
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import (
    FitReference,
    ImportedPerson,
    LabelledFrame,
    LabelledImage,
    LabelledMask,
)

OPTIONS = WriteOptions("test", version="1")
INFANT = {"id": 3, "name": "infant", "supercategory": "person"}


def skeleton(offset: float = 0.0) -> Skeleton:
    joints = [Joint(20.5 + 5 * i + offset, 30.5 + 3 * i, Visibility.VISIBLE) for i in range(15)]
    return Skeleton((*joints, Joint(90.62345678912, 80.5, Visibility.OCCLUDED), ABSENT_JOINT))


def mask() -> LabelledMask:
    pixels = np.zeros((120, 160), bool)
    pixels[20:90, 15:110] = True
    return LabelledMask(masks.encode(pixels), int(pixels.sum()))


def frame(number: int = 1, **changes: Any) -> LabelledFrame:
    values: dict[str, Any] = {
        "image": LabelledImage(
            number, f"visit/{number:06d}.jpg", 160, 120, facts={"frame": number}
        ),
        "joints": skeleton(number / 7),
        "box": Box(15, 20, 95, 70),
        "mask": mask(),
        "provenance": {"round": 2, "annotator": "a7"},
    }
    return LabelledFrame(**(values | changes))


def nobody(number: int) -> LabelledFrame:
    return LabelledFrame(frame(number).image)


def written(*frames: LabelledFrame, options: WriteOptions = OPTIONS) -> dict[str, Any]:
    buffer = io.BytesIO()
    write(frames, buffer, options)
    return dict(json.loads(buffer.getvalue()))


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_an_annotation_has_all_that_coco_asks_for() -> None:
    data = written(frame(3))
    (annotation,) = data["annotations"]
    assert annotation["id"] == 3
    assert annotation["image_id"] == 3
    assert annotation["category_id"] == data["categories"][0]["id"]
    assert annotation["keypoints"][:3] == [20.428571429, 30, 2]
    assert annotation["keypoints"][45:48] == [90.123456789, 80, 1]
    assert annotation["keypoints"][48:] == [0, 0, 0]
    assert annotation["num_keypoints"] == 16
    assert annotation["bbox"] == [15, 20, 95, 70]
    assert annotation["area"] == 95 * 70
    assert annotation["iscrowd"] == 0
    assert annotation["segmentation"]["size"] == [120, 160]
    assert annotation["infantnet"] == {"round": 2, "annotator": "a7", "area_of": "mask"}


def test_the_file_declares_what_its_joints_count() -> None:
    index = written(frame(1))
    told = index["info"]["infantnet"]
    assert told == {
        "pixels": "index",
        "edges": "continuous",
        "orientation": "upright",
        "outside": "keep",
    }
    continuous = written(frame(1), options=WriteOptions("test", pixels=PixelRule.CONTINUOUS))
    assert continuous["info"]["infantnet"]["pixels"] == "continuous"
    joints = [np.reshape(d["annotations"][0]["keypoints"], (17, 3)) for d in (index, continuous)]
    assert np.allclose(joints[1][:16, :2] - joints[0][:16, :2], 0.5)
    assert joints[1][16].tolist() == [0, 0, 0]
    for name in ("bbox", "area", "segmentation"):
        assert index["annotations"][0][name] == continuous["annotations"][0][name]


def test_images_and_info_keep_what_is_known_of_them_in_a_key_of_its_own() -> None:
    image = LabelledImage(
        3,
        "visit/000003.jpg",
        160,
        120,
        facts={"frame": 3},
        source={"file": "a.json", "image_id": 17},
        extras={"coco_url": "http://x/3", "id": "of another kind"},
    )
    options = WriteOptions(
        "Visits",
        version="2.0",
        about={"release": "r1"},
        licences=[{"id": 1, "name": "x", "url": "y"}],
    )
    data = written(frame(3, image=image), options=options)
    assert data["info"]["description"] == "Visits"
    assert data["info"]["infantnet"]["release"] == "r1"
    assert data["licenses"] == [{"id": 1, "name": "x", "url": "y"}]
    assert data["images"] == [
        {
            "coco_url": "http://x/3",
            "id": 3,
            "file_name": "visit/000003.jpg",
            "width": 160,
            "height": 120,
            "infantnet": {"frame": 3, "source": {"file": "a.json", "image_id": 17}},
        }
    ]


def test_the_category_names_the_joints_and_counts_edges_from_one() -> None:
    (category,) = written()["categories"]
    assert (category["id"], category["name"]) == (1, "person")
    assert category["keypoints"] == list(JOINTS)
    assert min(min(edge) for edge in category["skeleton"]) == 1
    assert max(max(edge) for edge in category["skeleton"]) == 17
    assert [16, 14] in category["skeleton"]


def test_frames_that_were_all_imported_under_one_name_leave_under_it() -> None:
    infants = [frame(i, imported=ImportedPerson(category=INFANT)) for i in (1, 2)]
    assert written(*infants)["categories"][0]["name"] == "infant"
    assert written(*infants)["annotations"][0]["category_id"] == 1
    assert written(*infants, frame(3))["categories"][0]["name"] == "person"


def test_an_image_may_have_nobody() -> None:
    data = written(nobody(1), frame(4))
    assert [entry["id"] for entry in data["images"]] == [1, 4]
    assert [(a["id"], a["image_id"]) for a in data["annotations"]] == [(4, 4)]


def test_ids_need_no_order_and_depend_on_nothing_else_in_the_file() -> None:
    alone, together = written(frame(7)), written(frame(9), frame(7), nobody(2))
    assert alone["images"][0] == together["images"][1]
    assert alone["annotations"][0] == together["annotations"][1]


def test_what_an_imported_file_said_of_a_person_comes_out_again() -> None:
    outlines = ((15.5, 20.25, 110.0, 20.5, 110.0, 90.0, 15.5, 90.0),)
    person = ImportedPerson(
        category=INFANT,
        crowd=True,
        area=6612.34,
        source={"file": "a.json", "annotation_id": 900},
        extras={"track_id": 7, "attributes": {"posture": "supine"}, "bbox": "none of yours"},
    )
    found = LabelledMask(mask().rle, mask().area, outlines)
    (annotation,) = written(frame(3, imported=person, mask=found))["annotations"]
    assert annotation["segmentation"] == [list(outlines[0])]
    assert annotation["area"] == 6612.34
    assert annotation["iscrowd"] == 1
    assert (annotation["track_id"], annotation["attributes"]) == (7, {"posture": "supine"})
    assert annotation["bbox"] == [15, 20, 95, 70]
    assert annotation["infantnet"]["area_of"] == "file"
    assert annotation["infantnet"]["source"] == {"file": "a.json", "annotation_id": 900}


def test_a_box_without_a_mask_has_its_outline_for_segmentation() -> None:
    (annotation,) = written(frame(3, mask=None))["annotations"]
    assert annotation["segmentation"] == [[15, 20, 110, 20, 110, 90, 15, 90]]
    assert annotation["area"] == 95 * 70
    assert annotation["infantnet"]["area_of"] == "box"


def test_a_fit_is_referred_to() -> None:
    (annotation,) = written(frame(3, fit=FitReference("v.fits.npz", 5, 1)))["annotations"]
    assert annotation["infantnet"]["fit"] == {"file": "v.fits.npz", "index": 5, "view": 1}


def beyond() -> Skeleton:
    places = [(0.0, 0.0), (160, 120), (-1.5, 40), (163, 100)]
    seen = tuple(Joint(x, y, Visibility.VISIBLE) for x, y in places)
    return Skeleton((*seen, *(ABSENT_JOINT,) * 13))


@pytest.mark.parametrize(
    ("outside", "kept", "words"),
    [
        (
            OutsideJoints.KEEP,
            4,
            "2 joints of 1 image lie beyond its border and were kept as placed.",
        ),
        (
            OutsideJoints.DROP,
            2,
            "2 joints of 1 image lie beyond its border and were written as not",
        ),
    ],
)
def test_joints_beyond_the_border_are_counted_and_kept_or_dropped_as_asked(
    outside: OutsideJoints, kept: int, words: str
) -> None:
    options = WriteOptions("test", outside=outside)
    buffer = io.BytesIO()
    result = write([frame(1, joints=beyond()), frame(2)], buffer, options)
    (note,) = result.notes
    assert note.startswith(words)
    data = json.loads(buffer.getvalue())
    annotation = data["annotations"][0]
    assert annotation["num_keypoints"] == kept
    assert annotation["keypoints"][:6] == [-0.5, -0.5, 2, 159.5, 119.5, 2]
    assert (annotation["keypoints"][8] == 2) is (outside is OutsideJoints.KEEP)
    assert data["info"]["infantnet"]["outside"] == outside


def test_a_dataset_without_images_is_valid_json() -> None:
    data = written()
    assert (data["images"], data["annotations"]) == ([], [])


def test_counts_of_what_was_written_are_returned() -> None:
    result = write([frame(1), frame(2), nobody(3)], io.BytesIO(), OPTIONS)
    assert (result.images, result.annotations, result.notes) == (3, 2, ())


def test_numpy_numbers_are_written_as_numbers() -> None:
    joint = Joint(np.float64(5.5), np.float64(6.5), Visibility.VISIBLE)
    person = ImportedPerson(area=np.float64(12))
    data = written(frame(1, joints=Skeleton((joint,) * 17), imported=person))
    assert data["annotations"][0]["keypoints"][:3] == [5, 6, 2]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (frame(1, image=LabelledImage(0, "a.jpg", 160, 120)), "a.jpg: its id 0 is below 1"),
        (frame(1, imported=ImportedPerson(area=math.nan)), "the area nan is not a size"),
        (frame(1, image=LabelledImage(1, "a.jpg", 10, 10)), "its mask has 160×120 pixels"),
        (frame(1, image=LabelledImage(1, "a.jpg", 0, 10)), "0×10 is not a size"),
        (frame(1, box=None), "its infant has no box"),
    ],
)
def test_a_frame_that_cannot_be_right_is_refused_by_name(wrong: LabelledFrame, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        written(wrong)


def test_the_temporary_file_is_gone_even_after_a_failure(tmp_path: Path) -> None:
    bad = frame(2, imported=ImportedPerson(area=math.inf))
    with pytest.raises(InvalidInput):
        written(frame(1), bad, options=WriteOptions("test", scratch=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_writing_needs_no_seeking() -> None:
    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return len(data)

    write([frame(1)], Pipe(), OPTIONS)  # type: ignore[arg-type]
    with pytest.raises(io.UnsupportedOperation):
        Pipe().seek(0)


def test_pycocotools_loads_the_file_and_its_masks(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    frames = [frame(i, mask=mask() if i % 2 else None) for i in range(1, 6)]
    with path.open("wb") as file:
        write(frames, file, OPTIONS)
    coco = load(path)
    assert coco.getImgIds() == [1, 2, 3, 4, 5]
    for i in (2, 3):
        annotation = coco.loadAnns(coco.getAnnIds(imgIds=[i]))[0]
        assert coco.annToMask(annotation).sum() == annotation["area"]
    assert coco.loadCats(1)[0]["keypoints"] == list(JOINTS)


def test_evaluated_against_itself_the_file_is_perfect(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with path.open("wb") as file:
        write([frame(i) for i in range(1, 21)], file, OPTIONS)
    truth = load(path)
    detections = [
        {
            "image_id": a["image_id"],
            "category_id": 1,
            "keypoints": a["keypoints"],
            "score": 0.5 + a["id"] / 100,
        }
        for a in truth.dataset["annotations"]
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(detections), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)
    assert evaluation.stats[5] == pytest.approx(1.0)
