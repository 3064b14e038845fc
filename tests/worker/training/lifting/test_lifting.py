"""Lifting joints into space: coordinates that come back, windows of a film, learning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput
from backend.domain.evaluation.lifted import lifted_errors
from worker.training.lifting import bodies
from worker.training.lifting.coordinates import placed
from worker.training.lifting.data import Disturbance, Lifted, usable
from worker.training.lifting.metrics import head_of, mean_pose, measured
from worker.training.lifting.network import Lifting
from worker.training.loop import fit
from worker.training.material import Material, Sample
from worker.training.recipe import Scale
from worker.training.recipes import recipe_named

pytestmark = pytest.mark.models

TINY = {"epochs": 30, "batch": 32, "width": 64, "noise": 0.0, "missing": 0.0}


@pytest.fixture(scope="module")
def infants() -> tuple[Sample, ...]:
    return tuple(bodies.infants(3, 24, 4))


@pytest.fixture(scope="module")
def film() -> tuple[Sample, ...]:
    return tuple(bodies.films(4, 2, 1.0))


def test_what_is_said_of_a_body_puts_it_where_it_was(infants: tuple[Sample, ...]) -> None:
    data = Lifted(infants)
    back = placed(data.targets(), data.squares(range(len(data))))
    np.testing.assert_allclose(back, [s.joints_3d for s in infants], atol=1e-9)


def test_what_is_told_is_the_same_wherever_in_the_image_and_however_large_a_body_is(
    infants: tuple[Sample, ...],
) -> None:
    """A camera turned about its centre, and one of twice the focal length, see the same."""
    one = infants[0]
    assert one.K is not None
    assert one.joints_3d is not None
    c, s = np.cos(0.2), np.sin(0.2)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    other = bodies.sample_of(one.joints_3d @ turn.T, np.diag([2.0, 2.0, 1.0]) @ one.K, "", 1)
    told = replace(other, joints=np.concatenate([other.joints[:, :2], one.joints[:, 2:]], axis=1))
    at = (one.joints_3d @ turn.T) @ (np.diag([2.0, 2.0, 1.0]) @ one.K).T
    told.joints[:, :2] = at[:, :2] / at[:, 2:]
    data = Lifted((one, told))
    inputs = data.__getitems__([0, 1])["inputs"]
    np.testing.assert_allclose(inputs[0], inputs[1], atol=0.02)


def test_joints_that_are_not_told_say_nothing(infants: tuple[Sample, ...]) -> None:
    joints = infants[0].joints.copy()
    joints[9] = 0
    elsewhere = joints.copy()
    elsewhere[9, :2] = 1e4
    data = Lifted([replace(infants[0], joints=joints), replace(infants[0], joints=elsewhere)])
    inputs = data.__getitems__([0, 1])["inputs"]
    assert torch.equal(inputs[0], inputs[1])


def test_a_window_holds_images_of_its_own_film_in_order(film: tuple[Sample, ...]) -> None:
    mixed = [film[i] for i in np.random.default_rng(0).permutation(len(film))]
    data = Lifted(mixed, frames=9)
    for number in (0, 7, len(mixed) - 1):
        around = [mixed[i] for i in data._window[number]]  # type: ignore[index]
        assert {s.recording for s in around} == {mixed[number].recording}
        assert around[4] is mixed[number]
        times = [s.time_s or 0.0 for s in around]
        assert times == sorted(times)


def test_disturbed_joints_are_as_far_off_as_said(infants: tuple[Sample, ...]) -> None:
    seen = np.random.default_rng(1).uniform(0, 1, (2000, 17, 2))
    told = np.ones((2000, 17), bool)
    moved, kept = Disturbance(0.02, 0.0, 0.1, 0.5)(seen, told, np.random.default_rng(2))
    side = np.ptp(seen, axis=1).max(axis=1)
    off = (moved - seen) / side[:, None, None]
    touched = (off != 0).any(axis=(1, 2))
    assert touched.mean() == pytest.approx(0.5, abs=0.05)
    assert off[touched].std() == pytest.approx(0.02, rel=0.03)
    assert 1 - kept[touched].mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("frames", [9, 27])
def test_a_temporal_network_looks_at_its_window_and_no_further(frames: int) -> None:
    torch.manual_seed(0)
    model = Lifting(16, 2, 0.0, frames).eval()
    inputs = torch.randn(2, frames, 51, requires_grad=True)
    said = model(inputs)
    assert said.shape == (2, 54)
    said[0].sum().backward()
    assert inputs.grad is not None
    assert (inputs.grad[0].abs().sum(dim=1) > 0).all()
    assert not inputs.grad[1].any()


def test_errors_of_a_body_that_is_shifted_are_seen_unaligned_only(
    infants: tuple[Sample, ...],
) -> None:
    true = np.array([s.joints_3d for s in infants[:8]], float)
    heads = np.array([head_of(s.body) for s in infants[:8] if s.body is not None])
    assert ((heads > 0.12) & (heads < 0.30)).all()
    px = np.zeros((8, 17, 2))
    found = lifted_errors(true + np.array([0, 0, 0.1]), true, heads, px + np.array([3, 4]), px)
    assert found["MPJPE"] == pytest.approx(0, abs=1e-9)
    assert found["MPJPE_unaligned"] == pytest.approx(100)
    assert found["AJPE_px"] == pytest.approx(5)
    assert found["PCKh@1.0"] == 1
    moved = true.copy()
    moved[:, 9, 0] += 1.5 * heads
    off = lifted_errors(moved, true, heads, px, px)
    assert off["PCKh@1.0"] == pytest.approx(16 / 17)
    assert off["PCKh@2.0"] == 1


def _material(samples: tuple[Sample, ...]) -> Material:
    held = samples[::5]
    return Material("posed", Path(), "0" * 64, {"train": samples, "validation": held, "test": held})


def test_the_recipe_learns_more_than_the_mean_pose_and_goes_on_from_a_start(
    infants: tuple[Sample, ...], tmp_path: Path
) -> None:
    material = _material(infants)
    recipe = recipe_named("lifting")
    settings = recipe.settings[Scale.SMALL].changed(**TINY)
    first = fit(recipe, material, settings, tmp_path / "first", device="cpu")
    data = Lifted(material.validation)
    mean = measured(material.validation, mean_pose(Lifted(material.train), data))
    assert first.scores["MPJPE"] < 0.8 * mean["MPJPE"]
    assert first.test == first.scores
    short = settings.changed(epochs=1, rate=1e-5)
    again = fit(recipe, material, short, tmp_path / "again", device="cpu", start=first.best)
    assert again.before is not None
    assert again.before["MPJPE"] == pytest.approx(first.scores["MPJPE"], rel=1e-3)


def test_a_start_of_another_width_is_refused_with_words(
    infants: tuple[Sample, ...], tmp_path: Path
) -> None:
    recipe = recipe_named("lifting")
    settings = recipe.settings[Scale.SMALL].changed(**TINY | {"epochs": 1})
    other = tmp_path / "other.pth"
    torch.save({"state_dict": Lifting(32, 2, 0.1).state_dict()}, other)
    with pytest.raises(InvalidInput, match="is not a checkpoint of the lifting network"):
        fit(recipe, _material(infants), settings, tmp_path / "run", device="cpu", start=other)
    assert not (tmp_path / "run" / "best.pth").exists()


def test_the_temporal_recipe_trains_on_films(film: tuple[Sample, ...], tmp_path: Path) -> None:
    recipe = recipe_named("lifting-temporal")
    settings = recipe.settings[Scale.SMALL].changed(epochs=1, batch=16, width=16)
    found = fit(recipe, _material(film), settings, tmp_path / "run", device="cpu")
    assert np.isfinite(found.scores["MPJPE"])


def test_samples_without_camera_or_behind_it_are_not_learnt_from(
    infants: tuple[Sample, ...],
) -> None:
    assert usable(infants[0])
    assert not usable(replace(infants[0], K=None))
    assert not usable(replace(infants[0], joints_3d=-np.ones((17, 3))))
    assert not usable(replace(infants[0], joints=np.zeros((17, 3))))
