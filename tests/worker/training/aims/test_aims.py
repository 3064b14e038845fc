"""Postures: LMMD against a slow loop, joints without size and place, recipes that run."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from backend.domain.errors import InvalidInput
from backend.domain.posture_geometry import TWELVE
from worker.synthesis.dataset import Order, synthesise
from worker.training.aims.data import PosturePoses, pose_features
from worker.training.aims.lmmd import KERNELS, lmmd
from worker.training.aims.metrics import majority, tables
from worker.training.aims.networks import GROUP_OF_FINE, Hierarchical
from worker.training.lifting import bodies
from worker.training.loop import fit
from worker.training.material import Material, Sample
from worker.training.probe import accuracy_of_fresh_probe
from worker.training.reading import read_parts
from worker.training.recipe import Scale
from worker.training.recipes import recipe_named

pytestmark = pytest.mark.models


def by_loops(source: Tensor, labels: Tensor, target: Tensor, shares: Tensor) -> float:
    """LMMD written out: sums over classes, pairs and kernels, in plain numbers."""
    both = [[float(v) for v in row] for row in torch.cat([source, target])]
    n, m, classes = len(source), len(target), shares.shape[1]
    squared = [[sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for q in both] for p in both]
    count = n + m
    width = sum(map(sum, squared)) / (count * count - count) / 2 ** (KERNELS // 2)

    def kernel(i: int, j: int) -> float:
        return sum(math.exp(-squared[i][j] / (width * 2**k)) for k in range(KERNELS))

    total, there = 0.0, 0
    for c in range(classes):
        ours = [1.0 if int(label) == c else 0.0 for label in labels]
        theirs = [float(row[c]) for row in shares]
        if not sum(ours) or not any(int(row.argmax()) == c for row in shares):
            continue
        there += 1
        weights = [w / sum(ours) for w in ours] + [-w / sum(theirs) for w in theirs]
        for i in range(count):
            for j in range(count):
                total += weights[i] * weights[j] * kernel(i, j)
    return total / there


@pytest.mark.parametrize("seed", range(3))
def test_lmmd_is_what_slow_loops_give(seed: int) -> None:
    torch.manual_seed(seed)
    source, target = torch.randn(9, 5).double(), torch.randn(7, 5).double() + 0.5
    labels, shares = torch.randint(0, 4, (9,)), torch.randn(7, 4).double().softmax(dim=1)
    found = float(lmmd(source, labels, target, shares))
    assert found == pytest.approx(by_loops(source, labels, target, shares), abs=1e-6)


def test_lmmd_of_a_set_with_itself_is_nothing_and_of_no_common_class_has_no_gradient() -> None:
    torch.manual_seed(1)
    features = torch.randn(12, 4, requires_grad=True)
    labels = torch.arange(12) % 3
    same = torch.nn.functional.one_hot(labels, 3).float()
    assert float(lmmd(features.detach(), labels, features.detach(), same)) == pytest.approx(
        0, abs=1e-6
    )
    other = torch.tensor([[0.0, 0.0, 1.0]]).repeat(12, 1)
    none = lmmd(features, torch.zeros(12, dtype=torch.long), features + 1, other)
    none.backward()
    assert float(none.detach()) == 0
    assert features.grad is not None
    assert not features.grad.any()


def test_lmmd_draws_two_domains_together_so_that_a_fresh_probe_tells_them_apart_less() -> None:
    """Two domains of three classes, shifted against each other; a linear map is trained."""
    torch.manual_seed(0)
    centres = torch.tensor([[4.0, 0, 0, 0], [0, 4.0, 0, 0], [0, 0, 4.0, 0]])
    labels = torch.arange(120) % 3
    source = centres[labels] + torch.randn(120, 4)
    target = centres[labels] + torch.randn(120, 4) + torch.tensor([0, 0, 0, 3.0])
    layer = torch.nn.Linear(4, 4)
    head = torch.nn.Linear(4, 3)
    before = accuracy_of_fresh_probe(layer(source).detach(), layer(target).detach(), seed=1)
    optimiser = torch.optim.Adam([*layer.parameters(), *head.parameters()], 0.03)
    for _ in range(80):
        ours, theirs = layer(source), layer(target)
        loss = torch.nn.functional.cross_entropy(head(ours), labels)
        loss = loss + 0.5 * lmmd(ours, labels, theirs, head(theirs).softmax(dim=1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    after = accuracy_of_fresh_probe(layer(source).detach(), layer(target).detach(), seed=1)
    assert before - after >= 0.10
    right = (head(layer(target)).argmax(dim=1) == labels).float().mean()
    assert right > 0.9


def test_joints_lose_place_and_size_and_keep_direction() -> None:
    joints = np.random.default_rng(0).normal(0, 0.2, (3, 17, 3))
    np.testing.assert_allclose(pose_features(3 * joints + 5), pose_features(joints))
    pelvis = pose_features(joints).reshape(3, 17, 3)[:, 11:13].mean(axis=1)
    np.testing.assert_allclose(pelvis, 0, atol=1e-12)
    nose = np.linalg.norm(pose_features(joints).reshape(3, 17, 3)[:, 0], axis=1)
    np.testing.assert_allclose(nose, 1)


def test_what_the_hierarchy_says_of_a_group_is_the_sum_over_its_postures() -> None:
    model = Hierarchical(8, 0.0).eval()
    coarse, fine = model(torch.randn(5, 55))
    chances = fine.softmax(dim=1)
    for k in range(4):
        of_group = [i for i, group in enumerate(GROUP_OF_FINE) if group == k]
        np.testing.assert_allclose(
            coarse.softmax(dim=1)[:, k].detach(), chances[:, of_group].sum(1).detach(), atol=1e-6
        )


def test_tables_count_what_is_taken_for_what() -> None:
    coarse, fine = tables([(0, 0, 0, 1), (0, 1, 0, 1), (3, 11, 2, 9)])
    assert coarse.top1 == pytest.approx(2 / 3)
    assert fine.top1 == pytest.approx(1 / 3)
    assert fine.counts[0, 1] == 1
    assert coarse.counts[3, 2] == 1


@pytest.fixture(scope="module")
def posed() -> Material:
    """Twelve bodies, each a posture of its own, told with an error; no pictures."""
    rng = np.random.default_rng(0)
    found = []
    for number, one in enumerate(bodies.infants(9, 12, 1)):
        for _ in range(8):
            assert one.joints_3d is not None
            noisy = one.joints_3d + rng.normal(0, 0.005, one.joints_3d.shape)
            found.append(replace(one, joints_3d=noisy, posture=TWELVE[number]))
    sides = {
        "train": tuple(s for i, s in enumerate(found) if i % 4),
        "validation": tuple(found[::4]),
    }
    return Material("posed", Path(), "0" * 64, sides)


def test_the_pose_branch_learns_postures_that_joints_tell(posed: Material, tmp_path: Path) -> None:
    recipe = recipe_named("aims-pose")
    settings = recipe.settings[Scale.SMALL].changed(epochs=30, batch=24, validate_every=30)
    found = fit(recipe, posed, settings, tmp_path / "run", device="cpu")
    coarse, fine = majority(posed.train, posed.validation)
    assert fine == pytest.approx(1 / 12, abs=0.05)
    assert found.scores["top1_fine"] > 0.7
    assert found.scores["top1_coarse"] > coarse


def test_a_posture_without_a_label_is_named(posed: Material, tmp_path: Path) -> None:
    lacking = posed.of(lambda sample: sample.posture != "rolling")
    recipe = recipe_named("aims-pose")
    with pytest.raises(InvalidInput, match="rolling"):
        fit(recipe, lacking, recipe.settings[Scale.SMALL], tmp_path / "run", device="cpu")


def test_mirrored_bodies_keep_their_posture_and_change_sides(posed: Material) -> None:
    part: list[Sample] = list(posed.train[:4])
    joints = np.array([sample.joints_3d for sample in part], float)
    data = PosturePoses(part, joints, noise=1e-9)
    torch.manual_seed(3)
    drawn = torch.cat([data.__getitems__([0])["inputs"] for _ in range(20)]).numpy()
    plain = pose_features(joints)[0]
    told = plain.reshape(17, 3)
    other = told.copy()
    for left in range(1, 17, 2):
        other[[left, left + 1]] = told[[left + 1, left]]
    mirrored = (other * (-1.0, 1.0, 1.0)).ravel()
    as_they_are = [bool(np.allclose(row, plain, atol=1e-5)) for row in drawn]
    turned = [bool(np.allclose(row, mirrored, atol=1e-5)) for row in drawn]
    assert {*as_they_are} == {True, False}
    assert [not t for t in turned] == as_they_are


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("aims")
    synthesise(Order(12, 3, (64, 64), look="plain", postures="aims"), folder / "plain")
    plain = read_parts(folder / "plain")
    part = plain.train
    sides = {"train": part, "validation": part, "test": part}
    both = replace(plain, parts=sides)
    return both.with_second(both)


def test_image_branch_lmmd_and_hierarchy_run_one_after_another(
    pictures: Material, tmp_path: Path
) -> None:
    tiny = {"epochs": 2, "batch": 6, "stem": 8, "size": (32, 32), "validate_every": 2}
    branch = recipe_named("aims-image-lmmd")
    settings = branch.settings[Scale.SMALL].changed(**tiny)
    first = fit(branch, pictures, settings, tmp_path / "image", device="cpu")
    rows = (tmp_path / "image" / "curves.jsonl").read_text()
    assert "loss_lmmd" in rows
    both = recipe_named("aims-hierarchical")
    settings = both.settings[Scale.SMALL].changed(epochs=1, batch=6, stem=8, size=(32, 32))
    found = fit(both, pictures, settings, tmp_path / "both", device="cpu", start=first.best)
    assert found.test is not None
    assert 0 <= found.test["top1_fine"] <= 1
