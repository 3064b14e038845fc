"""The real SAM 2.1 tiny with random numbers in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import Conflict, InvalidInput, WeightsMissing
from backend.domain.estimates import PointPrompts
from backend.domain.prompts import PromptJoints
from backend.models.checkpoints.store import WeightStore
from tests.worker.adapters.conftest import painted
from worker.adapters.sam2 import Sam2Segmenter, propose_mask
from worker.runtime import ModelCache, choose_device

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("models")]

BOX = PointPrompts(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), (40.0, 30.0, 90.0, 70.0))
POINTS = PointPrompts(np.array([[60.0, 50.0], [150.0, 20.0]]), np.array([1, 0]))
BOTH = PointPrompts(POINTS.points, POINTS.labels, BOX.box)


@pytest.fixture(scope="module")
def segmenter(sam2_checkpoint: Path) -> Sam2Segmenter:
    return Sam2Segmenter("tiny", sam2_checkpoint)


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return painted(3, 200, 120)


def test_each_prompt_gets_one_mask_of_the_images_size(
    segmenter: Sam2Segmenter, image: np.ndarray
) -> None:
    masks = segmenter.segment(image, [POINTS, BOX, BOTH])
    assert len(masks) == 3
    for proposal in masks:
        assert proposal.mask.shape == (120, 200)
        assert proposal.mask.dtype == bool
        assert np.isfinite(proposal.score)


def test_several_masks_come_best_first(segmenter: Sam2Segmenter, image: np.ndarray) -> None:
    (masks,) = segmenter.segment_several(image, [BOTH])
    assert len(masks) == 3
    scores = [proposal.score for proposal in masks]
    assert scores == sorted(scores, reverse=True)


def test_an_image_is_embedded_once_and_a_new_one_anew(
    segmenter: Sam2Segmenter, image: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[int] = []
    encode = segmenter._predictor.model.forward_image

    def counting(batch: object) -> object:
        embedded.append(1)
        return encode(batch)

    monkeypatch.setattr(segmenter._predictor.model, "forward_image", counting)
    other = image[:, ::-1].copy()
    segmenter.segment(other, [POINTS, BOX])
    segmenter.segment(other, [BOTH])
    segmenter.segment_several(other, [BOTH])
    assert len(embedded) == 1
    segmenter.segment(image, [POINTS])
    assert len(embedded) == 2


def test_a_point_meets_the_same_place_of_the_picture_inside_the_model(
    segmenter: Sam2Segmenter, image: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = segmenter._predictor.model.sam_prompt_encoder
    seen = []
    embed = encoder._embed_points

    def watching(points: Any, labels: Any, pad: bool) -> Any:
        seen.append(points.clone().numpy()[0])
        return embed(points, labels, pad)

    monkeypatch.setattr(encoder, "_embed_points", watching)
    segmenter.segment(image, [POINTS])
    side = segmenter._predictor.model.image_size
    # Inside the embedding half a pixel is added to what is handed over.
    assert np.allclose(seen[0] + 0.5, POINTS.points * side / np.array([200, 120]), atol=1e-3)


def test_the_ladder_is_climbed_with_the_real_model(
    segmenter: Sam2Segmenter, image: np.ndarray
) -> None:
    keypoints = np.random.default_rng(1).random((17, 2)) * (90, 70) + (40, 30)
    visibilities = np.full(17, 2)
    carer = PromptJoints(
        np.random.default_rng(2).random((17, 2)) * (40, 90) + (150, 10), visibilities
    )
    result = propose_mask(segmenter, image, keypoints, visibilities, [carer])
    mask, consistency, attempts, flagged, _ = result
    assert mask.shape == (120, 200)
    assert 0 <= consistency <= 1
    assert flagged == (consistency < 0.8)
    assert attempts == ("points", "box", "several_masks")[: len(attempts)]
    assert len(attempts) == 3 or not flagged


def test_without_visible_joints_nothing_is_asked(
    segmenter: Sam2Segmenter, image: np.ndarray
) -> None:
    result = propose_mask(segmenter, image, np.ones((17, 2)), np.ones(17, dtype=int))
    assert not result.mask.any()
    assert result.flagged
    assert result.attempts == ()


def test_a_prompt_without_point_and_box_is_refused(
    segmenter: Sam2Segmenter, image: np.ndarray
) -> None:
    with pytest.raises(InvalidInput, match="needs a point or a box"):
        segmenter.segment(image, [PointPrompts(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))])


def test_what_is_no_rgb_image_of_bytes_is_refused(segmenter: Sam2Segmenter) -> None:
    with pytest.raises(InvalidInput, match="Expected an RGB image"):
        segmenter.segment(np.zeros((4, 4)), [POINTS])


def test_a_checkpoint_of_another_model_is_refused(rtmo_checkpoint: Path) -> None:
    with pytest.raises(InvalidInput, match=r"rtmo-t\.pth is not a checkpoint of SAM 2\.1 tiny"):
        Sam2Segmenter("tiny", rtmo_checkpoint)


def test_a_process_keeps_one_model_of_each_kind_and_loads_a_replaced_one_anew(
    sam2_checkpoint: Path, rtmo_checkpoint: Path, tmp_path: Path
) -> None:
    store = WeightStore(tmp_path)
    models = ModelCache("cpu")
    with pytest.raises(WeightsMissing, match="weights pull rtmo-t"):
        store.usable("rtmo-t")
    assert store.add("rtmo-t", rtmo_checkpoint).untrained
    pose = store.usable("rtmo-t")
    first = models.pose_estimator(pose)
    assert models.pose_estimator(store.usable("rtmo-t")) is first
    store.add("sam2.1-tiny", sam2_checkpoint)
    models.segmenter(store.usable("sam2.1-tiny"))
    assert models.pose_estimator(pose) is first
    with pytest.raises(InvalidInput, match="takes prompts, not image"):
        models.pose_estimator(store.usable("sam2.1-tiny"))
    models.clear()
    assert models.pose_estimator(pose) is not first


def test_a_device_that_is_not_there_is_refused() -> None:
    import torch

    if torch.backends.mps.is_available():
        pytest.skip("this machine has the device that the test takes to be absent")
    with pytest.raises(Conflict, match="no mps device"):
        choose_device("mps")
