"""How sure fits are: influences against refits, covariances against draws, doubts by name."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.fit_quality import POOR_MM, Doubt, half_widths
from backend.domain.skeleton import MIRROR
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import (
    Sampled,
    four_cameras,
    open_basis,
    open_family,
    open_prior,
    sample_moments,
)
from worker.fitting.camera_spread import in_place, spread_of
from worker.fitting.config import FitConfig
from worker.fitting.influence import influences, look
from worker.fitting.intersection import triangulated
from worker.fitting.problem import Problem, make_problem
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session
from worker.fitting.solve import points, solve, stage_table

pytestmark = pytest.mark.xdist_group("fitting")
Array = NDArray[np.float64]


@cache
def visit() -> Sampled:
    return sample_moments(12, seed=4)


def fitted(joints: Array, cameras: list[Camera] | None = None) -> SessionFit:
    return fit_session(open_body(), cameras or four_cameras(), joints)


def problem_of(joints: Array, cameras: list[Camera]) -> Problem:
    # Steps end where nothing moves any more, so that refits can be compared.
    config = FitConfig(tolerance=1e-13, rho_iterations=(4, 200), intersection_weight=0.0)
    return make_problem(cameras, joints, "visibility", open_basis().coco_weight, config)


def resolved(problem: Problem, x: Array) -> Array:
    """Joints of the fits from starts x, at the visit's true shape."""
    family, sampled = open_family(), visit()
    rig = family.at(sampled.betas)
    found = solve(problem, rig, open_prior(), sampled.scale, x, stage_table(problem.config)[-1:])
    return points(rig, found.x, sampled.scale)[:, :17]


class TestInfluence:
    """Linear answers are those of a fit that is made again."""

    def setup_method(self) -> None:
        sampled = visit()
        self.problem = problem_of(sampled.joints[:2], four_cameras())
        rig = open_family().at(sampled.betas)
        self.x = solve(
            self.problem, rig, open_prior(), sampled.scale, sampled.x[:2],
            stage_table(self.problem.config),
        ).x  # fmt: skip
        self.before = resolved(self.problem, self.x)
        (self.some,) = influences(
            self.problem, open_family(), open_prior(), sampled.betas, sampled.scale, self.x
        )
        self.seen = look(self.problem, self.before)

    def test_a_mark_that_moves_moves_the_joints_as_foretold(self) -> None:
        joints = visit().joints[:2].copy()
        joints[0, 1, 9, :2] += (0.4, -0.3)
        moved = resolved(problem_of(joints, four_cameras()), self.x) - self.before
        seen, K = self.seen, self.some.K
        pull = seen.f[0, 1, 9] * seen.P[0, 1, 9].T @ np.array([0.4, -0.3])
        foretold = K[0, :, :, 9] @ pull
        # The robust weight and the bend of the joints are left out of the linear answer.
        assert np.abs(moved[0] - foretold).max() < 0.15 * np.abs(foretold).max()
        assert np.abs(moved[1]).max() < 1e-6

    def test_a_camera_that_is_off_moves_the_joints_as_foretold(self) -> None:
        cameras = four_cameras()
        by = np.array([2e-4, -3e-4, 1e-4, 1e-3, 5e-4, -8e-4])
        from scipy.spatial.transform import Rotation

        T = cameras[2].pose.copy()
        T[:3, :3] = Rotation.from_rotvec(by[:3]).as_matrix() @ T[:3, :3]
        T[:3, 3] += by[3:]
        cameras[2] = cameras[2].moved(T)
        moved = resolved(problem_of(visit().joints[:2], cameras), self.x) - self.before
        seen, K = self.seen, self.some.K
        fP = seen.f[:, 2][..., None, None] * seen.P[:, 2]
        G = np.einsum("tkpa,tkpb->tkab", fP, seen.own[:, 2, :, :, :6])
        foretold = -np.einsum("tkijm,tjmb,b->tki", K, G, by)
        assert np.abs(moved - foretold).max() < 0.15 * np.abs(foretold).max()


def test_triangulated_joints_scatter_as_their_covariance_says() -> None:
    cameras, rng = four_cameras(), np.random.default_rng(1)
    true = np.repeat(visit().coco[:1], 300, axis=0)
    pixels = np.stack([camera.project(true) for camera in cameras], axis=1)
    pixels += rng.normal(0, 2.0, pixels.shape)
    joints = np.concatenate([pixels, np.full((*pixels.shape[:3], 1), 2.0)], axis=-1)
    exact = [{"pose": np.eye(6) * 1e-14, "lens": np.eye(4) * 1e-8}] * 4
    found = triangulated(cameras, joints, 2.0, covariances=exact)
    away = found.points - true
    drawn = np.einsum("tka,tkb->kab", away, away) / len(away)
    told = found.covariance.mean(0)
    ratio = np.trace(drawn, axis1=1, axis2=2) / np.trace(told, axis1=1, axis2=2)
    assert 0.85 < ratio.mean() < 1.2


def test_a_limb_that_nobody_saw_is_wide_and_named() -> None:
    joints = visit().joints.copy()
    joints[3][:, (8, 10), 2] = 0
    fit = fitted(joints)
    assert fit.covariance is not None
    wide = half_widths(fit.covariance)
    assert wide[3, 10] > 3 * wide[2, 10]
    named = {odd.joint for odd in fit.doubts[3] if odd.kind is Doubt.UNSEEN}
    assert 10 in named


def test_one_mark_that_is_far_off_is_named_and_costs_the_moment_little() -> None:
    joints = visit().joints.copy()
    joints[5, 2, 7, :2] += (0.0, 60.0)
    joints[5, 2, 7, 2] = 2
    fit = fitted(joints)
    (odd,) = [o for o in fit.doubts[5] if o.kind is Doubt.MARK]
    assert (odd.camera, odd.joint) == (2, 7)
    assert odd.px is not None
    assert 40 < odd.px < 75
    assert fit.quality_mm is not None
    assert fit.quality_mm[5] < 1.5 * np.median(fit.quality_mm)


def test_a_view_with_left_and_right_exchanged_is_named() -> None:
    joints = visit().joints.copy()
    joints[4, 1] = joints[4, 1, list(MIRROR)]
    fit = fitted(joints)
    assert fit.doubts[4][0].kind is Doubt.SIDES
    assert fit.doubts[4][0].camera == 1


def test_a_camera_that_was_turned_is_named_and_widens_all_joints() -> None:
    from scipy.spatial.transform import Rotation

    good = fitted(visit().joints)
    cameras = four_cameras()
    T = np.eye(4)
    T[:3, :3] = Rotation.from_rotvec([np.radians(1.5), 0, 0]).as_matrix()
    cameras[3] = cameras[3].moved(T @ cameras[3].pose)
    fit = fitted(visit().joints, cameras)
    assert [o.camera for o in fit.doubts[0] if o.kind is Doubt.CAMERA] == [3]
    assert fit.quality_mm is not None
    assert good.quality_mm is not None
    assert fit.quality_mm.mean() > 1.25 * good.quality_mm.mean()


def test_a_body_longer_than_infants_is_warned_of() -> None:
    big = [camera.moved(scaled(camera.pose, 2.2)) for camera in four_cameras()]
    fit = fitted(visit().joints, big)
    lengths = [o for o in fit.doubts[0] if o.kind is Doubt.SHAPE and o.what == "length"]
    assert lengths
    assert lengths[0].value is not None
    assert lengths[0].value > 1.1


def scaled(T: Array, factor: float) -> Array:
    out = T.copy()
    out[:3, 3] *= factor
    return out


def test_one_view_knows_depth_worst() -> None:
    fit = fit_session(open_body(), four_cameras()[:1], visit().joints[:4, :1])
    assert fit.covariance is not None
    assert fit.quality_mm is not None
    values, axes = np.linalg.eigh(fit.covariance[0].mean(0))
    ray = fit.joints3d_coco[0].mean(0) - four_cameras()[0].centre
    assert abs(axes[:, -1] @ ray) / np.linalg.norm(ray) > 0.95
    assert values[-1] > 20 * values[0]


def test_shape_and_scale_have_a_covariance() -> None:
    fit = fitted(visit().joints)
    assert fit.shape_covariance is not None
    assert np.linalg.eigvalsh(fit.shape_covariance).min() > 0
    deviation = np.sqrt(np.diag(fit.shape_covariance))
    assert abs(fit.scale[0] - visit().scale) < 4 * deviation[-1]


def test_a_camera_known_badly_widens_what_it_sees() -> None:
    joints = visit().joints[:4]
    loose = {"pose": np.diag([1e-4] * 3 + [1e-3] * 3), "lens": None}
    before = fitted(joints).covariance
    after = fit_session(open_body(), four_cameras(), joints, covariances=[loose] * 4).covariance
    assert before is not None
    assert after is not None
    assert half_widths(after).mean() > 1.5 * half_widths(before).mean()


def test_a_default_covariance_turns_a_camera_about_itself() -> None:
    camera = four_cameras()[0]
    about = in_place(camera.pose)
    # A turn about the camera's centre leaves the centre where it is: R·C + t stays zero.
    moved = about[3:, :3] @ np.array([1e-3, 2e-3, -1e-3])
    turned = np.cross([1e-3, 2e-3, -1e-3], camera.pose[:3, :3] @ camera.centre)
    assert np.allclose(turned + moved, 0, atol=1e-12)
    assert np.linalg.eigvalsh(spread_of(camera)).min() > -1e-9


@pytest.mark.parametrize("value", [np.eye(5), {"pose": -np.eye(6)}, {"lens": "wide"}])
def test_what_is_no_covariance_of_a_camera_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidInput, match="camera_1"):
        spread_of(four_cameras()[0], value)


def test_what_one_view_says_is_wide_and_never_called_good() -> None:
    fit = fitted(visit().joints[:3, :1], four_cameras()[:1])
    assert fit.covariance is not None
    assert fit.quality_mm is not None
    assert (fit.quality_mm > POOR_MM).all()
    # The depth of the trunk is not known to a hand's breadth.
    assert (half_widths(fit.covariance)[:, 11:13] > 0.08).all()
