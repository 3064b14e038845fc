from __future__ import annotations

import contextlib
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as mask_tools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.coco import ExportAnnotation, ExportImage, Rle
from backend.publishing.formats.coco_writer import coco_info, write_coco


def skeleton(offset: float = 0.0) -> Skeleton:
    joints = [Joint(20 + 5 * i + offset, 30 + 3 * i, Visibility.VISIBLE) for i in range(15)]
    return Skeleton((*joints, Joint(90.12345, 80, Visibility.OCCLUDED), ABSENT_JOINT))


def pair(number: int = 1, *, with_mask: bool = True, **changes):
    image = ExportImage(number, f"visit/{number:06d}.jpg", 160, 120, provenance={"frame": number})
    pixels = np.zeros((120, 160), np.uint8)
    pixels[20:90, 15:110] = 1
    rle = mask_tools.encode(np.asfortranarray(pixels))
    mask = Rle(120, 160, rle["counts"].decode()) if with_mask else None
    values = {
        "skeleton": skeleton(number / 7),
        "box": Box(15, 20, 95, 70),
        "area": float(pixels.sum()),
        "segmentation": mask,
        "provenance": {"round": 2, "annotator": "a7"},
    }
    return image, ExportAnnotation(**(values | changes))


def written(pairs, **kwargs) -> dict:
    buffer = io.BytesIO()
    write_coco(buffer, pairs, info=coco_info("test", version="1"), **kwargs)
    return json.loads(buffer.getvalue())


def load(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def test_an_annotation_has_all_that_coco_asks_for():
    data = written([pair(3)])
    (annotation,) = data["annotations"]
    assert annotation["id"] == 1
    assert annotation["image_id"] == 3
    assert annotation["category_id"] == data["categories"][0]["id"]
    assert annotation["keypoints"][:3] == [20.429, 30, 2]
    assert annotation["keypoints"][45:48] == [90.123, 80, 1]
    assert annotation["keypoints"][48:] == [0, 0, 0]
    assert annotation["num_keypoints"] == 16
    assert annotation["bbox"] == [15, 20, 95, 70]
    assert annotation["area"] == 95 * 70
    assert annotation["iscrowd"] == 0
    assert annotation["segmentation"]["size"] == [120, 160]
    assert annotation["infantnet"] == {"round": 2, "annotator": "a7"}


def test_images_and_info_keep_their_provenance_in_a_key_of_its_own():
    buffer = io.BytesIO()
    info = coco_info("Visits", version="2.0", provenance={"release": "r1"})
    write_coco(buffer, [pair(3)], info=info, licenses=[{"id": 1, "name": "x", "url": "y"}])
    data = json.loads(buffer.getvalue())
    assert data["info"]["description"] == "Visits"
    assert data["info"]["infantnet"] == {"release": "r1"}
    assert data["licenses"] == [{"id": 1, "name": "x", "url": "y"}]
    assert data["images"] == [
        {
            "id": 3,
            "file_name": "visit/000003.jpg",
            "width": 160,
            "height": 120,
            "infantnet": {"frame": 3},
        }
    ]


def test_the_category_names_the_joints_and_counts_edges_from_one():
    (category,) = written([])["categories"]
    assert category["keypoints"] == list(JOINTS)
    assert min(min(edge) for edge in category["skeleton"]) == 1
    assert max(max(edge) for edge in category["skeleton"]) == 17
    assert [16, 14] in category["skeleton"]


def test_an_image_may_have_nobody_or_several_people():
    image, person = pair(4)
    data = written([(pair(1)[0], None), (image, person), (image, person)])
    assert [entry["id"] for entry in data["images"]] == [1, 4]
    assert [(a["id"], a["image_id"]) for a in data["annotations"]] == [(1, 4), (2, 4)]


def test_a_dataset_without_images_is_valid_json():
    data = written([])
    assert (data["images"], data["annotations"]) == ([], [])


def test_counts_of_what_was_written_are_returned():
    result = write_coco(io.BytesIO(), [pair(1), pair(2), (pair(3)[0], None)], info={})
    assert (result.images, result.annotations) == (3, 2)


def test_numpy_numbers_are_written_as_numbers():
    joint = Joint(np.float64(5.5), np.float64(6.5), Visibility.VISIBLE)
    person = pair(1, skeleton=Skeleton((joint,) * 17), area=np.float64(12))[1]
    assert written([(pair(1)[0], person)])["annotations"][0]["keypoints"][:3] == [5.5, 6.5, 2]


def test_image_ids_must_ascend():
    with pytest.raises(InvalidInput, match=r"visit/000001\.jpg: its id 1 does not ascend"):
        written([pair(2), pair(1)])


def test_image_ids_begin_at_one():
    with pytest.raises(InvalidInput, match="its id 0 does not ascend"):
        written([pair(0)])


def test_an_area_that_is_no_number_is_refused():
    with pytest.raises(InvalidInput, match="the area nan is not a size"):
        written([pair(1, area=math.nan)])


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InvalidInput, match="its mask has 10×10 pixels"):
        written([pair(1, segmentation=Rle(10, 10, "T3"))])


def test_the_temporary_file_is_gone_even_after_a_failure(tmp_path):
    with pytest.raises(InvalidInput):
        written([pair(1), pair(1, area=math.inf)], spool_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_pycocotools_loads_the_file_and_its_masks(tmp_path):
    path = tmp_path / "out.json"
    with path.open("wb") as file:
        write_coco(file, [pair(i) for i in range(1, 6)], info=coco_info("test", version="1"))
    coco = load(path)
    assert coco.getImgIds() == [1, 2, 3, 4, 5]
    annotation = coco.loadAnns(coco.getAnnIds(imgIds=[2]))[0]
    assert coco.annToMask(annotation).sum() == annotation["area"]
    assert coco.loadCats(1)[0]["keypoints"] == list(JOINTS)


def test_evaluated_against_itself_the_file_is_perfect(tmp_path):
    path = tmp_path / "out.json"
    with path.open("wb") as file:
        write_coco(file, [pair(i) for i in range(1, 21)], info=coco_info("test", version="1"))
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
