"""COCO files as a whole: lists of results, choices, what is refused."""

from __future__ import annotations

import json
import math

import pytest

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.infants import Apart
from backend.domain.keypoints import Visibility
from backend.domain.oddities import ODD_RULES, Answer, Odd
from backend.publishing.formats.coco_reader import CocoFile, read_coco
from tests.backend.publishing.formats.coco_edits import (
    JOINTS_LOST,
    LEFT_OUT,
    SHAPES,
    Edit,
    again,
    first,
    kp,
    odd,
    read,
)
from tests.backend.publishing.formats.conftest import SMALL


def test_a_list_of_results_is_read_by_its_ids(tmp_path):
    path = tmp_path / "results.json"
    joints = [v for i in range(17) for v in (10.0 + i, 20.0, 0.1 * (i % 10))]
    result = {"image_id": 139, "category_id": 1, "score": 0.8, "keypoints": joints}
    path.write_text(json.dumps([result, {**result, "image_id": "b.jpg", "score": 0.2}]))
    dataset = read_coco(path)
    assert [(i.id, i.file_name) for i in dataset.images] == [(139, ""), ("b.jpg", "b.jpg")]
    (found,) = dataset.candidates[139]
    assert (found.id, found.score) == (None, 0.8)
    assert [int(j.visibility) for j in found.skeleton.joints[:5]] == [0, 1, 1, 2, 2]
    assert odd(dataset) == {Odd.RESULTS_LIST: 1}


def test_results_with_ones_for_scores_are_visible(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps([{"image_id": 1, "category_id": 1, "keypoints": [5, 5, 1] * 17}]))
    (found,) = read_coco(path).candidates[1]
    assert found.skeleton.joints[0].visibility is Visibility.VISIBLE


def test_annotations_without_images_are_read_as_results(coco_file):
    dataset = read_coco(coco_file(lambda d: d.pop("images")))
    assert [image.id for image in dataset.images] == [7]
    assert odd(dataset) == {Odd.RESULTS_LIST: 1}


def test_an_import_is_refused_for_a_kind_for_which_that_was_chosen(coco_file):
    path = coco_file(kp(4, math.nan))
    with pytest.raises(
        InvalidInput,
        match=r"^poses\.json: Joints whose place is not a number .* \(a\.jpg, annotation 1,"
        r" annotations\[0\]\.keypoints\[4\]: nan\); you chose to refuse such files\.$",
    ):
        read(path, (Odd.JOINT_NOT_A_NUMBER, Answer.CANCEL))


def test_places_are_told_for_the_first_few_and_all_are_counted(coco_file):
    dataset = read_coco(coco_file(lambda d: first(d)["keypoints"].__setitem__(
        slice(0, 51), [math.nan, 1, 2] * 17)))  # fmt: skip
    found = next(f for f in dataset.findings if f.kind is Odd.JOINT_NOT_A_NUMBER)
    assert (found.count, len(found.places)) == (17, 5)
    place = found.places[1]
    assert (place.image, place.annotation, place.where) == (
        "a.jpg", 1, "annotations[0].keypoints[3]",
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(Odd))
def test_every_answer_to_every_kind_is_understood(coco_file, kind):
    def edit(data):
        for change_of, *_ in (*LEFT_OUT.values(), *JOINTS_LOST.values(), *SHAPES.values()):
            broken = json.loads(json.dumps(SMALL))
            change_of(broken)
            data["annotations"] += broken["annotations"]

    for answer in ODD_RULES[kind].answers:
        if answer is not Answer.CANCEL:
            assert read(coco_file(edit), (kind, answer)).images


REFUSED: dict[str, tuple[Edit, str]] = {
    "no category with keypoints": (
        lambda d: (d["categories"][0].pop("keypoints"), first(d).pop("keypoints")),
        r"this is a COCO instances file .*, not a COCO keypoint file",
    ),
    "no images": (lambda d: d.update(images=[], annotations=[]), "images: the list is empty"),
    "annotations missing": (
        lambda d: d.pop("annotations"),
        "COCO keypoint file: annotations m",
    ),
    "images no array": (lambda d: d.update(images={}), "images: an array was expected"),
}


@pytest.mark.parametrize(("edit", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_coco_keypoint_file_is_refused(coco_file, edit, words):
    with pytest.raises(InvalidInput, match=r"^poses\.json: .*" + words) as info:
        read_coco(coco_file(edit))
    assert info.value.file == "poses.json"
    assert info.value.fault


TEXTS = {
    "empty file": ("", "the file is empty"),
    "no JSON": ("hello", "this is not a JSON file"),
    "an empty list": ("[]", "the list of results holds no joints"),
    "cut off": ('{"images": [{"id": 1, "file_', r"images\[0\]: Unterminated string"),
    "cut off between elements": ('{"images": [{"id": 1, "file_name": "a"}', r"ends too early"),
    "cut off after the array": ('{"info": [1]', "after info: the file ends too early"),
    "missing comma": ('{"info": {} "images": []}', "after info: , or } was expected"),
    "bad element": ('{"licenses": [{"a" 1}]}', r"licenses\[0\]: Expecting ':' delimiter"),
    "member twice": ('{"info": 1, "info": 2}', "info: the member occurs twice"),
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


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(TooLarge, match=r"huge\.json: the file has 3,072 MiB, the limit is 2,048"):
        read_coco(path)


def test_elements_across_the_borders_of_pieces_are_read_whole(coco_file):
    def edit(data):
        data["annotations"] = [first(data) | {"id": i} for i in range(1, 6001)]

    path = coco_file(edit)
    assert path.stat().st_size > 2 << 20
    assert [p.id for p in read_coco(path).candidates[7]] == list(range(1, 6001))


def test_people_of_images_that_are_not_used_are_passed_over(coco_file):
    file = CocoFile(coco_file(again(id=2, image_id=9)))
    used = {9: file.head.images[9]}
    assert [p.id for p in file.people(used)] == [2]


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
    assert all((p.apart is Apart.CROWD) == p.iscrowd for p in people.values())
