"""People are found where they are: several of them, small ones, and those who lie."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.evaluation.similarity import oks
from backend.domain.skeleton import JOINTS
from backend.models.checkpoints.designs import BlazePoseConfig
from backend.models.checkpoints.registry import PACKAGED
from tests.worker.adapters.blazepose.figure import drawn_figure
from worker.adapters.blazepose.estimator import BlazePoseEstimator

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def heavy() -> BlazePoseEstimator:
    return BlazePoseEstimator(
        "heavy", PACKAGED / "pose_landmark_heavy.tflite", BlazePoseConfig(), cores=1
    )


@pytest.fixture(scope="module")
def figure() -> RgbImage:
    return np.round(drawn_figure(320)[0] * 255).astype(np.uint8)


def joint(person: PoseEstimate, name: str) -> np.ndarray:
    return person.keypoints[JOINTS.index(name)]


def test_a_figure_is_found_once_with_its_joints_in_place(
    heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    (people,) = heavy.estimate([figure])

    assert len(people) == 1
    assert people[0].score > 0.8
    # Drawn at these shares of the side; whoever faces the camera has the left on the right.
    for name, place in {
        "left_shoulder": (0.55, 0.34),
        "right_shoulder": (0.45, 0.34),
        "left_hip": (0.53, 0.58),
        "right_hip": (0.47, 0.58),
    }.items():
        assert np.abs(joint(people[0], name) / 320 - place).max() < 0.05, name


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_who_lies_or_hangs_is_found_as_who_stands(
    quarters: int, heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    upright = heavy.estimate([figure])[0][0]
    turned = np.ascontiguousarray(np.rot90(figure, quarters))

    people = heavy.estimate([turned])[0]

    back = people[0].keypoints
    for _ in range(quarters):
        back = np.column_stack([320 - back[:, 1], back[:, 0]])
    off = np.hypot(*(back - upright.keypoints).T)
    assert np.median(off) < 0.02 * 320


def test_two_people_are_two_also_where_they_are_small(
    heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    small = cv2.resize(figure, (160, 160), interpolation=cv2.INTER_AREA)
    image = np.full((360, 640, 3), 150, np.uint8)
    image[100:260, 60:220] = small
    image[150:310, 420:580] = small

    people = heavy.estimate([image])[0]

    hips = sorted(joint(p, "left_hip")[0] for p in people)
    assert len(hips) == 2
    assert hips[0] == pytest.approx(60 + 160 * 0.53, abs=12)
    assert hips[1] == pytest.approx(420 + 160 * 0.53, abs=12)


def test_nobody_is_found_on_an_empty_wall(heavy: BlazePoseEstimator) -> None:
    wall = np.tile(np.linspace(90, 160, 480, dtype=np.uint8)[None, :, None], (320, 1, 3))

    assert heavy.estimate([np.ascontiguousarray(wall)]) == [[]]


def test_a_box_gets_one_pose_and_keeps_its_own_extent(
    heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    box = (100.0, 50.0, 130.0, 240.0)

    ((person,), nobody) = heavy.estimate_in_boxes([figure, figure], [[box], []])

    assert nobody == []
    assert person.box == box
    assert joint(person, "left_hip") / 320 == pytest.approx((0.53, 0.58), abs=0.05)


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 5.0), (float("nan"), 0.0, 5.0, 5.0)])
def test_a_box_without_area_is_refused(
    box: tuple[float, float, float, float], heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    with pytest.raises(InvalidInput, match="cannot be looked for in the box"):
        heavy.estimate_in_boxes([figure], [[box]])


def test_an_error_in_loading_comes_out_in_its_place(
    heavy: BlazePoseEstimator, figure: RgbImage
) -> None:
    def broken() -> RgbImage:
        raise OSError("this picture is gone")

    stream = heavy.estimate_stream([lambda: figure, broken])

    assert len(next(stream)) == 1
    with pytest.raises(OSError, match="gone"):
        next(stream)


def test_the_detector_is_not_taken_for_landmarks() -> None:
    with pytest.raises(InvalidInput, match="not the part of BlazePose"):
        BlazePoseEstimator("lite", PACKAGED / "pose_detection.tflite", BlazePoseConfig())


def test_people_on_real_photographs_are_found_and_fit(
    heavy: BlazePoseEstimator, shared_data: Path
) -> None:
    folder = shared_data / "coco_people"
    document = json.loads((folder / "test_coco.json").read_text())
    images = {
        i["id"]: cv2.cvtColor(cv2.imread(str(folder / i["file_name"])), cv2.COLOR_BGR2RGB)
        for i in document["images"]
    }
    found = {number: heavy.estimate([image])[0] for number, image in images.items()}
    own, given = [], []
    for person in (a for a in document["annotations"] if a["num_keypoints"]):
        image = images[person["image_id"]]
        people = found[person["image_id"]]
        own.append(max((similarity(person, p) for p in people), default=0.0))
        (in_box,) = heavy.estimate_in_boxes([image], [[tuple(person["bbox"])]])[0]
        given.append(similarity(person, in_box))

    assert np.mean(own) >= 0.45
    assert np.mean(given) >= 0.70


def similarity(truth: dict, found: PoseEstimate) -> float:
    labelled = np.array(truth["keypoints"], float).reshape(1, 17, 3)
    return float(
        oks(
            labelled[..., :2],
            labelled[..., 2].astype(int),
            np.array([truth["area"]]),
            np.array([truth["bbox"]]),
            found.keypoints[None],
        )[0]
    )
