from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.domain import masks as rle
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import Sampled, four_cameras, sample_moments
from worker.fitting.config import FitConfig
from worker.fitting.deform import laplacian
from worker.fitting.evidence import prepare_mask, pulls_of
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session, fitted_skin
from worker.fitting.silhouette import overlap, silhouette
from worker.fitting.skin import Skin

CONFIG = FitConfig(surface_vertices=400, surface_points=80, surface_steps=3)


@pytest.fixture(scope="module")
def sampled() -> Sampled:
    return sample_moments(3, seed=12)


def surface(sampled: Sampled, t: int) -> np.ndarray:
    skin = Skin.of(open_body(), sampled.betas)
    return skin.vertices(sampled.pose[t], sampled.x[t, :3], sampled.scale)


@pytest.fixture(scope="module")
def outlines(sampled: Sampled) -> list[list[Any]]:
    return [
        [
            rle.encode(silhouette(camera, surface(sampled, t), open_body().faces))
            for camera in four_cameras()
        ]
        for t in range(3)
    ]


@pytest.fixture(scope="module")
def by_joints(sampled: Sampled, outlines: list[list[Any]]) -> SessionFit:
    return fit_session(
        open_body(), [*four_cameras()], sampled.joints, masks=outlines,
        config=FitConfig(surface_weight=0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def by_masks(sampled: Sampled, outlines: list[list[Any]]) -> SessionFit:
    return fit_session(
        open_body(), [*four_cameras()], sampled.joints, masks=outlines, config=CONFIG
    )


def test_masks_improve_their_overlap(by_joints: SessionFit, by_masks: SessionFit) -> None:
    assert np.isfinite(by_masks.mask_iou).all()
    assert by_masks.mask_iou.mean() > by_joints.mask_iou.mean()
    assert by_masks.mask_iou.mean() > 0.93


def test_masks_do_not_pull_joints_away(sampled: Sampled, by_masks: SessionFit) -> None:
    away = np.linalg.norm(by_masks.joints3d_coco - sampled.coco, axis=2)
    assert 1000 * away.mean() < 8
    assert by_masks.gate_passed.all()


def test_the_deformation_is_small_and_smooth(by_masks: SessionFit) -> None:
    assert by_masks.offsets is not None
    length = np.linalg.norm(by_masks.offsets, axis=1)
    assert 0 < length.max() <= CONFIG.offset_limit_m + 1e-9
    rough = laplacian(open_body().faces, len(length)) @ by_masks.offsets
    assert np.linalg.norm(rough, axis=1).mean() < 0.3 * length.mean()


def test_fingers_and_toes_keep_their_form(by_masks: SessionFit) -> None:
    assert by_masks.offsets is not None
    body = open_body()
    edges = np.concatenate([body.faces[:, [0, 1]], body.faces[:, [1, 2]], body.faces[:, [2, 0]]])
    fine = edges[np.isin(body.part[edges], (10, 11, 22, 23)).all(1)]
    rest = body.v_template.astype(float)
    before = np.linalg.norm(rest[fine[:, 0]] - rest[fine[:, 1]], axis=1)
    moved = by_masks.offsets
    apart = np.linalg.norm(moved[fine[:, 0]] - moved[fine[:, 1]], axis=1)
    assert np.percentile(apart / before, 99) < 0.1


def test_without_masks_or_scans_the_skin_stays_as_it_is(by_joints: SessionFit) -> None:
    assert by_joints.offsets is None


def test_a_point_cloud_draws_the_skin_to_itself(sampled: Sampled) -> None:
    rng = np.random.default_rng(0)
    clouds = [
        surface(sampled, t)[rng.permutation(len(open_body().v_template))[:3000]] for t in range(3)
    ]
    rough = sampled.joints.copy()
    rough[..., :2] += rng.normal(0, 5, rough[..., :2].shape)

    def distance(fit: SessionFit) -> float:
        skin = fitted_skin(open_body(), fit)
        return float(
            np.mean(
                [
                    np.linalg.norm(
                        skin.vertices(fit.pose[t], fit.translation[t], fit.scale[t])
                        - surface(sampled, t),
                        axis=1,
                    ).mean()
                    for t in range(3)
                ]
            )
        )

    plain = fit_session(open_body(), [*four_cameras()], rough)
    scanned = fit_session(open_body(), [*four_cameras()], rough, scan=clouds, config=CONFIG)
    assert distance(scanned) < 0.8 * distance(plain)


def test_pulls_vanish_where_the_mesh_fills_its_mask(sampled: Sampled) -> None:
    camera, vertices = four_cameras()[0], surface(sampled, 0)
    view = prepare_mask(camera, silhouette(camera, vertices, open_body().faces), 200)
    chosen = np.arange(0, len(vertices), 20)
    there = pulls_of([view], None, vertices, chosen, FitConfig(), 1.0)
    aside = pulls_of([view], None, vertices + np.array([0, 0, 0.05]), chosen, FitConfig(), 1.0)
    assert there.energy < 0.05 * aside.energy
    # Down again is where all of them together pull: against the residual's gradient.
    assert aside.g.sum(0)[2] > 0


def test_a_mask_cut_off_by_the_image_does_not_pull_at_the_edge() -> None:
    camera = four_cameras()[0]
    mask = np.zeros((480, 640), bool)
    mask[100:200, :50] = True
    contour = prepare_mask(camera, mask, 1000).contour
    assert contour[:, 0].min() > 1.5


def test_a_silhouette_covers_the_pixels_of_its_triangle() -> None:
    camera = four_cameras()[0]
    inverse = np.linalg.inv(camera.pose)
    corners = np.array([[100.0, 100.0], [200.0, 100.0], [100.0, 200.0]])
    world = camera.centre + 2 * camera.rays(corners)
    assert np.allclose(inverse[:3, 3], camera.centre)
    drawn = silhouette(camera, world, np.array([[0, 1, 2]], np.int32))
    rows, columns = np.mgrid[:480, :640] + 0.5
    want = (columns >= 100) & (rows >= 100) & (columns + rows <= 300)
    assert overlap(drawn, want) > 0.97


def test_the_overlap_of_two_empty_masks_is_not_a_number() -> None:
    nothing = np.zeros((4, 4), bool)
    assert np.isnan(overlap(nothing, nothing))


def test_a_body_with_pose_correctives_and_without_limits_is_fitted_too(
    sampled: Sampled, outlines: list[list[Any]]
) -> None:
    rng = np.random.default_rng(0)
    count = len(open_body().v_template)
    posedirs = np.zeros((207, count * 3), np.float32)
    posedirs[:, ::40] = rng.normal(0, 0.001, posedirs[:, ::40].shape)
    body = replace(
        open_body(), name="corrected", posedirs=posedirs,
        pose_lower=np.full(69, -np.inf, np.float32), pose_upper=np.full(69, np.inf, np.float32),
    )  # fmt: skip
    fit = fit_session(
        body, [*four_cameras()], sampled.joints[:2], masks=outlines[:2],
        config=replace(CONFIG, bend_weight=0.1),
    )  # fmt: skip
    assert fit.body_name == "corrected"
    assert fit.gate_passed.all()
    assert fit.mask_iou.mean() > 0.9
    posed = pose_body(
        body, fit.betas[0], fit.pose[0], float(fit.scale[0]), fit.translation[0], fit.offsets
    )
    skin = fitted_skin(body, fit)
    np.testing.assert_allclose(
        skin.vertices(fit.pose[0], fit.translation[0], fit.scale[0]), posed.vertices, atol=1e-6
    )
