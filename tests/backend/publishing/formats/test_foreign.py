"""Files of other tools are called by their names, with what to do."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from backend.domain.errors import InvalidInput
from backend.publishing.formats.coco_reader import read_coco

CVAT_XML = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><id>1</id></task></meta>
<image id="0" name="a.jpg" width="64" height="48"><skeleton label="person"/></image>
</annotations>"""

TEXTS: dict[str, tuple[str, str, str]] = {
    "CVAT for images": ("annotations.xml", CVAT_XML, "CVAT .*COCO Keypoints 1.0"),
    "CVAT for video": ("a.xml", '<annotations>\n<track id="0"/></annotations>', "CVAT"),
    "Pascal VOC": ("a.xml", "<annotation><object/></annotation>", "Pascal VOC"),
    "some XML": ("a.xml", "<dataset/>", "an XML file"),
    "YOLO poses": ("a.txt", "0 0.5 0.5 0.2 0.3 0.41 0.22 2 0.4 0.2 1\n", "YOLO label"),
    "YOLO boxes": ("a.txt", "0 0.5 0.5 0.2 0.3\n1 0.1 0.1 0.1 0.1\n", "YOLO label"),
    "YOLO's dataset": (
        "data.yaml",
        "path: ../d\ntrain: images\nkpt_shape: [17, 3]\n",
        "YOLO datas",
    ),
    "DeepLabCut": (
        "CollectedData_Ana.csv",
        "scorer,Ana,Ana\nbodyparts,nose,nose\ncoords,x,y\nlabeled-data/v/img1.png,1.5,2.5\n",
        "DeepLabCut",
    ),
    "VIA table": ("via.csv", "filename,file_size,file_attributes,region_count\n", "VIA"),
    "a web page": ("people.json", "<!DOCTYPE html><html>log in</html>", "a web page"),
}

JSONS: dict[str, tuple[Any, str]] = {
    "Label Studio": (
        [{"id": 1, "annotations": [{"result": []}], "data": {"img": "/data/upload/1.jpg"}}],
        "Label Studio",
    ),
    "Label Studio, short": (
        [{"img": "a.jpg", "id": 1, "kp-1": [], "annotator": 1, "annotation_id": 1}],
        "Label Studio",
    ),
    "CVAT's backup": ([{"version": 0, "tags": [], "shapes": [], "tracks": []}], "CVAT"),
    "Datumaro": (
        {"info": {}, "categories": {"points": {"items": []}}, "items": [{"id": "a"}]},
        "Datumaro",
    ),
    "SLEAP": (
        {"version": "2.0.0", "skeletons": [{}], "nodes": [{}], "videos": [], "labels": []},
        "SLEAP",
    ),
    "Labelme": (
        {"version": "5.2.1", "flags": {}, "shapes": [], "imagePath": "a.jpg", "imageData": None},
        "Labelme",
    ),
    "VIA project": ({"_via_settings": {}, "_via_img_metadata": {}}, "VIA"),
    "VIA regions": ({"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": []}}, "VIA"),
    "MMPose inferencer": (
        [{"keypoints": [[1, 2]], "keypoint_scores": [0.9], "bbox": [[1, 2, 3, 4]]}],
        "MMPose",
    ),
    "MMPose video": ([{"frame_id": 0, "instances": []}], "MMPose"),
    "MMPose with meta": ({"meta_info": {}, "instance_info": [{"frame_id": 1}]}, "MMPose"),
    "OpenPose": (
        {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": [1, 2, 0.9]}]},
        "OpenPose",
    ),
    "OpenPose of nobody": ({"version": 1.3, "people": []}, "OpenPose"),
    "AlphaPose as OpenPose": (
        {"a.jpg": {"version": "AlphaPose v0.3", "people": [{"pose_keypoints_2d": []}]}},
        "AlphaPose",
    ),
    "Supervisely": (
        {"description": "", "tags": [], "size": {"height": 4, "width": 4}, "objects": []},
        "Supervisely",
    ),
    "Darwin": ({"version": "2.0", "item": {"name": "a.jpg"}, "annotations": []}, "Darwin"),
    "COCO panoptic": (
        {"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [],
         "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": []}]},
        "COCO panoptic",
    ),
    "COCO captions": (
        {"images": [{"id": 1, "file_name": "a.jpg"}],
         "annotations": [{"id": 1, "image_id": 1, "caption": "a baby"}]},
        "COCO captions",
    ),
    "COCO instances": (
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 4, "height": 4}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}],
         "categories": [{"id": 1, "name": "person"}]},
        "COCO instances",
    ),
    "something else": ({"a": 1}, "annotations and images missing"),
    "another list": ([1, 2], "not one of COCO results"),
}  # fmt: skip

BYTES: dict[str, tuple[str, bytes, str]] = {
    "SLEAP labels": ("labels.slp", b"\x89HDF\r\n\x1a\n" + bytes(64), "a SLEAP labels file"),
    "DeepLabCut": ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(64), "a DeepLabCut table"),
    "other HDF5": ("a.hdf5", b"\x89HDF\r\n\x1a\n" + bytes(64), "DeepLabCut .* and SLEAP"),
    "NumPy": ("a.npy", b"\x93NUMPY\x01\x00", "a NumPy file"),
    "a pickle": ("a.pkl", b"\x80\x04\x95", "a Python pickle.*could run code"),
    "MATLAB": ("mpii.mat", b"MATLAB 5.0 MAT-file", "a MATLAB file"),
    "a picture": ("a.json", b"\xff\xd8\xff\xe0", "an image"),
    "a video": ("a.json", b"\0\0\0\x18ftypisom", "a video"),
}


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as info:
        read_coco(path)
    assert str(info.value).startswith(path.name)
    return str(info.value)


@pytest.mark.parametrize(("name", "text", "words"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_of_another_tool_is_named(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    assert re.search(words, refusal(tmp_path / name))


@pytest.mark.parametrize(("document", "words"), JSONS.values(), ids=JSONS.keys())
def test_json_of_another_tool_is_named(tmp_path, document, words):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document))
    assert words in refusal(path)


@pytest.mark.parametrize(("name", "data", "words"), BYTES.values(), ids=BYTES.keys())
def test_bytes_of_another_tool_are_named(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InvalidInput, match=words):
        read_coco(tmp_path / name)


def test_an_archive_is_to_be_unpacked(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("annotations/person_keypoints_default.json", "{}")
    assert "unpack it" in refusal(path)


def test_alphapose_results_are_read_by_their_file_names(tmp_path):
    path = tmp_path / "alphapose-results.json"
    person = {"image_id": "1.jpg", "category_id": 1, "keypoints": [5.0, 6.0, 0.9] * 17,
              "score": 2.9, "box": [1, 1, 9, 9], "idx": [0.0]}  # fmt: skip
    path.write_text(json.dumps([person]))
    dataset = read_coco(path)
    assert dataset.images[0].file_name == "1.jpg"
    assert dataset.candidates["1.jpg"][0].skeleton.num_keypoints == 17
