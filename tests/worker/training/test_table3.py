"""InfantNet's Table 3: its networks step and predict, and the table fills itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput
from backend.models.checkpoints.top_down import BY_NAME
from tests.worker.adapters.conftest import painted
from worker.adapters.random_weights import write_random_checkpoint
from worker.training.coco_file import write_coco
from worker.training.loop import fit
from worker.training.material import TEST, TRAIN, VALIDATION, Material, Sample
from worker.training.recipe import Scale
from worker.training.recipes.table3 import RECIPES
from worker.training.table3 import Bench, mean_gain, run

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("models")]

RECIPE = {recipe.name: recipe for recipe in RECIPES}
TINY = {"size": (64, 64), "epochs": 1, "batch": 4}


def samples(folder: Path, side: str, count: int = 4) -> tuple[Sample, ...]:
    rng = np.random.default_rng(len(side))
    made = []
    for number in range(1, count + 1):
        file = folder / "images" / side / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), painted(number, 120, 90)[..., ::-1])
        joints = np.column_stack([rng.uniform((20, 15), (100, 75), (17, 2)), np.full(17, 2.0)])
        made.append(
            Sample(
                image=file, image_id=number, width=120, height=90, joints=joints,
                box=(15.0, 10.0, 90.0, 70.0), area=5000.0, infant=f"{side} {number}",
            )
        )  # fmt: skip
    return tuple(made)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COCO set with three splits."""
    root = tmp_path_factory.mktemp("set")
    for side, name in ((TRAIN, "train"), (VALIDATION, "val"), (TEST, "test")):
        write_coco(samples(root, side), root / "annotations" / f"{name}.json")
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    write_random_checkpoint("resnet-50", root / "resnet-50.pth")
    return root


@pytest.mark.parametrize(
    ("name", "size"),
    [("resnet-50", (64, 64)), ("hrnet-w32-dark", (64, 64)), ("vitpose-s", (192, 256))],
)
def test_a_network_steps_and_predicts(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    from mmengine.dataset import pseudo_collate
    from mmengine.optim import build_optim_wrapper

    part = samples(tmp_path, TRAIN)
    material = Material("set", tmp_path, "", {TRAIN: part, VALIDATION: part})
    settings = RECIPE[name].settings[Scale.SMALL].changed(size=size)
    assembly = RECIPE[name].assemble(material, settings, 0)
    before = {n: p.detach().clone() for n, p in assembly.model.named_parameters()}
    optimiser = build_optim_wrapper(assembly.model, assembly.optimiser)
    batch = pseudo_collate([assembly.train[i] for i in range(2)])
    losses = assembly.model.train().train_step(batch, optimiser)
    assert 0 < losses["loss"].item() < 10
    now = dict(assembly.model.named_parameters())
    changed = {n.split(".")[0] for n, tensor in before.items() if not torch.equal(tensor, now[n])}
    assert changed == {"backbone", "head"}
    assembly.model.eval()
    with torch.no_grad():
        [found] = assembly.model.val_step(pseudo_collate([assembly.validation[0]]))
    assert found.pred_instances.keypoints.shape == (1, 17, 2)
    own = sum(p.numel() for p in assembly.model.parameters()) / 1e6
    published = BY_NAME[name].millions
    assert published is None or own == pytest.approx(published, rel=0.01)


def test_a_table_is_filled_says_what_is_missing_and_goes_on_where_it_stopped(
    folder: Path, weights: Path, tmp_path: Path
) -> None:
    bench = Bench(
        data=folder, weights=weights, folder=tmp_path / "table", scale=Scale.SMALL, changes=TINY,
        device="cpu", rows=("resnet-50", "hrnet-w32"),
    )  # fmt: skip
    there, missing = run(bench)
    assert there.zero_shot is not None
    assert there.fine_tuned is not None
    assert there.why == "resnet-50.pth is not the file that was published."
    assert missing.zero_shot is None
    assert "infantnet weights pull hrnet-w32" in missing.why
    assert mean_gain([there, missing]) == there.gain
    told = json.loads((tmp_path / "table/table3.json").read_text())
    assert told["mean pose"]["AP"] >= 0
    results = json.loads((tmp_path / "table/resnet-50/fine-tuned.json").read_text())
    assert [row["image_id"] for row in results] == [1, 2, 3, 4]

    best = tmp_path / "table/resnet-50/run/best.pth"
    made = best.stat().st_mtime_ns
    again, _ = run(bench)
    assert again == there
    assert best.stat().st_mtime_ns == made


def test_a_set_without_a_test_split_is_refused(folder: Path, weights: Path, tmp_path: Path) -> None:
    write_coco(samples(tmp_path, TRAIN), tmp_path / "annotations/train.json")
    with pytest.raises(InvalidInput, match="has no test split"):
        run(Bench(data=tmp_path, weights=weights, folder=tmp_path / "table"))


def test_a_row_without_its_published_start_is_not_trained(folder: Path, tmp_path: Path) -> None:
    part = samples(tmp_path, TRAIN)
    material = Material("set", tmp_path, "", {TRAIN: part, VALIDATION: part})
    recipe = RECIPE["resnet-50"]
    with pytest.raises(InvalidInput, match="needs a checkpoint to begin from"):
        fit(recipe, material, recipe.settings[Scale.SMALL], tmp_path / "run", device="cpu")


def test_a_start_that_is_another_network_is_a_sentence_in_its_row(
    folder: Path, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "hrnet-w48.pth").write_bytes((weights / "resnet-50.pth").read_bytes())
    [row] = run(
        Bench(data=folder, weights=tmp_path, folder=tmp_path / "table", rows=("hrnet-w48",))
    )
    assert "hrnet-w48.pth is not a checkpoint of hrnet-w48" in row.why
    assert replace(row, why="").zero_shot is None
