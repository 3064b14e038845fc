"""What is broken is refused with words or taken down; nothing is read that lies outside."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from backend.domain.errors import InvalidInput, NotFound, TooLarge
from backend.domain.oddities import Odd
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.convert import convert
from backend.publishing.formats.detect import detect
from backend.publishing.formats.folders import relative
from backend.publishing.formats.reading import Reader, ReadOptions
from backend.publishing.formats.registry import INTERCHANGE, interchange_of
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import LabelledFrame
from tests.backend.publishing.formats.interchange.test_peers import HEIGHT, WIDTH, frames, write

READ = [form.name for form in INTERCHANGE.values() if form.read and form.name != "mini-rgbd"]


def read(name: str, path: Path, **options: Any) -> tuple[list[LabelledFrame], Reader]:
    kind = INTERCHANGE[name].read
    assert kind is not None
    reader = kind(path, ReadOptions(**{"size": (WIDTH, HEIGHT), **options}))
    return list(reader.frames()), reader


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta/>
<image id="0" name="a.jpg" width="96" height="64">{shapes}</image></annotations>"""


def cvat(tmp_path: Path, shapes: str) -> tuple[list[LabelledFrame], Reader]:
    path = tmp_path / "a.xml"
    path.write_text(CVAT.format(shapes=shapes))
    return read("cvat", path)


def skeleton(**changes: str) -> str:
    points = "".join(
        f'<points label="{name}" outside="0" occluded="0" points="{changes.get(name, "3,4")}"/>'
        for name in JOINTS
    )
    return f'<skeleton label="baby">{points}</skeleton>'


@pytest.mark.parametrize("name", READ)
def test_a_file_of_nothing_and_of_noise_is_refused(tmp_path: Path, name: str) -> None:
    noise = tmp_path / "noise"
    for content in (b"", b"{", b"[1, 2]", b"<a>", random.Random(4).randbytes(500)):
        noise.write_bytes(content)
        with pytest.raises(InvalidInput) as refused:
            read(name, noise)
        assert str(refused.value).startswith(("noise", "labels.json")), refused.value


@pytest.mark.parametrize("name", READ)
def test_a_file_that_is_cut_off_is_refused_or_taken_down(tmp_path: Path, name: str) -> None:
    path = write(name, tmp_path / "labels", frames())
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            data = file.read_bytes()
            file.write_bytes(data[: len(data) * 2 // 3])
    # Any other error would come through.
    with suppress(InvalidInput):
        read(name, path)


@pytest.mark.parametrize("name", ["coco", "cvat", "label-studio", "deeplabcut", "sleap"])
def test_a_file_larger_than_the_limit_is_refused(tmp_path: Path, name: str) -> None:
    path = write(name, tmp_path / "labels", frames())

    with pytest.raises(TooLarge, match="limit"):
        read(name, path, max_bytes=100)


def test_entities_and_document_types_are_refused(tmp_path: Path) -> None:
    entities = ["ha", *(10 * f"&l{i};" for i in range(11))]
    laughs = "".join(f'<!ENTITY l{i} "{entity}">' for i, entity in enumerate(entities))
    path = tmp_path / "a.xml"
    for inside in (laughs, '<!ENTITY l11 SYSTEM "file:///etc/passwd">'):
        path.write_text(f"<!DOCTYPE a [{inside}]><annotations>&l11;</annotations>")
        with pytest.raises(InvalidInput, match="entities are refused"):
            read("cvat", path)


def test_a_shape_that_cannot_be_read_costs_itself_alone(tmp_path: Path) -> None:
    box = '<box label="baby" xtl="{}" ytl="1" xbr="9" ybr="9" occluded="0"/>'
    shapes = box.format("nan") + skeleton() + '<polyline label="x" points="1,2;3,4"/>'

    (frame,), reader = cvat(tmp_path, shapes)

    assert frame.joints is not None
    assert frame.box is None
    assert reader.findings.count(Odd.ANNOTATION_UNREADABLE) == 1
    assert reader.findings.count(Odd.SHAPE_LEFT_OUT) == 1


@pytest.mark.parametrize("place", ["1e400,3", "x,y", "", "3"])
def test_a_skeleton_with_a_place_that_is_none_is_taken_down(tmp_path: Path, place: str) -> None:
    (frame,), reader = cvat(tmp_path, skeleton(nose=place))

    assert frame.joints is None or not frame.joints.joints[0].present
    assert sum(found.count for found in reader.findings) >= 1


def test_a_mask_with_wrong_runs_is_dropped_and_the_joints_stay(tmp_path: Path) -> None:
    mask = '<mask label="baby" rle="3, 99999999" left="0" top="0" width="4" height="4"/>'

    (frame,), reader = cvat(tmp_path, skeleton() + mask)

    assert frame.joints is not None
    assert frame.mask is None
    assert reader.findings.count(Odd.MASK_UNREADABLE) == 1


def test_joints_of_unknown_names_are_refused_with_words(tmp_path: Path) -> None:
    path = tmp_path / "cow.csv"
    path.write_text("scorer,a,a\nbodyparts,hoof,hoof\ncoords,x,y\nimg.png,1,2\n")

    with pytest.raises(InvalidInput, match="none of its body parts"):
        read("deeplabcut", path)


def test_a_skeleton_that_was_chosen_must_fit(tmp_path: Path) -> None:
    path = write("sleap", tmp_path / "a.slp", frames())

    with pytest.raises(InvalidInput, match="has 14 joints"):
        read("sleap", path, choices=CocoChoices(skeletons={"*": "lsp"}))
    with pytest.raises(InvalidInput, match="There is no skeleton"):
        read("sleap", path, choices=CocoChoices(skeletons={"*": "octopus"}))


def test_labels_without_names_of_joints_are_told_by_number_only_as_a_proposal(
    tmp_path: Path,
) -> None:
    folder = write("yolo", tmp_path / "yolo", frames())
    about = folder / "data.yaml"
    about.write_text("train: images/train\nval: images/train\nkpt_shape: [14, 3]\nnames: [baby]\n")

    with pytest.raises(InvalidInput, match="name the skeleton"):
        read("yolo", folder)


@pytest.mark.parametrize("place", ["../other", "/etc"])
def test_a_dataset_that_points_out_of_its_folder_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "other").mkdir()
    folder = write("yolo", tmp_path / "yolo", frames())
    about = folder / "data.yaml"
    about.write_text(about.read_text().replace("images/train", place))

    with pytest.raises(InvalidInput, match="there is no"):
        read("yolo", folder)


@pytest.mark.parametrize("name", ["../a.jpg", "/a.jpg", "a/../../b.jpg", "C:\\a.jpg", ".", ""])
def test_no_file_is_written_outside_of_the_folder(name: str) -> None:
    with pytest.raises(InvalidInput, match="names no file"):
        relative(name)


def test_hdf5_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["frames"] = np.zeros(3)
    path = write("sleap", tmp_path / "a.slp", frames())
    with h5py.File(path, "a") as file:
        del file["frames"]
        file["frames"] = h5py.ExternalLink(str(secret), "frames")

    with pytest.raises(InvalidInput, match="leads out of the file"):
        read("sleap", path)


def test_an_hdf5_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write("sleap", tmp_path / "a.slp", frames())
    with h5py.File(path, "a") as file:
        kind = file["points"].dtype
        del file["points"]
        file.create_dataset("points", shape=(1 << 40,), dtype=kind, chunks=(1 << 16,))

    with pytest.raises(InvalidInput, match="larger than"):
        read("sleap", path)


def test_indices_beyond_the_arrays_are_taken_down(tmp_path: Path) -> None:
    path = write("sleap", tmp_path / "a.slp", frames())
    with h5py.File(path, "a") as file:
        instances = file["instances"][()]
        instances["point_id_end"][0] = 1 << 60
        file["instances"][...] = instances

    found, reader = read("sleap", path)

    assert len(found[0].people) == 1
    assert reader.findings.count(Odd.JOINTS_WRONG_LENGTH) == 1


def test_a_pickle_in_a_table_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "predictions.h5"
    with h5py.File(path, "w") as file:
        file.create_group("df_with_missing").create_dataset("table", data=np.zeros(3))

    with pytest.raises(InvalidInput, match=r"pickle.*\.csv"):
        read("deeplabcut", path)


def test_label_studios_short_form_is_refused_with_words(tmp_path: Path) -> None:
    path = tmp_path / "min.json"
    path.write_text(json.dumps([{"img": "a.jpg", "kp-1": [], "annotation_id": 1, "annotator": 1}]))

    with pytest.raises(InvalidInput, match="JSON-MIN"):
        read("label-studio", path)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://bucket.example.org/visit/a%20b.jpg?X-Amz-Signature=1.png2&x=1", "a b.jpg"),
        ("s3://bucket/visit/a.png", "a.png"),
        ("/data/local-files/?d=visit/a.png", "visit/a.png"),
        ("/data/upload/3/1a2b3c4d-a.png", "a.png"),
        ("visit #3/a.png", "visit #3/a.png"),
    ],
)
def test_label_studios_addresses_of_images_become_their_names(
    tmp_path: Path, address: str, name: str
) -> None:
    path = tmp_path / "tasks.json"
    task = {"id": 1, "data": {"img": address, "text": "a child"}, "annotations": []}
    path.write_text(json.dumps([task]))

    found, _ = read("label-studio", path)

    assert [frame.image.file_name for frame in found] == [name]


def test_label_studios_predictions_are_said_to_be_read(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    point = {"type": "keypointlabels", "id": "a", "original_width": 90, "original_height": 60,
             "value": {"x": 50, "y": 50, "keypointlabels": ["nose"]}}  # fmt: skip
    cancelled = {"was_cancelled": True, "result": []}
    task = {"data": {"image": "a.png"}, "annotations": [cancelled],
            "predictions": [{"score": 0.5, "result": [point]}]}  # fmt: skip
    path.write_text(json.dumps([task]))

    (frame,), reader = read("label-studio", path)

    assert frame.people[0].marks.score == 0.5
    assert any("a model's prediction was read" in note for note in reader.notes)


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not recognised"):
        detect(tmp_path)
    for name in ("labelme", "yolo", "coco-folder", "mini-rgbd", "deeplabcut"):
        with pytest.raises(InvalidInput):
            read(name, tmp_path)


def test_mini_rgbd_is_read(tmp_path: Path) -> None:
    sequence = tmp_path / "set" / "03"
    for part in ("rgb", "joints_2Ddep", "fg_mask", "depth", "smil_params"):
        (sequence / part).mkdir(parents=True)
    Image.new("RGB", (64, 48)).save(sequence / "rgb" / "syn_00007.png")
    pixels = np.zeros((48, 64), np.uint8)
    pixels[5:9, 4:10] = 255
    Image.fromarray(pixels).save(sequence / "fg_mask" / "mask_00007.png")
    lines = [f"{i + 0.25} {2 * i} 900 {i}" for i in range(25)]
    (sequence / "joints_2Ddep" / "syn_joints_2Ddep_00007.txt").write_text("\n".join(lines))

    assert detect(tmp_path / "set") == "mini-rgbd"
    (frame,), reader = read("mini-rgbd", tmp_path / "set")

    assert "Not read: depth images, SMIL's parameters." in reader.notes
    assert frame.image.file_name == "03/rgb/syn_00007.png"
    assert (frame.image.width, frame.image.height) == (64, 48)
    assert frame.joints is not None
    nose, ear = frame.joints.joints[0], frame.joints.joints[3]
    assert (nose.x, nose.y) == (24.75, 48.5)
    assert not ear.present
    assert frame.mask is not None
    assert frame.mask.area == 24


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path) -> None:
    source = write("deeplabcut", tmp_path / "in.csv", frames())
    target = tmp_path / "out"
    forms = interchange_of("deeplabcut"), interchange_of("yolo")

    with pytest.raises(InvalidInput, match="its size is not known"):
        convert(
            source,
            target,
            reads=forms[0],
            writes=forms[1],
            reading=ReadOptions(),
            writing=WriteOptions("t", scratch=tmp_path),
        )

    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    source = write("coco", tmp_path / "in.json", frames())
    target = tmp_path / "out.xml"
    target.write_text("mine")

    with pytest.raises(InvalidInput, match="something already"):
        convert(
            source,
            target,
            reads=interchange_of("coco"),
            writes=interchange_of("cvat"),
            reading=ReadOptions(),
            writing=WriteOptions("t"),
        )

    assert target.read_text() == "mine"


def test_an_unknown_format_is_named_with_those_that_are_known() -> None:
    with pytest.raises(NotFound, match=r"no format vhs.*coco"):
        interchange_of("vhs")
