from __future__ import annotations

import json
import math

import pytest

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.keypoints import Visibility
from backend.publishing.formats.coco import Rle
from backend.publishing.formats.coco_reader import read_coco


def first(data):
    return data["annotations"][0]


def test_a_small_file_is_read(coco_file):
    dataset = read_coco(coco_file())
    assert [image.file_name for image in dataset.images] == ["a.jpg", "b.jpg"]
    assert dataset.info == {"description": "small"}
    assert dataset.licenses == [{"id": 1, "name": "none", "url": ""}]
    (person,) = dataset.candidates[7]
    assert person.box == Box(10, 10, 100, 50)
    assert person.area == 2500
    assert person.segmentation == ((10, 10, 110, 10, 110, 60),)
    assert person.skeleton.joints[16].x == 26
    assert 9 not in dataset.candidates


def test_several_annotations_of_an_image_are_its_candidates(coco_file):
    def edit(data):
        data["annotations"] += [first(data) | {"id": 2, "score": 0.5}]

    people = read_coco(coco_file(edit)).candidates[7]
    assert [person.id for person in people] == [1, 2]
    assert [person.score for person in people] == [None, 0.5]


def test_annotations_may_stand_before_what_they_refer_to(coco_file):
    def edit(data):
        for key in ("images", "categories"):
            data[key] = data.pop(key)

    assert len(read_coco(coco_file(edit)).candidates[7]) == 1


def test_coordinates_of_absent_joints_are_dropped(coco_file):
    def edit(data):
        first(data)["keypoints"][:3] = [123, 45, 0]

    joint = read_coco(coco_file(edit)).candidates[7][0].skeleton.joints[0]
    assert (joint.x, joint.y, joint.visibility) == (0, 0, Visibility.ABSENT)


def test_annotations_of_categories_without_keypoints_are_counted_and_left_out(coco_file):
    def edit(data):
        data["categories"].append({"id": 2, "name": "toy"})
        data["annotations"].append({"id": 5, "image_id": 7, "category_id": 2})

    dataset = read_coco(coco_file(edit))
    assert dataset.ignored_annotations == 1
    assert len(dataset.candidates[7]) == 1


def test_empty_boxes_of_crowds_read_as_none(coco_file):
    def edit(data):
        first(data).update(bbox=[0, 0, 0, 0], iscrowd=1)

    (person,) = read_coco(coco_file(edit)).candidates[7]
    assert person.box is None
    assert person.iscrowd


def test_plain_run_lengths_become_compressed(coco_file):
    def edit(data):
        first(data)["segmentation"] = {"size": [480, 640], "counts": [480, 20, 480 * 639 - 20]}

    mask = read_coco(coco_file(edit)).candidates[7][0].segmentation
    assert isinstance(mask, Rle)
    assert (mask.height, mask.width) == (480, 640)


FAULTS = {
    "48 numbers": (
        lambda d: first(d).update(keypoints=[1] * 48),
        r"annotations\[0\]\.keypoints: 48 numbers, expected 51",
    ),
    "visibility 3": (
        lambda d: first(d)["keypoints"].__setitem__(5, 3),
        r"annotations\[0\]\.keypoints\[5\]: visibility 3 of left_eye is not 0, 1 or 2",
    ),
    "visibility a half": (
        lambda d: first(d)["keypoints"].__setitem__(5, 0.5),
        r"annotations\[0\]\.keypoints\[5\]: visibility 0\.5",
    ),
    "NaN": (
        lambda d: first(d)["keypoints"].__setitem__(4, math.nan),
        r"annotations\[0\]\.keypoints\[4\]: nan is not a finite number",
    ),
    "Infinity in a box": (
        lambda d: first(d)["bbox"].__setitem__(1, math.inf),
        r"annotations\[0\]\.bbox\[1\]: inf is not a finite number",
    ),
    "text among numbers": (
        lambda d: first(d)["keypoints"].__setitem__(0, "12"),
        r"annotations\[0\]\.keypoints\[0\]: not a number",
    ),
    "true among numbers": (
        lambda d: first(d)["keypoints"].__setitem__(0, True),
        r"annotations\[0\]\.keypoints\[0\]: not a number",
    ),
    "no keypoints": (
        lambda d: first(d).pop("keypoints"),
        r"annotations\[0\]\.keypoints: missing",
    ),
    "unknown image": (
        lambda d: first(d).update(image_id=8),
        r"annotations\[0\]\.image_id: there is no image 8",
    ),
    "unknown category": (
        lambda d: first(d).update(category_id=3),
        r"annotations\[0\]\.category_id: there is no category 3",
    ),
    "annotation id twice": (
        lambda d: d["annotations"].append(first(d)),
        r"annotations\[1\]\.id: 1 is there twice",
    ),
    "image id twice": (
        lambda d: d["images"][1].update(id=7),
        r"images\[1\]\.id: 7 is there twice",
    ),
    "file name twice": (
        lambda d: d["images"][1].update(file_name="a.jpg"),
        r"images\[1\]\.file_name: 'a\.jpg' is there twice",
    ),
    "climbing file name": (
        lambda d: d["images"][1].update(file_name="../../etc/passwd"),
        r"images\[1\]\.file_name: .* leads out of the dataset's folder",
    ),
    "negative image": (
        lambda d: d["images"][0].update(width=-640),
        r"images\[0\]\.width: -640 is not a size in pixels",
    ),
    "negative box": (
        lambda d: first(d).update(bbox=[1, 1, -5, 5]),
        r"annotations\[0\]\.bbox: negative size -5×5",
    ),
    "negative area": (lambda d: first(d).update(area=-1), r"annotations\[0\]\.area: negative"),
    "text id": (
        lambda d: first(d).update(id="one"),
        r"annotations\[0\]\.id: a whole number was expected",
    ),
    "joints in another order": (
        lambda d: d["categories"][0]["keypoints"].reverse(),
        r"categories\[0\]\.keypoints\[0\]: 'right_ankle', expected 'nose'",
    ),
    "fourteen joints": (
        lambda d: d["categories"][0].update(keypoints=["a"] * 14),
        r"categories\[0\]\.keypoints: 14 joints, expected 17",
    ),
    "no category with keypoints": (
        lambda d: d["categories"][0].pop("keypoints"),
        "categories: none has keypoints",
    ),
    "no images": (lambda d: d.update(images=[]), "images: the list is empty"),
    "images missing": (lambda d: d.pop("images"), "not a COCO keypoint file: images missing"),
    "images no array": (lambda d: d.update(images={}), "images: an array was expected"),
    "an image is a number": (
        lambda d: d.update(images=[5]),
        r"images\[0\]: an object was expected",
    ),
    "mask of another size": (
        lambda d: first(d).update(segmentation={"size": [4, 4], "counts": [16]}),
        r"annotations\[0\]\.segmentation\.size: 4×4 pixels, but image 7 has 640×480",
    ),
    "mask with too few pixels": (
        lambda d: first(d).update(segmentation={"size": [480, 640], "counts": [16]}),
        r"annotations\[0\]\.segmentation\.counts: the runs cover 16 pixels",
    ),
    "mask of garbage": (
        lambda d: first(d).update(segmentation={"size": [480, 640], "counts": "\u007fZZZ"}),
        r"annotations\[0\]\.segmentation\.counts: the run lengths are damaged",
    ),
    "outline of two points": (
        lambda d: first(d).update(segmentation=[[1, 2, 3, 4]]),
        r"annotations\[0\]\.segmentation\[0\]: an outline needs",
    ),
}


@pytest.mark.parametrize(("edit", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_place(coco_file, edit, message):
    with pytest.raises(InvalidInput, match=r"^poses\.json: .*" + message) as info:
        read_coco(coco_file(edit))
    assert info.value.file == "poses.json"
    assert info.value.fault


TEXTS = {
    "empty file": ("", "the file is empty"),
    "no JSON": ("hello", "not a JSON object"),
    "a list of results": ("[]", "not a JSON object"),
    "cut off": ('{"images": [{"id": 1, "file_', r"images\[0\]: Unterminated string"),
    "cut off between elements": ('{"images": [{"id": 1}', r"images\[0\]\.file_name"),
    "cut off after the array": ('{"info": [1]', "after info: the file ends too early"),
    "missing comma": ('{"info": {} "images": []}', "after info: , or } was expected"),
    "bad element": ('{"licenses": [{"a" 1}]}', r"licenses\[0\]: Expecting ':' delimiter"),
    "member twice": ('{"info": 1, "info": 2}', "info: the member is there twice"),
    "text behind": ('{"info": 1} x', "more text behind"),
    "deep nesting": ('{"info": ' + "[" * 200_000, "nested too deeply"),
    "endless number": ('{"info": {"a": ' + "9" * 5000 + "}}", "info: Exceeds the limit"),
}


@pytest.mark.parametrize(("text", "message"), TEXTS.values(), ids=TEXTS.keys())
def test_broken_json_is_named_with_its_place(tmp_path, text, message):
    path = tmp_path / "poses.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"^poses\.json: .*" + message):
        read_coco(path)


def test_text_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "poses.json"
    path.write_bytes('{"info": "Säugling"}'.encode("latin-1"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_coco(path)


def test_a_byte_order_mark_is_tolerated(coco_file):
    path = coco_file()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_coco(path).images


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(TooLarge, match=r"huge\.json: the file has 3,072 MiB, the limit is 2,048"):
        read_coco(path)


def test_elements_across_the_borders_of_pieces_are_read_whole(coco_file):
    def edit(data):
        person = first(data)
        data["annotations"] = [person | {"id": i} for i in range(1, 6001)]

    path = coco_file(edit)
    assert path.stat().st_size > 2 << 20
    assert [p.id for p in read_coco(path).candidates[7]] == list(range(1, 6001))


def test_real_coco_annotations_are_read_as_they_stand(shared_data):
    path = shared_data / "coco_people" / "test_coco.json"
    dataset = read_coco(path)
    raw = json.loads(path.read_text())
    people = {p.id: p for people in dataset.candidates.values() for p in people}
    assert len(dataset.images) == 4
    assert {a["id"]: a["keypoints"] for a in raw["annotations"]} == {
        i: p.skeleton.to_flat() for i, p in people.items()
    }
    assert {a["id"]: a["num_keypoints"] for a in raw["annotations"]} == {
        i: p.skeleton.num_keypoints for i, p in people.items()
    }
