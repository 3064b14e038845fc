"""Files that were written are read by tools that live in environments of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from backend.domain.keypoints import Skeleton
from backend.publishing.formats.label_studio.layout import labelling_interface
from tests.backend.publishing.formats.interchange.test_peers import (
    HEIGHT,
    WIDTH,
    frames,
    places,
    write,
)
from tests.setup.peers import asked

DATUMARO: Final = """
import json, sys, datumaro
data = datumaro.Dataset.import_from(sys.argv[1], sys.argv[2])
print(json.dumps({item.id: [
    {"kind": a.type.name, "points": list(a.points) if a.type.name == "points" else None,
     "visibility": [v.value for v in a.visibility] if a.type.name == "points" else None}
    for a in item.annotations] for item in data}))
"""
LABEL_STUDIO_CHECKS: Final = """
import json, sys
from label_studio_sdk.label_interface import LabelInterface
interface = LabelInterface(open(sys.argv[1]).read())
assert interface.validate() is None
tasks = json.load(open(sys.argv[2]))
print(json.dumps([interface.validate_annotation(t["annotations"][0]) for t in tasks]))
"""
LABEL_STUDIO_COCO: Final = """
import sys
from label_studio_sdk.converter import Converter
Converter(open(sys.argv[1]).read(), sys.argv[3]).convert_to_coco(
    sys.argv[2], sys.argv[3] + "/coco", is_dir=False)
print(open(sys.argv[3] + "/coco/result.json").read().replace(chr(10), " "))
"""
FIFTYONE: Final = """
import json, sys, fiftyone, fiftyone.utils.coco as coco
info, classes, _, images, annotations = coco.load_coco_detection_annotations(sys.argv[1])
found = []
for key, image in images.items():
    people = annotations.get(key, []) if annotations else []
    found.append({"file_name": image["file_name"], "people": [
        p.to_keypoints((image["width"], image["height"]), classes).points for p in people]})
print(json.dumps(found))
"""


def pictures(folder: Path) -> None:
    for frame in frames():
        image = folder / frame.image.file_name
        image.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT)).save(image)


def alone() -> np.ndarray:
    return places(frames()[1].joints or Skeleton.empty(), 0.5)


def test_datumaro_loads_coco_files(tmp_path: Path) -> None:
    (tmp_path / "set" / "annotations").mkdir(parents=True)
    pictures(tmp_path / "set" / "images" / "train")
    write("coco", tmp_path / "set" / "annotations" / "person_keypoints_train.json", frames())

    found = asked("datumaro", DATUMARO, tmp_path / "set", "coco_person_keypoints")

    assert len(found) == 3
    (person,) = [one for one in found["videoA/b"] if one["kind"] == "points"]
    assert person["visibility"][:4] == [2, 1, 0, 2]
    got = np.reshape(person["points"], (17, 2))
    assert np.allclose(got[[0, 1, 16]], alone()[[0, 1, 16]], atol=0.01)


def test_datumaro_finds_the_joints_of_cvats_files(tmp_path: Path) -> None:
    pictures(tmp_path / "images")
    write("cvat", tmp_path / "annotations.xml", frames())

    found = asked("datumaro", DATUMARO, tmp_path, "cvat")

    got = np.reshape([one["points"] for one in found["videoA/b"][:17]], (17, 2))
    assert np.allclose(got[[0, 1, 3, 16]], alone()[[0, 1, 3, 16]] + 0.5, atol=0.01)


def test_label_studios_own_checks_pass(tmp_path: Path) -> None:
    tasks = write("label-studio", tmp_path / "tasks.json", frames())
    interface = tmp_path / "interface.xml"
    interface.write_text(labelling_interface(["infant", "adult"]))

    assert all(asked("label-studio-sdk", LABEL_STUDIO_CHECKS, interface, tasks))

    broken = tmp_path / "broken.json"
    broken.write_text(tasks.read_text().replace("left_wrist", "left_paw"))
    assert not asked("label-studio-sdk", LABEL_STUDIO_CHECKS, interface, broken)[0]


def test_label_studios_converter_finds_the_same_joints(tmp_path: Path) -> None:
    tasks = write("label-studio", tmp_path / "tasks.json", frames(adult=False)[1:2])
    interface = tmp_path / "interface.xml"
    interface.write_text(labelling_interface(["infant"]))

    told = asked("label-studio-sdk", LABEL_STUDIO_COCO, interface, tasks, tmp_path)

    joints = next(a["keypoints"] for a in told["annotations"] if a.get("keypoints"))
    got = np.reshape(joints, (17, 3))
    # It rounds to whole pixels, and its pixels are continuous.
    expected = alone() + 0.5
    assert np.allclose(got[[0, 1, 3, 16], :2], expected[[0, 1, 3, 16]], atol=0.51)


@pytest.mark.parametrize("split", ["fiftyone", "coco"])
def test_fiftyones_reader_of_coco_finds_the_same_joints(split: str, tmp_path: Path) -> None:
    written = write(split, tmp_path / ("set" if split == "fiftyone" else "a.json"), frames())
    labels = written / "labels.json" if split == "fiftyone" else written

    found = asked("fiftyone", FIFTYONE, labels)

    by_name = {image["file_name"]: image["people"] for image in found}
    (one,) = next(people for name, people in by_name.items() if name.endswith("b.jpg"))
    got = np.array(one, dtype=float) * (WIDTH, HEIGHT)
    present = ~np.isnan(got).any(axis=1)
    assert present.tolist()[:4] == [True, True, False, True]
    assert np.allclose(got[present], alone()[present], atol=0.01)
