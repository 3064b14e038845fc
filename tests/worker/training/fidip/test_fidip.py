"""FiDIP: what each stage changes and what it leaves bit by bit as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import Tensor

from backend.domain.errors import InvalidInput
from worker.synthesis.dataset import Order, synthesise
from worker.training.crops import Crops, joints_in
from worker.training.fidip.data import PeopleOfDomains, batch_of, boxed_scores, peaks
from worker.training.fidip.networks import Fidip, PoseResNet, Turns, reverse
from worker.training.loop import fit
from worker.training.material import Material
from worker.training.probe import accuracy_of_fresh_probe
from worker.training.reading import read_parts
from worker.training.recipe import Scale
from worker.training.recipes import recipe_named

pytestmark = pytest.mark.models
SIZE = (32, 32)
TINY = {"epochs": 1, "batch": 4, "size": SIZE, "stem": 4, "channels": 8, "before": 1}


def network(**turns: Any) -> Fidip:
    torch.manual_seed(0)
    return Fidip(PoseResNet(18, 4, 8), Turns(**turns), width=8)


def state(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(before: dict[str, Tensor], model: torch.nn.Module) -> bool:
    return all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("fidip")
    found = []
    for look in ("dim", "plain"):
        synthesise(Order(8, 3, (64, 64), look=look), folder / look)
        one = read_parts(folder / look)
        part = one.train
        found.append(replace(one, parts={"train": part, "validation": part[:4], "test": part[:4]}))
    return found[0].with_second(found[1])


@pytest.fixture(scope="module")
def batch(material: Material) -> dict[str, Any]:
    assert material.second is not None
    data = PeopleOfDomains(material.second.train[:4], material.train[:4], SIZE, 1.5)
    return batch_of([data[i] for i in range(8)])


@pytest.fixture
def optimiser() -> Iterator[Any]:
    def of(parameters: Any, rate: float = 1e-3) -> OptimWrapper:
        return OptimWrapper(torch.optim.Adam([p for p in parameters if p.requires_grad], rate))

    return of


def test_the_reversed_gradient_is_minus_lambda_times_the_difference_quotient() -> None:
    torch.manual_seed(1)
    layer = torch.nn.Linear(3, 1).double()
    x = torch.randn(5, 3).double().requires_grad_(True)

    def loss(at: Tensor) -> Tensor:
        return torch.nn.functional.softplus(layer(at)).square().mean()

    loss(reverse(x, 0.0005)).backward()
    assert x.grad is not None
    step = 1e-6
    for place in ((0, 0), (3, 2)):
        moved = [x.detach().clone() for _ in range(2)]
        moved[0][place] += step
        moved[1][place] -= step
        quotient = float((loss(moved[0]) - loss(moved[1])).detach()) / (2 * step)
        assert float(x.grad[place]) == pytest.approx(-0.0005 * quotient, rel=1e-5)
    assert torch.equal(reverse(x, 3.0), x)


def test_stage_one_changes_the_classifier_and_not_even_a_statistic_of_the_pose_network(
    batch: dict[str, Any], optimiser: Any
) -> None:
    model = network().train()
    pose, domain = state(model.pose), state(model.domain)
    samples = batch["data_samples"]
    model.stage_one(batch["inputs"], samples, optimiser(model.domain.parameters()))
    assert same(pose, model.pose)
    assert not same(domain, model.domain)
    assert all(p.grad is None or not p.grad.any() for p in model.pose.parameters())


def test_stage_two_leaves_the_classifier_bit_by_bit_and_without_a_gradient(
    batch: dict[str, Any], optimiser: Any
) -> None:
    model = network().train()
    pose, domain = state(model.pose), state(model.domain)
    model.stage_two(batch["inputs"], batch["data_samples"], optimiser(model.pose.parameters()))
    assert same(domain, model.domain)
    assert all(p.grad is None for p in model.domain.parameters())
    assert not same(pose, model.pose)


def test_only_as_coded_gradients_of_stage_two_reach_the_next_stage_one(
    batch: dict[str, Any], optimiser: Any
) -> None:
    samples = batch["data_samples"]
    after = {}
    for leaks in (False, True):
        for first in (False, True):
            model = network(leaks=leaks, weight=0.0).train()
            still = optimiser(model.pose.parameters(), 1e-12)
            was = state(model.pose)
            if first:
                model.stage_two(batch["inputs"], samples, still)
            assert any(p.grad is not None for p in model.domain.parameters()) is (leaks and first)
            descent = torch.optim.SGD(model.domain.parameters(), 0.1)
            # Statistics aside: only gradients may lead from one stage to the next.
            model.pose.load_state_dict(was)
            model.stage_one(batch["inputs"], samples, OptimWrapper(descent))
            after[leaks, first] = state(model.domain)
    assert all(
        torch.allclose(after[False, True][k], v, atol=1e-4) for k, v in after[False, False].items()
    )
    gap = max(float((after[True, True][k] - v).abs().max()) for k, v in after[True, False].items())
    assert gap > 1e-3


def test_frozen_stages_keep_weights_and_statistics_and_as_coded_statistics_move(
    batch: dict[str, Any], optimiser: Any
) -> None:
    for still in (True, False):
        model = network(still=still).train()
        stages = list(model.frozen())
        assert len(stages) == 3
        before = [state(stage) for stage in stages]
        loose = state(model.pose.backbone.layer4)
        for _ in range(2):
            model.stage_two(
                batch["inputs"], batch["data_samples"], optimiser(model.pose.parameters())
            )
        unchanged = [same(was, stage) for was, stage in zip(before, stages, strict=True)]
        assert all(unchanged) is still
        weights = {name: v for was in before for name, v in was.items() if "running" not in name}
        assert weights
        for was, stage in zip(before, stages, strict=True):
            for name, parameter in stage.named_parameters():
                assert torch.equal(was[name], parameter)
        assert not same(loose, model.pose.backbone.layer4)


def test_the_pre_stage_teaches_the_classifier_alone(material: Material, tmp_path: Path) -> None:
    recipe = recipe_named("fidip")
    assembly = recipe.assemble(
        material, recipe.settings[Scale.SMALL].changed(**TINY | {"before": 2}), 0
    )
    model: Any = assembly.model.train()
    items = batch_of([assembly.train[i] for i in range(8)])
    wrapper: Any = assembly.optimiser
    for step in range(3):
        pose, domain = state(model.pose), state(model.domain)
        model.train_step(items, wrapper)
        assert same(pose, model.pose) is (step < 2)
        assert not same(domain, model.domain)


def test_images_of_the_target_without_labels_teach_no_pose(material: Material) -> None:
    assert material.second is not None
    data = PeopleOfDomains(material.second.train, material.train, SIZE, 1.5, labelled=2)
    told = [bool(data[i]["weights"].any()) for i in range(len(data))]
    assert told == [True] * 8 + [True] * 2 + [False] * 6
    assert [data[i]["domain"] for i in range(len(data))] == [0.0] * 8 + [1.0] * 8


def test_heat_maps_and_their_peaks_lead_back_to_the_joints(material: Material) -> None:
    data = PeopleOfDomains((), material.train, (64, 64), 2.0)
    joints, scores = [], []
    for i in range(8):
        item = data[i]
        found, heights = peaks(item["heatmaps"].numpy())
        back = np.linalg.inv(np.vstack([item["matrix"], [0, 0, 1]]))
        joints.append(found @ back[:2, :2].T + back[:2, 2])
        scores.append(float(heights.mean()))
        there = (item["weights"][:, 0] if item["weights"].ndim > 1 else item["weights"]).numpy() > 0
        off = np.abs(joints[-1] - material.train[i].joints[:, :2])[there]
        per_pixel = np.linalg.norm(item["matrix"][:, 0])
        assert off.max() * per_pixel < 3.0
    found = boxed_scores(material.train, np.array(joints), np.array(scores))
    # A map has 16 × 16 pixels.
    assert found["OKS"] > 0.75
    assert found["AP"] > 0.5
    wrong = boxed_scores(material.train, np.zeros((8, 17, 2)), np.ones(8))
    assert wrong["AP"] == 0


def test_a_cut_shows_the_person_where_its_joints_say(material: Material) -> None:
    sample = material.train[0]
    crops = Crops([sample], (64, 64))
    plain, flipped = crops.matrix(0), crops.matrix(0, flip=True)
    a, b = joints_in(sample, plain), joints_in(sample, flipped, flip=True)
    there = a[:, 2] > 0
    np.testing.assert_allclose(
        64 - a[there, 0],
        b[[0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]][there, 0],
        atol=1e-9,
    )
    straight, mirrored = crops.cut(0, plain), crops.cut(0, flipped)
    assert float((straight.flip(2) - mirrored).abs().mean()) < 0.05


def test_both_recipes_run_from_a_start_and_another_width_is_refused(
    material: Material, tmp_path: Path
) -> None:
    tiny = {name: value for name, value in TINY.items() if name != "before"}
    first = recipe_named("fidip-pose")
    begun = fit(
        first, material, first.settings[Scale.SMALL].changed(**tiny), tmp_path / "a", device="cpu"
    )
    for name in ("fidip", "fidip-as-coded"):
        recipe = recipe_named(name)
        settings = recipe.settings[Scale.SMALL].changed(**TINY)
        found = fit(recipe, material, settings, tmp_path / name, device="cpu", start=begun.best)
        assert found.before is not None
        assert 0 <= found.scores["AP"] <= 1
    wide = recipe.settings[Scale.SMALL].changed(**TINY | {"channels": 16})
    with pytest.raises(InvalidInput, match="is not a checkpoint of the pose network"):
        fit(recipe, material, wide, tmp_path / "wide", device="cpu", start=begun.best)


def test_a_fresh_probe_tells_shifted_features_and_not_equal_ones() -> None:
    torch.manual_seed(0)
    one, two = torch.randn(200, 6), torch.randn(200, 6)
    assert accuracy_of_fresh_probe(one, two + 2, seed=0) > 0.95
    assert 0.35 < accuracy_of_fresh_probe(one, two, seed=0) < 0.65
