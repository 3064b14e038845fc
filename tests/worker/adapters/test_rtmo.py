"""The real RTMO-t with random numbers in it, held against mmpose's own inference."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput, WeightsMissing
from backend.models.checkpoints.files import check_checkpoint
from tests.worker.adapters.conftest import painted
from worker.adapters.openmmlab import registry
from worker.adapters.rtmo import MAX_PEOPLE, RtmoEstimator

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("models")]

SIZES = [(320, 240), (200, 333), (640, 100)]


@pytest.fixture(scope="module")
def estimator(rtmo_checkpoint: Path) -> RtmoEstimator:
    """In batches, as on an accelerator."""
    return RtmoEstimator("t", rtmo_checkpoint, batch_size=2, cores=0)


@pytest.fixture(scope="module")
def by_cores(rtmo_checkpoint: Path) -> RtmoEstimator:
    return RtmoEstimator("t", rtmo_checkpoint, cores=2)


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    return [painted(seed, *size) for seed, size in enumerate(SIZES, start=1)]


@pytest.fixture(scope="module")
def reference(rtmo_checkpoint: Path) -> Any:
    """mmpose's model from mmpose's own configuration file, with the same numbers."""
    import mmpose
    from mmengine.config import Config

    models = registry()
    folder = os.path.join(os.path.dirname(mmpose.__file__), ".mim/configs/body_2d_keypoint/rtmo")
    config = Config.fromfile(os.path.join(folder, "body7/rtmo-t_8xb32-600e_body7-416x416.py"))
    model = models.build(config.model).eval()
    fit = model.load_state_dict(torch.load(rtmo_checkpoint)["state_dict"], strict=False)
    assert fit.missing_keys == ["head.loss_oks.sigmas"]
    assert fit.unexpected_keys == []
    return model


def infer_with_mmpose(model: Any, image: np.ndarray) -> Any:
    from mmpose.datasets.transforms import BottomupResize
    from mmpose.structures import PoseDataSample

    resize = BottomupResize(input_size=(416, 416), pad_val=(114, 114, 114))
    bgr = np.ascontiguousarray(image[..., ::-1])
    data = resize.transform({"img": bgr, "ori_shape": image.shape[:2]})
    sample = PoseDataSample(
        metainfo={key: data[key] for key in ("input_size", "input_center", "input_scale")}
    )
    batch = torch.from_numpy(data["img"]).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        return model.predict(batch, [sample])[0].pred_instances


def test_people_are_those_that_mmpose_finds(
    estimator: RtmoEstimator, images: list[np.ndarray], reference: Any
) -> None:
    found = estimator.estimate(images)
    assert sum(map(len, found)) >= 5
    for image, people in zip(images, found, strict=True):
        expected = infer_with_mmpose(reference, image)
        inside = [i for i, box in enumerate(expected.bboxes) if reaches_into(box, image)]
        assert len(people) == len(inside)
        for person in people:
            # By score and place, because rounding may swap two people of nearly the same score.
            centre = np.array(person.box[:2])
            gaps = np.abs(expected.scores[inside] - person.score)
            gaps = gaps + np.abs(clipped(expected.bboxes[inside], image) - centre).max(axis=1)
            index = inside[int(gaps.argmin())]
            assert person.score == pytest.approx(expected.scores[index], abs=1e-3)
            assert np.allclose(person.scores, expected.keypoint_scores[index], atol=1e-3)
            # mmpose's joints are pixel indices; here the first pixel's centre is at one half. Its
            # single-image arithmetic rounds otherwise than a batch's, which random weights amplify.
            off = np.abs(person.keypoints - 0.5 - expected.keypoints[index])
            assert np.median(off) < 0.05
            assert off.max() < 1.0


def clipped(boxes: np.ndarray, image: np.ndarray) -> np.ndarray:
    return np.clip(boxes[:, :2], 0, image.shape[1::-1])


def reaches_into(box: np.ndarray, image: np.ndarray) -> bool:
    height, width = image.shape[:2]
    return bool(min(box[2], width) > max(box[0], 0) and min(box[3], height) > max(box[1], 0))


def test_boxes_lie_in_the_image_and_scores_descend(
    estimator: RtmoEstimator, images: list[np.ndarray]
) -> None:
    for image, people in zip(images, estimator.estimate(images), strict=True):
        assert len(people) <= MAX_PEOPLE
        scores = [person.score for person in people]
        assert scores == sorted(scores, reverse=True)
        for person in people:
            x, y, width, height = person.box
            assert min(x, y) >= 0
            assert min(width, height) > 0
            assert x + width <= image.shape[1] + 1e-6
            assert y + height <= image.shape[0] + 1e-6
            assert person.keypoints.shape == (17, 2)
            assert person.keypoints.dtype == np.float64
            assert np.isfinite(person.keypoints).all()
            assert ((person.scores >= 0) & (person.scores <= 1)).all()


def test_batches_and_cores_find_the_same_people(
    estimator: RtmoEstimator, by_cores: RtmoEstimator, images: list[np.ndarray]
) -> None:
    pairs = zip(by_cores.estimate(images), estimator.estimate(images), strict=True)
    for alone, in_batch in pairs:
        assert len(alone) == len(in_batch)
        for mine, other in zip(alone, in_batch, strict=True):
            assert mine.score == pytest.approx(other.score, abs=1e-3)
            assert mine.box == pytest.approx(other.box, abs=0.1)


def test_working_by_cores_leaves_the_callers_threads_as_they_were(
    by_cores: RtmoEstimator, images: list[np.ndarray]
) -> None:
    before = torch.get_num_threads()
    by_cores.estimate(images[:1])
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("way", ["estimator", "by_cores"])
def test_a_stream_keeps_the_order_and_loads_only_a_little_ahead(
    way: str, images: list[np.ndarray], request: pytest.FixtureRequest
) -> None:
    model: RtmoEstimator = request.getfixturevalue(way)
    loaded: list[int] = []

    def load(index: int) -> np.ndarray:
        loaded.append(index)
        return images[index % len(images)]

    stream = model.estimate_stream(partial(load, index) for index in range(40))
    first = next(stream)
    assert len(loaded) <= 6
    stream.close()
    assert len(first) == len(model.estimate(images[:1])[0])


@pytest.mark.parametrize("way", ["estimator", "by_cores"])
def test_an_image_that_cannot_be_loaded_stops_the_stream_at_its_place(
    way: str, images: list[np.ndarray], request: pytest.FixtureRequest
) -> None:
    def broken() -> np.ndarray:
        raise InvalidInput("frame_3.jpg is cut off.", file="frame_3.jpg")

    model: RtmoEstimator = request.getfixturevalue(way)
    stream = model.estimate_stream([partial(np.copy, images[0])] * 2 + [broken])
    assert len([next(stream), next(stream)]) == 2
    with pytest.raises(InvalidInput, match=r"frame_3\.jpg"):
        next(stream)


def test_no_images_give_no_results(estimator: RtmoEstimator) -> None:
    assert estimator.estimate([]) == []


def test_above_every_score_nobody_is_found(
    estimator: RtmoEstimator, images: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimator, "score_threshold", 1.1)
    assert estimator.estimate(images) == [[], [], []]


def test_an_untrained_checkpoint_says_so(
    rtmo_checkpoint: Path,
) -> None:
    assert check_checkpoint(rtmo_checkpoint, "rtmo-t.pth")


def test_absent_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="infantnet weights pull"):
        RtmoEstimator("t", tmp_path / "rtmo-t.pth")


def test_another_architectures_checkpoint_is_refused_by_what_differs(
    rtmo_checkpoint: Path,
) -> None:
    with pytest.raises(
        InvalidInput, match=r"rtmo-t\.pth is not a checkpoint of RTMO-s: .* another shape"
    ):
        RtmoEstimator("s", rtmo_checkpoint)
