"""The networks of Table 4, tiny, and what a trained one is good for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput, NotFound
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import four_cameras
from tests.worker.training.bodies_material import bodies, material, samples
from worker.fitting.config import FitConfig
from worker.fitting.proposed import Proposed
from worker.fitting.session import fit_session
from worker.training.bodies.losses import mean_loss
from worker.training.bodies.model import BodyRegressor
from worker.training.bodies.samples import BodySamples
from worker.training.bodies.scoring import mean_of
from worker.training.bodies.torch_body import TorchBody
from worker.training.loop import fit
from worker.training.recipe import Scale, Settings
from worker.training.recipes import all_recipes
from worker.training.recipes.table4 import NETWORKS, build
from worker.training.regressor import Regressor

pytestmark = pytest.mark.models

TINY = {
    "hmr": {"layers": 18, "width": 32},
    "pare": {"layers": 18, "width": 16, "finer": 1},
    "hmr2": {"patch": 32, "tokens": 48, "encoder": 1, "heads": 2, "width": 32, "depth": 1},
    "body-from-joints": {"width": 64},
}
QUIET = FitConfig(smooth_weight=0.0)


def settings(network: str, **changes: object) -> Settings:
    own = all_recipes()[network].settings[Scale.SMALL]
    size = None if own.size is None else (64, 64)
    return own.changed(size=size, **TINY[network], **changes)


def regressor(network: str) -> tuple[BodyRegressor, dict[str, object]]:
    own = settings(network)
    part = BodySamples(
        samples(6), bodies(), model=open_body().name, betas=20, side=64, changed=False,
        image=False, map_side=4 if network == "pare" else 0,
    )  # fmt: skip
    torch.manual_seed(0)
    model = BodyRegressor(build(own, mean_of(part, open_body())), TorchBody(open_body()))
    batch = torch.utils.data.default_collate([part[0], part[1]])
    if network == "pare":
        maps = [torch.as_tensor(part._parts(i, part.crop(i))) for i in range(2)]
        batch["data_samples"]["parts"] = torch.stack(maps)
    if own.size is not None:
        batch["inputs"] = torch.randint(0, 255, (2, 3, 64, 64), dtype=torch.uint8)
    return model, batch


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_says_bodies_and_learns_two_samples(network: str) -> None:
    model, batch = regressor(network)
    model.eval()
    said = model(**batch, mode="predict")
    assert [one["joints"].shape for one in said] == [(17, 3)] * 2
    assert said[0]["vertices"].shape == (len(open_body().v_template), 3)

    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    sums = []
    for _ in range(8):
        losses = model(**batch, mode="loss")
        loss = mean_loss(losses)
        optimiser.zero_grad()
        loss.backward()
        if not sums:
            assert all(p.grad is not None for p in model.parameters())
            first = next(model.network.parameters())
            assert float(first.grad.abs().sum()) > 0
        optimiser.step()
        sums.append(float(loss.detach()))
    assert ("loss_parts" in losses) == (network == "pare")
    assert sums[-1] < 0.95 * sums[0]


def test_at_first_a_network_says_the_mean_body() -> None:
    model, batch = regressor("body-from-joints")
    model.eval()
    a, b = model(**batch, mode="predict")
    assert np.abs(a["rotations"] - b["rotations"]).max() < 0.1


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    recipe = all_recipes()["body-from-joints"]
    own = settings("body-from-joints", epochs=2, batch=8, validate_every=1, warm_up=0)
    outcome = fit(recipe, material(), own, folder, device="cpu")
    assert outcome.test is not None
    assert set(outcome.test) >= {"MPJPE", "MPJPE_unaligned", "PA-MPJPE", "PVE"}
    assert len(list((folder / "pictures").glob("*.jpg"))) > 0
    return folder


def test_a_start_of_its_own_is_measured_first_and_one_of_another_width_is_refused(
    run: Path, tmp_path: Path
) -> None:
    recipe = all_recipes()["body-from-joints"]
    own = settings("body-from-joints", epochs=1, batch=8, rate=1e-6, warm_up=0)
    again = fit(recipe, material(), own, tmp_path / "again", device="cpu", start=run / "best.pth")
    told = json.loads((run / "run.json").read_text())
    assert again.before is not None
    assert again.before["PA-MPJPE"] == pytest.approx(told["scores"]["PA-MPJPE"], rel=1e-4)

    wide = own.changed(width=32)
    with pytest.raises(InvalidInput, match="is not a checkpoint of body-from-joints"):
        fit(recipe, material(), wide, tmp_path / "wide", device="cpu", start=run / "best.pth")


def test_a_run_gives_starts_from_which_fits_end_no_higher(run: Path) -> None:
    body, camera = open_body(), four_cameras()[0]
    joints = np.stack([sample.joints for sample in samples(6, 3)])[:, None]
    without = fit_session(body, [camera], joints, config=QUIET)

    proposed = Regressor.of_run(run, body).propose([camera], joints)
    assert list(proposed.moment) == list(range(6))
    found = fit_session(body, [camera], joints, config=QUIET, proposed=proposed)

    assert (found.energy <= without.energy + 1e-6).all()
    assert (found.facing_restarts >= without.facing_restarts).all()


def test_the_true_body_as_a_start_is_taken_and_nonsense_is_not() -> None:
    body, camera = open_body(), four_cameras()[0]
    part = samples(6, 3)
    joints = np.stack([sample.joints for sample in part])[:, None]
    fits = [sample.body for sample in part]
    truth = Proposed(
        np.arange(6), np.stack([b.pose for b in fits if b]),
        np.stack([b.translation for b in fits if b]), np.array([b.scale for b in fits if b]),
    )  # fmt: skip
    nonsense = Proposed(
        truth.moment, np.roll(truth.pose, 36, axis=1), truth.translation + 5, truth.scale
    )
    plain, helped, misled = (
        fit_session(body, [camera], joints, config=QUIET, proposed=proposed)
        for proposed in (None, truth, nonsense)
    )
    assert (helped.energy <= plain.energy + 1e-6).all()
    assert (misled.energy <= plain.energy + 1e-6).all()
    true = np.stack(
        [
            camera.T_camera_world[:3, :3].T @ (s.joints_3d - camera.T_camera_world[:3, 3]).T
            for s in part
        ]
    ).transpose(0, 2, 1)

    def off(found: object) -> float:
        return float(np.linalg.norm(found.joints3d_coco - true, axis=2).mean())

    assert off(helped) <= off(plain) + 1e-3


def test_proposals_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InvalidInput, match="do not rise"):
        Proposed(np.array([1, 1]), np.zeros((2, 72)), np.zeros((2, 3)), np.ones(2))
    with pytest.raises(InvalidInput, match="no numbers"):
        Proposed(np.array([0]), np.full((1, 72), np.nan), np.zeros((1, 3)), np.ones(1))


def test_what_is_no_run_of_bodies_is_refused_in_words(run: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="holds no run"):
        Regressor.of_run(tmp_path)
    wrong = settings("body-from-joints").changed(width=32)
    with pytest.raises(InvalidInput, match="does not fit its network"):
        Regressor(wrong, torch.load(run / "best.pth", weights_only=True)["state_dict"])
    seeing = settings("hmr")
    model, _ = regressor("hmr")
    with pytest.raises(InvalidInput, match="looks at images"):
        Regressor(seeing, model.state_dict()).propose([], np.zeros((0, 1, 17, 3)))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_has_both_bodies_and_both_scales(network: str) -> None:
    for name in (network, f"{network}-adult"):
        recipe = all_recipes()[name]
        assert set(recipe.settings) == set(Scale)
        assert recipe.source.differs
    adult = all_recipes()[f"{network}-adult"].settings[Scale.SMALL]
    assert adult.extra["body"] == "adult"
