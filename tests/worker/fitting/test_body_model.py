"""Bodies through smplx agree with the numpy ones, for the open body and for SMIL's format."""

from __future__ import annotations

import numpy as np
import pytest

from backend.multiview.bodies.convert import BODY_JOINTS, FACE_VERTICES, convert_smil
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import BodyModel, load_body, open_body
from tests.smil_files import geometry, write_model, write_prior
from worker.fitting.rig import basis_of

torch = pytest.importorskip("torch", reason="the extra “models” is not installed")
smplx = pytest.importorskip("smplx", reason="the extra “models” is not installed")

from worker.fitting.body_model import BodySurface, make_smpl  # noqa: E402

RNG = np.random.default_rng(1)
BETAS = RNG.normal(size=(3, 20))
POSES = RNG.normal(0, 0.5, (3, 72))
SCALES = np.array([0.9, 1.0, 1.2])
PLACES = RNG.normal(size=(3, 3))


@pytest.fixture(scope="module")
def smil(tmp_path_factory: pytest.TempPathFactory) -> BodyModel:
    folder = tmp_path_factory.mktemp("smil")
    model = write_model(folder / "smil_web.pkl", geometry())
    prior = write_prior(folder / "prior.pkl", np.zeros(69), np.eye(69))
    convert_smil(model, prior, folder / "smil.npz")
    return load_body(folder / "smil.npz")


@pytest.fixture(params=["open-infant", "smil"])
def body(request: pytest.FixtureRequest) -> BodyModel:
    if request.param == "smil":
        model: BodyModel = request.getfixturevalue("smil")
        return model
    return open_body()


def test_smplx_and_numpy_give_the_same_surface(body: BodyModel) -> None:
    surface = BodySurface(body, torch.float64)
    with torch.no_grad():
        vertices, joints = surface(*map(torch.tensor, (BETAS, POSES, SCALES, PLACES)))
        coco = surface.coco(vertices)
    for k in range(3):
        posed = pose_body(body, BETAS[k], POSES[k], float(SCALES[k]), PLACES[k])
        np.testing.assert_allclose(vertices[k], posed.vertices, atol=1e-5)
        np.testing.assert_allclose(joints[k], posed.joints, atol=1e-5)
        np.testing.assert_allclose(coco[k], posed.coco, atol=1e-5)


def test_all_twenty_shape_directions_matter(body: BodyModel) -> None:
    model = make_smpl(body)
    assert model.num_betas == 20
    with torch.no_grad():
        zero = torch.zeros(1, 72)
        shapes = [
            model(
                betas=betas[None],
                global_orient=zero[:, :3],
                body_pose=zero[:, 3:],
                transl=zero[:, :3],
            ).vertices
            for betas in (torch.zeros(20), torch.eye(20)[19] * 3)
        ]
    assert (shapes[0] - shapes[1]).abs().max() > 1e-4


def test_derivatives_reach_every_parameter() -> None:
    surface = BodySurface(open_body(), torch.float64)
    parameters = [torch.tensor(x[:1]).requires_grad_() for x in (BETAS, POSES, SCALES, PLACES)]
    vertices, _ = surface(*parameters)
    surface.coco(vertices).square().sum().backward()
    for p in parameters:
        assert p.grad is not None
        assert p.grad.abs().max() > 0


def test_joints_without_a_mesh_are_those_of_the_surface() -> None:
    body = open_body()
    basis = basis_of(body)
    for betas, pose in zip(BETAS, POSES, strict=True):
        posed = pose_body(body, betas, pose)
        rest = basis.J + basis.J_betas @ betas
        a = basis.a + basis.a_betas @ betas
        R, t = _kinematics(rest, pose)
        joints = np.einsum("jab,kjb->ka", R, a) + basis.b @ t
        np.testing.assert_allclose(joints - rest[0], posed.coco, atol=1e-5)


def _kinematics(rest: np.ndarray, pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from backend.multiview.bodies.mesh import joint_transforms

    T = joint_transforms(rest, pose)
    return T[:, :, :3], T[:, :, 3]


def test_smils_coco_joints_are_those_that_smplx_picks(smil: BodyModel) -> None:
    picks = smplx.vertex_ids.vertex_ids["smplh"]
    names = ("nose", "leye", "reye", "lear", "rear")
    assert tuple(picks[name] for name in names) == FACE_VERTICES
    model = make_smpl(smil, torch.float64)
    zero = torch.zeros(1, 72, dtype=torch.float64)
    with torch.no_grad():
        out = model(
            betas=zero[:, :20],
            global_orient=zero[:, :3],
            body_pose=zero[:, 3:],
            transl=zero[:, :3],
        ).joints[0]
    order = [24, 26, 25, 28, 27, *BODY_JOINTS]
    rest = smil.coco_regressor.astype(float) @ smil.v_template
    np.testing.assert_allclose(out[order], rest, atol=1e-6)
