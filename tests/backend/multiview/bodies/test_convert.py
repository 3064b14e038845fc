"""SMIL's pickles become a body model file, or a clear error and nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.convert import convert_smil
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import BodyModel, load_body, open_body, sha256_of_file
from tests.smil_files import geometry, write_model, write_prior

GEOMETRY = geometry()
MEAN = np.random.default_rng(2).normal(0, 0.3, 69)
PREC = np.tril(np.random.default_rng(3).normal(0, 1, (69, 69)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("smil")
    write_model(folder / "smil_web.pkl", GEOMETRY)
    write_prior(folder / "smil_pose_prior.pkl", MEAN, PREC)
    convert_smil(folder / "smil_web.pkl", folder / "smil_pose_prior.pkl", folder / "smil.npz")
    return folder


@pytest.fixture(scope="module")
def smil(folder: Path) -> BodyModel:
    return load_body(folder / "smil.npz")


def test_the_geometry_is_kept_with_all_twenty_shape_directions(smil: BodyModel) -> None:
    assert smil.betas == 20
    np.testing.assert_allclose(smil.v_template, GEOMETRY["v_template"], atol=1e-7)
    np.testing.assert_allclose(smil.shapedirs, GEOMETRY["shapedirs"], atol=1e-8)
    np.testing.assert_allclose(smil.weights, GEOMETRY["weights"], atol=1e-6)
    np.testing.assert_allclose(smil.J_regressor, GEOMETRY["J_regressor"].toarray(), atol=1e-7)
    np.testing.assert_array_equal(smil.faces, GEOMETRY["f"])
    assert smil.posedirs is not None
    one = GEOMETRY["posedirs"][150, 2, 100]
    assert smil.posedirs[100, 150 * 3 + 2] == pytest.approx(one, abs=1e-8)


def test_the_prior_keeps_its_distance(smil: BodyModel) -> None:
    pose = np.random.default_rng(4).normal(0, 0.4, 69)
    distance = np.linalg.norm((pose - MEAN) @ PREC)
    assert np.linalg.norm((pose - smil.pose_mean) @ smil.pose_factor) == pytest.approx(
        distance, rel=1e-5
    )


def test_the_file_names_its_model_licence_and_source(smil: BodyModel, folder: Path) -> None:
    assert smil.name == "smil"
    assert not smil.is_open
    assert "licence" in smil.licence
    assert smil.sha256_source == sha256_of_file(folder / "smil_web.pkl")
    assert smil.sha256 == sha256_of_file(folder / "smil.npz")


def test_knees_and_elbows_have_limits_and_other_joints_none(smil: BodyModel) -> None:
    assert np.isfinite(smil.pose_lower).nonzero()[0].tolist() == [9, 12, 55]
    assert np.isfinite(smil.pose_upper).nonzero()[0].tolist() == [52]


def test_the_face_is_picked_from_vertices_and_hips_are_trusted_less(smil: BodyModel) -> None:
    posed = pose_body(smil, pose=np.random.default_rng(5).normal(0, 0.3, 72))
    np.testing.assert_allclose(posed.coco[0], posed.vertices[332], atol=1e-6)
    assert smil.coco_weight[[11, 12]] == pytest.approx(0.3)
    assert smil.coco_weight[5:11] == pytest.approx(1.0)


def test_without_its_prior_that_of_the_open_body_is_used_and_named(
    folder: Path, tmp_path: Path
) -> None:
    convert_smil(folder / "smil_web.pkl", None, tmp_path / "smil.npz")
    body = load_body(tmp_path / "smil.npz")
    np.testing.assert_array_equal(body.pose_mean, open_body().pose_mean)
    assert "not given" in body.pose_prior_about


def test_converting_twice_gives_the_same_file(folder: Path, tmp_path: Path) -> None:
    again = convert_smil(
        folder / "smil_web.pkl", folder / "smil_pose_prior.pkl", tmp_path / "again.npz"
    )
    assert again == sha256_of_file(folder / "smil.npz")


def test_a_file_of_plain_arrays_is_read_too(folder: Path, tmp_path: Path) -> None:
    path = write_model(tmp_path / "plain.pkl", GEOMETRY, chumpy=False)
    convert_smil(path, None, tmp_path / "plain.npz")
    plain, before = load_body(tmp_path / "plain.npz"), load_body(folder / "smil.npz")
    np.testing.assert_array_equal(plain.shapedirs, before.shapedirs)


def _other_tree() -> Any:
    tree = np.array(GEOMETRY["kintree_table"])
    tree[0, 20] = 0
    return tree


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "other topology": ({"v_template": np.zeros((6449, 3))}, "6449 × 3; SMIL's is 6890 × 3"),
    "other faces": ({"f": np.zeros((100, 3), np.uint32)}, "“f” is 100 × 3"),
    "other joints": ({"kintree_table": _other_tree()}, "not SMPL's 24"),
    "no joints": ({"kintree_table": np.zeros((2, 30), np.int64)}, "not SMPL's 24"),
    "ten betas": ({"shapedirs": np.zeros((6890, 3, 10))}, "6890 × 3 × 10"),
    "an adult": ({"v_template": GEOMETRY["v_template"] * 3.2}, "1.71 m tall"),
    "millimetres": ({"v_template": GEOMETRY["v_template"] * 1000}, "534 m tall"),
    "nothing there": ({"v_template": None}, "“v_template” is not an array"),
    "not a number": (
        {"v_template": np.where(GEOMETRY["v_template"] > 0.19, np.nan, GEOMETRY["v_template"])},
        "not numbers|m tall",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_another_body_is_refused_by_name_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    change, fault = BROKEN[name]
    path = write_model(tmp_path / "body.pkl", {**GEOMETRY, **change}, chumpy=False)
    with pytest.raises(InvalidInput, match=fault) as refused:
        convert_smil(path, None, tmp_path / "out.npz", model_called="smil_web.pkl")
    assert refused.value.file in ("smil_web.pkl", "out.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["body.pkl"]


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    arrays = {k: v for k, v in GEOMETRY.items() if k != "weights"}
    path = write_model(tmp_path / "body.pkl", arrays, chumpy=False)
    with pytest.raises(InvalidInput, match="lacks the entry “weights”"):
        convert_smil(path, None, tmp_path / "out.npz")


def test_files_given_the_wrong_way_round_are_refused(folder: Path, tmp_path: Path) -> None:
    model, prior = folder / "smil_web.pkl", folder / "smil_pose_prior.pkl"
    with pytest.raises(InvalidInput, match=r"smil_pose_prior\.pkl is not SMIL: it holds no model"):
        convert_smil(prior, model, tmp_path / "out.npz")
    with pytest.raises(InvalidInput, match=r"smil_web\.pkl is not SMIL: it is not a pose prior"):
        convert_smil(model, model, tmp_path / "out.npz")


def test_a_prior_over_other_joints_is_refused(folder: Path, tmp_path: Path) -> None:
    prior = write_prior(tmp_path / "prior.pkl", np.zeros(63), np.eye(63))
    with pytest.raises(InvalidInput, match="63 values"):
        convert_smil(folder / "smil_web.pkl", prior, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_a_prior_whose_numbers_are_numpys_is_read_too(folder: Path, tmp_path: Path) -> None:
    prior = write_prior(tmp_path / "prior.pkl", MEAN, PREC, prefix=np.int64(3))
    convert_smil(folder / "smil_web.pkl", prior, tmp_path / "out.npz")
    np.testing.assert_allclose(load_body(tmp_path / "out.npz").pose_factor, PREC, rtol=1e-6)
