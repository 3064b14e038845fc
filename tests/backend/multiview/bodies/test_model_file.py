"""The body model file: what ships, and what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import rest_joints
from backend.multiview.bodies.model_file import (
    OPEN_BODY_FILE,
    PARENTS,
    load_body,
    open_body,
    parse_body,
    write_body,
)


def arrays() -> dict[str, Any]:
    with np.load(OPEN_BODY_FILE) as archive:
        return {key: archive[key] for key in archive.files}


ARRAYS = arrays()


def test_the_open_body_is_an_infant_of_about_twelve_months() -> None:
    body = open_body()
    assert body.is_open
    assert body.betas == 20
    assert 0.66 < body.rest_length < 0.82
    assert OPEN_BODY_FILE.stat().st_size < 10_000_000
    assert "CC0" in body.licence
    assert "not measured" in body.pose_prior_about


def test_the_open_body_stands_as_smpl_does() -> None:
    body = open_body()
    joints = dict(zip(range(24), rest_joints(body), strict=True))
    assert joints[15][1] > joints[0][1] > joints[7][1]  # head, pelvis, ankle: y is up
    assert joints[20][0] > joints[16][0] > 0 > joints[21][0]  # the left is at +x, arms out
    toes, heel = joints[10], joints[7]
    assert toes[2] > heel[2]  # it looks to +z
    arm = joints[20] - joints[16]
    assert abs(arm[1]) < 1e-2 * abs(arm[0])


def test_the_open_body_is_nearly_symmetric() -> None:
    joints = rest_joints(open_body())
    for left, right in ((1, 2), (4, 5), (7, 8), (16, 17), (18, 19), (20, 21)):
        np.testing.assert_allclose(joints[left] * [-1, 1, 1], joints[right], atol=2e-3)


def test_the_eyes_of_the_open_body_are_marked() -> None:
    body = open_body()
    eye = body.v_template[body.faces[body.regions["eye_front.L"]]].reshape(-1, 3)
    nose = body.coco_regressor[0] @ body.v_template
    assert eye[:, 0].mean() > 0
    assert np.linalg.norm(eye.mean(axis=0) - nose) < 0.06


def test_the_pose_prior_is_within_its_limits_and_a_proper_distance() -> None:
    body = open_body()
    assert np.all(body.pose_lower < body.pose_mean)
    assert np.all(body.pose_mean < body.pose_upper)
    rank = np.linalg.matrix_rank(body.pose_factor @ body.pose_factor.T)
    assert rank == 69
    hip = abs(1 / np.diag(np.linalg.cholesky(body.pose_factor @ body.pose_factor.T)))
    assert hip.max() < 1.5


def test_a_file_is_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    one, two = (write_body(tmp_path / name, ARRAYS) for name in ("a.npz", "b.npz"))
    assert one == two
    assert load_body(tmp_path / "a.npz").sha256 == one


def test_a_file_that_breaks_the_format_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_body(tmp_path / "a.npz", {**ARRAYS, "weights": np.ones((5, 24), np.float32)})
    assert list(tmp_path.iterdir()) == []


V = len(ARRAYS["v_template"])
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "format of several": ({"format": np.ones(3, int)}, "format is not one number"),
    "format in words": ({"format": np.array("one")}, "format is not one number"),
    "length of several": ({"rest_length": np.ones(2)}, "rest_length is not one number"),
    "name of several": ({"name": np.array(["a", "b"])}, "name is not one text"),
    "name in numbers": ({"name": np.arange(3)}, "name is not one text"),
    "newer format": ({"format": np.int32(2)}, "format is 2"),
    "other joints": ({"parents": np.arange(-1, 23)}, "not SMPL's 24"),
    "weights of others": ({"weights": np.ones((V - 1, 24), np.float32)}, f"not {V} × 24"),
    "weights too large": ({"weights": np.ones((V, 24), np.float32)}, "sum to 1"),
    "faces beyond": ({"faces": ARRAYS["faces"] + 1}, f"does not index {V}"),
    "whole numbers": ({"v_template": np.ones((V, 3), int)}, "int64"),
    "not a number": ({"v_template": np.full((V, 3), np.nan)}, "not numbers"),
    "flat regressor": ({"coco_regressor": np.zeros((17, V), np.float32)}, "sum to 1"),
    "limits crossed": ({"pose_lower": ARRAYS["pose_upper"] + 1}, "above its upper"),
    "millimetres": ({"rest_length": np.float32(745)}, "metres"),
    "no mask": ({"region_head": np.zeros(3, bool)}, "region_head"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_named(name: str) -> None:
    change, fault = BROKEN[name]
    with pytest.raises(InvalidInput, match=fault) as refused:
        parse_body({**ARRAYS, **change}, "mine.npz", "")
    assert refused.value.file == "mine.npz"


def test_missing_arrays_are_named() -> None:
    few = {k: v for k, v in ARRAYS.items() if k not in ("weights", "faces")}
    with pytest.raises(InvalidInput, match="lacks faces, weights"):
        parse_body(few, "mine.npz", "")


def test_a_pickle_inside_the_archive_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **{**ARRAYS, "name": np.array([{"a": 1}], object)})
    with pytest.raises(InvalidInput, match="neither numbers nor text"):
        load_body(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut", pickle.dumps({"a": 1}), b"text" * 99])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=r"a\.npz is not a usable body model"):
        load_body(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file"):
        load_body(tmp_path / "a.npz")


def test_the_tree_is_smpls() -> None:
    assert len(PARENTS) == 24
    assert PARENTS[0] == -1
    assert all(p < k for k, p in enumerate(PARENTS))
