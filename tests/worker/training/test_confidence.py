"""Scores of joints that say how right a joint is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.training.confidence import fit, similarities

AREA = 2500.0


def person(shown: int = 2) -> dict[str, object]:
    joints = np.column_stack([np.arange(17) * 5.0, np.arange(17) * 3.0, np.full(17, shown)])
    return {"keypoints": joints.ravel().tolist(), "area": AREA}


def test_a_joint_in_its_place_is_wholly_right_and_one_far_off_not_at_all() -> None:
    found = np.column_stack([np.arange(17) * 5.0, np.arange(17) * 3.0])[None].copy()
    found[0, 9] += 200
    likeness = similarities(found, person())
    assert likeness[0, 9] == pytest.approx(0, abs=1e-6)
    assert np.delete(likeness[0], 9) == pytest.approx(np.ones(16))


def test_joints_outside_the_picture_are_never_right() -> None:
    found = np.column_stack([np.arange(17) * 5.0, np.arange(17) * 3.0])[None]
    assert not similarities(found, person(shown=0)).any()


def test_a_layer_that_is_always_sure_learns_which_features_go_with_errors() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(600, 8, generator=generator)
    truth = torch.randn(17, 8, generator=generator)
    targets = (features @ truth.T).sigmoid()
    layer = torch.nn.Conv2d(8, 17, 1)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.constant_(layer.bias, 8.0)

    before, after = fit(layer, features, targets)

    assert after < 0.5 * before
    said = layer(features[:, :, None, None]).flatten(1).sigmoid()
    assert float(torch.corrcoef(torch.stack([said.flatten(), targets.flatten()]))[0, 1]) > 0.95
