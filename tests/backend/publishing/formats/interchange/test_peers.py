"""Files that were written are read by the library of the tool that they are for, and back.

Libraries that are too heavy for the development environment are asked apart (``test_peers_apart``).
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.skeleton import EDGES, JOINTS, PAIRS
from backend.publishing.formats.reading import ReadOptions
from backend.publishing.formats.registry import INTERCHANGE
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledMask,
    LabelledPerson,
    PersonMarks,
    VideoFrame,
)

WIDTH, HEIGHT = 96, 64


def skeleton(x: float, y: float) -> Skeleton:
    """Joints on a line; the second is occluded, the third absent, the last in a corner."""
    joints = [Joint(x + i, y + i / 4, Visibility.VISIBLE) for i in range(17)]
    joints[1] = replace(joints[1], visibility=Visibility.OCCLUDED)
    joints[2] = ABSENT_JOINT
    joints[16] = Joint(0.5, 0.5, Visibility.VISIBLE)
    return Skeleton(tuple(joints))


def frames(*, adult: bool = True) -> list[LabelledFrame]:
    """An infant with an adult, an infant alone, and nobody."""
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[10:30, 5:40] = True
    pixels[12:15, 8:20] = False
    mask = LabelledMask(masks.encode(pixels), int(pixels.sum()))
    person = LabelledPerson(skeleton(50.25, 20.5), Box(0, 0, 80, 40.5), marks=PersonMarks("adult"))
    infant = LabelledFrame(
        LabelledImage(1, "videoA/a.jpg", WIDTH, HEIGHT),
        joints=skeleton(5.75, 10.25),
        box=Box(0, 0.5, 40.25, 30),
        mask=mask,
        marks=PersonMarks("infant", "t1"),
        others=(person,) if adult else (),
    )
    alone = replace(
        infant,
        image=LabelledImage(2, "videoA/b.jpg", WIDTH, HEIGHT),
        joints=skeleton(20.5, 30.5),
        box=Box(0, 0, 60, 50),
        others=(),
        mask=None,
    )
    return [infant, alone, LabelledFrame(LabelledImage(3, "videoA/c.jpg", WIDTH, HEIGHT))]


def write(name: str, path: Path, found: list[LabelledFrame]) -> Path:
    form = INTERCHANGE[name]
    options = WriteOptions("test")
    if form.write_folder is not None:
        path.mkdir()
        form.write_folder(found, path, options)
    else:
        assert form.write is not None
        with path.open("wb") as file:
            form.write(found, file, options)
    return path


def read(name: str, path: Path) -> list[LabelledFrame]:
    reader = INTERCHANGE[name].read
    assert reader is not None
    return list(reader(path, ReadOptions(size=(WIDTH, HEIGHT))).frames())


def places(found: Skeleton, shift: float = 0.0) -> np.ndarray[Any, Any]:
    """(17, 2), NaN where a joint is absent."""
    flat = np.reshape(found.to_flat(), (17, 3))
    return np.where(flat[:, 2:] > 0, flat[:, :2] - shift, np.nan)


def test_pycocotools_reads_the_files_of_a_coco_folder(tmp_path: Path) -> None:
    folder = write("coco-folder", tmp_path / "set", frames())
    (path,) = folder.glob("annotations/person_keypoints_*.json")
    coco = COCO(str(path))
    infants = {
        image["file_name"]: person
        for image in coco.loadImgs(coco.getImgIds())
        for person in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        if person.get("track_id") == "t1"
    }
    (person,) = [person for name, person in infants.items() if name.endswith("a.jpg")]
    expected = np.reshape(frames()[0].joints.to_flat(), (17, 3))  # type: ignore[union-attr]
    found = np.reshape(person["keypoints"], (17, 3))
    present = expected[:, 2] > 0
    assert np.array_equal(found[:, 2], np.where(present, expected[:, 2], 0))
    assert np.allclose(found[present, :2], expected[present, :2] - 0.5, atol=0.01)


def test_results_of_the_truth_are_perfect_by_pycocotools(tmp_path: Path) -> None:
    truth = write("coco", tmp_path / "truth.json", frames())
    results = write("coco-results", tmp_path / "results.json", frames())
    told = json.loads(truth.read_text())
    for person in told["annotations"]:
        person["category_id"] = 1
    told["categories"] = [c | {"id": 1} for c in told["categories"][:1]]
    truth.write_text(json.dumps(told))

    coco = COCO(str(truth))
    evaluation = COCOeval(coco, coco.loadRes(str(results)), "keypoints")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()

    assert evaluation.stats[0] == pytest.approx(1.0)


@pytest.mark.models
def test_mmpose_loads_coco_files(tmp_path: Path) -> None:
    pytest.importorskip("mmpose")
    from worker.adapters.openmmlab import registry

    registry()
    from mmpose.datasets import CocoDataset

    truth = write("coco", tmp_path / "truth.json", frames(adult=False))
    data = CocoDataset(ann_file=str(truth), data_mode="topdown", test_mode=False, pipeline=[])

    assert len(data) == 2
    first = data.get_data_info(0)
    visible = first["keypoints_visible"][0]
    expected = places(frames()[0].joints or Skeleton.empty(), 0.5)
    assert np.allclose(first["keypoints"][0][visible > 0], expected[visible > 0], atol=1e-4)


@pytest.mark.models
@pytest.mark.parametrize(
    ("form", "dataset", "joints"),
    [("crowdpose", "CrowdPoseDataset", 14), ("wholebody", "CocoWholeBodyDataset", 133)],
)
def test_mmpose_loads_files_of_other_skeletons(
    form: str, dataset: str, joints: int, tmp_path: Path
) -> None:
    mmpose = pytest.importorskip("mmpose.datasets")
    from worker.adapters.openmmlab import registry

    registry()
    written = write(form, tmp_path / "a.json", frames(adult=False))
    kind = getattr(mmpose, dataset)
    data = kind(ann_file=str(written), data_mode="topdown", test_mode=False, pipeline=[])

    assert len(data) == 2
    assert data.get_data_info(1)["keypoints"].shape == (1, joints, 2)
    left_shoulder = {14: 0, 133: 5}[joints]
    expected = places(frames()[1].joints or Skeleton.empty(), 0.5)[5]
    assert np.allclose(data.get_data_info(1)["keypoints"][0][left_shoulder], expected, atol=1e-4)


def test_sleap_io_reads_what_was_written(tmp_path: Path) -> None:
    sleap_io = pytest.importorskip("sleap_io")
    labels = sleap_io.load_slp(str(write("sleap", tmp_path / "a.slp", frames())), open_videos=False)

    assert [node.name for node in labels.skeleton.nodes] == list(JOINTS)
    assert {(a, b) for a, b in labels.skeleton.edge_inds} == set(EDGES)
    assert {tuple(sorted(pair)) for pair in labels.skeleton.symmetry_inds} == set(PAIRS)
    assert [len(frame.instances) for frame in labels] == [2, 1, 0]
    assert labels.videos[0].filename == [frame.image.file_name for frame in frames()]
    instance = labels[0].instances[0]
    assert instance.track.name == "t1"
    expected = places(frames()[0].joints or Skeleton.empty(), 0.5)
    assert np.allclose(instance.numpy(invisible_as_nan=False), expected, equal_nan=True)
    assert instance.points["visible"].tolist()[:4] == [True, False, False, True]


def test_what_sleap_io_writes_is_read(tmp_path: Path) -> None:
    sleap_io = pytest.importorskip("sleap_io")
    skeleton_ = sleap_io.Skeleton(nodes=list(reversed(JOINTS)), name="infant")
    video = sleap_io.Video(filename="crib.mp4", open_backend=False)
    points = np.arange(34, dtype=float).reshape(17, 2)
    points[3] = np.nan
    user = sleap_io.Instance.from_numpy(points, skeleton=skeleton_, track=sleap_io.Track("x"))
    user.points["visible"][5] = False
    model = sleap_io.PredictedInstance.from_numpy(
        points, point_scores=np.full(17, 0.5), score=0.75, skeleton=skeleton_
    )
    labels = sleap_io.Labels(
        [
            sleap_io.LabeledFrame(video=video, frame_idx=4, instances=[user]),
            sleap_io.LabeledFrame(video=video, frame_idx=9, instances=[model]),
        ]
    )
    labels.save(str(tmp_path / "b.slp"), embed=False)

    by_person, by_model = read("sleap", tmp_path / "b.slp")

    assert by_person.image.video == VideoFrame("crib.mp4", 4)
    assert by_person.marks.track == "x"
    assert by_person.joints is not None
    assert by_model.joints is not None
    assert np.allclose(places(by_person.joints, 0.5)[::-1], points, equal_nan=True)
    assert by_person.joints.joints[16 - 5].visibility is Visibility.OCCLUDED
    assert by_model.marks.score == pytest.approx(0.75)
    assert by_model.marks.joint_scores is not None
    assert by_model.marks.joint_scores[0] == pytest.approx(0.5)


def test_cvats_models_take_the_shapes(tmp_path: Path) -> None:
    models = pytest.importorskip("cvat_sdk")
    models = models.models
    folder = write("cvat-json", tmp_path / "task", frames())
    (job,) = json.loads((folder / "annotations.json").read_text())
    task = json.loads((folder / "task.json").read_text())
    names = [label["name"] for label in task["labels"]]
    names += [joint["name"] for joint in task["labels"][0]["sublabels"]]
    ids = {name: number for number, name in enumerate(names, 1)}

    def request(shape: dict[str, Any], model: Any) -> Any:
        told = {k: v for k, v in shape.items() if k not in ("label", "elements")}
        if "elements" in shape:
            told["elements"] = [
                request(e, models.SubLabeledShapeRequest) for e in shape["elements"]
            ]
        return model(
            **told | {"type": models.ShapeType(shape["type"]), "label_id": ids[shape["label"]]}
        )

    made = models.LabeledDataRequest(
        shapes=[request(shape, models.LabeledShapeRequest) for shape in job["shapes"]]
    )

    sent = made.to_dict()
    kinds = [str(shape["type"]) for shape in sent["shapes"]]
    assert sorted(set(kinds)) == ["mask", "rectangle", "skeleton"]
    # What its API gives back has ids in the place of labels; task.json tells which.
    for label in task["labels"]:
        label["id"] = ids[label["name"]]
        for joint in label["sublabels"]:
            joint["id"] = ids[joint["name"]]
    (folder / "task.json").write_text(json.dumps(task))
    (folder / "annotations.json").write_text(json.dumps([sent], default=str))
    back = read("cvat-json", folder)
    assert [frame.joints for frame in back] == [frame.joints for frame in frames()]


def test_pandas_reads_the_table_as_deeplabcut_does(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    path = write("deeplabcut", tmp_path / "CollectedData_infantnet.csv", frames())

    table = pandas.read_csv(path, index_col=[0, 1, 2], header=[0, 1, 2, 3])

    assert list(table.columns.names) == ["scorer", "individuals", "bodyparts", "coords"]
    assert table.index[0] == ("labeled-data", "videoA", "a.jpg")
    got = table["infantnet"]["infant"].iloc[0].to_numpy().reshape(17, 2)
    expected = places(frames()[0].joints or Skeleton.empty(), 0.5)
    assert np.allclose(got, expected, equal_nan=True)
    pytest.importorskip("tables")
    table.to_hdf(tmp_path / "c.h5", key="df_with_missing", mode="w")
    from_h5, from_csv = read("deeplabcut", tmp_path / "c.h5"), read("deeplabcut", path)
    assert [frame.joints for frame in from_h5] == [frame.joints for frame in from_csv]
    assert from_h5[0].image.file_name == "videoA/a.jpg"
    assert from_h5[0].marks.name == "infant"


def test_deeplabcuts_table_of_one_animal_and_its_predictions(tmp_path: Path) -> None:
    path = tmp_path / "cribDLC_resnet50.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        parts = ["Nose", "L_Wrist", "LeftHip", "rKnee", "tail"]
        table.writerow(["scorer", *["net"] * 15])
        table.writerow(["bodyparts", *[p for p in parts for _ in range(3)]])
        table.writerow(["coords", *["x", "y", "likelihood"] * 5])
        table.writerow(["7", *[str(n) for n in (1, 2, 0.9, 3, 4, 0.1, 5, 6, 0.5)], *[""] * 6])

    (frame,) = read_with_skeleton(path)

    assert frame.image.video == VideoFrame("crib", 7)
    assert frame.joints is not None
    assert frame.joints.joints[0] == Joint(1.5, 2.5, Visibility.VISIBLE)
    assert frame.joints.joints[JOINTS.index("left_wrist")].visibility is Visibility.OCCLUDED
    assert not frame.joints.joints[JOINTS.index("right_knee")].present


def read_with_skeleton(path: Path) -> list[LabelledFrame]:
    from backend.publishing.formats.coco import CocoChoices

    reader = INTERCHANGE["deeplabcut"].read
    assert reader is not None
    choices = CocoChoices(skeletons={"*": "by_names"})
    return list(reader(path, ReadOptions(choices)).frames())
