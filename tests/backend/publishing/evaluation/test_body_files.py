"""Bodies of two archives are brought together by what they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import pose_body, rest_joints
from backend.multiview.bodies.model_file import open_body
from backend.publishing.evaluation.body_files import BodyPairs, read_bodies
from backend.publishing.evaluation.predictions_file import Unknown

JOINTS = np.random.default_rng(0).normal(0, 0.3, (4, 17, 3))
NAMES = np.array(["a", "b", "c", "d"])


def read(
    folder: Path, true: dict[str, Any], predicted: dict[str, Any], unknown: Unknown = Unknown.REFUSE
) -> BodyPairs:
    np.savez(folder / "t.npz", **true)
    np.savez(folder / "p.npz", **predicted)
    return read_bodies(folder / "t.npz", folder / "p.npz", unknown)


def test_rows_belong_together_by_id_whatever_their_order(tmp_path: Path) -> None:
    order = [2, 0, 3, 1]
    found = read(
        tmp_path,
        {"joints3d": JOINTS, "id": NAMES, "infant": np.array(["x", "x", "y", "y"])},
        {"joints3d": JOINTS[order], "id": NAMES[order]},
    )
    predicted, true, _, _ = next(found.batches())
    assert np.array_equal(predicted, true)
    assert found.ids == ("a", "b", "c", "d")
    assert found.clusters.names == ("x", "y")


def test_an_export_of_fits_is_compared_by_session_and_moment(tmp_path: Path) -> None:
    arrays = {
        "joints3d_coco": JOINTS,
        "joints3d_body": np.zeros((4, 24, 3)),
        "session": np.array(["s", "s", "t", "t"]),
        "moment": np.array([0, 5, 0, 5]),
    }
    predicted = {
        "joints3d_coco": JOINTS[[3, 1]] + 1,
        "session": np.array(["t", "s"]),
        "moment": np.array([5, 5]),
    }
    found = read(tmp_path, arrays, predicted)
    assert np.array_equal(next(found.batches())[1], JOINTS[[1, 3]])
    assert found.clusters.unit == "recording"
    assert any("2 of 4 true bodies" in note for note in found.notes)


def test_joints_are_compared_whatever_their_array_is_called(tmp_path: Path) -> None:
    body = np.random.default_rng(1).normal(0, 0.3, (4, 24, 3))
    fits = {"joints3d_coco": JOINTS, "joints3d_body": body, "id": NAMES}
    for mine in (JOINTS, body):
        found = read(tmp_path, fits, {"joints3d": mine, "id": NAMES})
        predicted, true, _, _ = next(found.batches())
        assert np.array_equal(predicted, true)
        assert f"{mine.shape[1]} joints" in found.notes[0]


def test_a_prediction_that_leaves_a_joint_out_is_refused(tmp_path: Path) -> None:
    holed = JOINTS.copy()
    holed[2, 9] = np.nan
    with pytest.raises(InvalidInput, match=r"p\.npz: NaN instead of a place in 1 rows \(2\)"):
        read(tmp_path, {"joints3d": JOINTS}, {"joints3d": holed})
    read(tmp_path, {"joints3d": holed}, {"joints3d": JOINTS})  # a truth need not know all


def test_without_ids_rows_are_compared_in_order_and_that_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, {"joints3d": JOINTS}, {"joints3d": JOINTS})
    assert "in their order" in found.notes[0]


def test_vertices_of_both_are_taken_and_of_one_are_said_to_be_missing(tmp_path: Path) -> None:
    mesh = {"joints3d": JOINTS, "vertices": np.zeros((4, 8, 3))}
    both = next(read(tmp_path, mesh, mesh).batches())
    assert both[2] is not None
    assert both[3] is not None
    found = read(tmp_path, mesh, {"joints3d": JOINTS})
    assert next(found.batches())[3] is None
    assert any("no PVE" in note for note in found.notes)


def test_unknown_bodies_are_refused_or_left_out(tmp_path: Path) -> None:
    true = {"joints3d": JOINTS[:2], "id": NAMES[:2]}
    predicted = {"joints3d": JOINTS, "id": NAMES}
    with pytest.raises(InvalidInput, match=r"2 ids that t\.npz does not have \('c', 'd'"):
        read(tmp_path, true, predicted)
    found = read(tmp_path, true, predicted, Unknown.SKIP)
    assert len(found) == 2


BAD = JOINTS.copy()
BAD[1, 2, 0] = np.inf


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"joints3d": JOINTS[:, :16]}, "(4, 16, 3); (bodies, 17 or 24, 3) is wanted"),
        ({"joints3d": JOINTS[..., :2]}, "(4, 17, 2)"),
        ({"joints3d": BAD}, "infinite or absurd in 1 rows (1 "),
        ({"joints3d": np.full((4, 17, 3), "x")}, "holds no numbers"),
        ({"joints3d": np.zeros((0, 17, 3)), "id": NAMES[:0]}, "no body in it"),
        ({"joints3d": np.zeros((4, 24, 3))}, "no joints in common"),
        ({"joints3d": JOINTS[:3]}, "“id” has not one row for each of 3"),
        ({"id": np.array(["a", "b", "b", "b"])}, "2 ids are there twice ('b'"),
        ({"id": np.array(["w", "x", "y", "z"])}, "4 ids that"),
        ({"id": NAMES[:, None]}, "“id” is of shape (4, 1)"),
        ({"vertices": np.zeros((4, 9, 3))}, "not of the same mesh"),
    ],
)
def test_what_is_unsound_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    true = {"joints3d": JOINTS, "id": NAMES, "vertices": np.zeros((4, 8, 3))}
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, true, {"joints3d": JOINTS, "id": NAMES} | changes)
    assert words in caught.value.message
    assert caught.value.file == "p.npz"


def test_rows_without_ids_must_be_as_many(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nothing .* says which belong together"):
        read(tmp_path, {"joints3d": JOINTS}, {"joints3d": JOINTS[:2]})
    with pytest.raises(InvalidInput, match="its rows have no “id”"):
        read(tmp_path, {"joints3d": JOINTS}, {"joints3d": JOINTS, "id": NAMES})


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 and no more"])
def test_junk_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.npz").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"t\.npz"):
        read_bodies(tmp_path / "t.npz", tmp_path / "t.npz")


RNG = np.random.default_rng(5)
PARAMETERS = {
    "pose": RNG.normal(0, 0.3, (4, 72)),
    "betas": RNG.normal(0, 0.5, (4, 20)),
    "scale": np.full(4, 0.9),
    "translation": RNG.normal(0, 1, (4, 3)),
    "body_sha256": np.array([open_body().sha256] * 4),
}


def test_parameters_of_the_open_body_become_joints_and_vertices(tmp_path: Path) -> None:
    found = read(tmp_path, PARAMETERS, PARAMETERS)
    predicted, true, vertices, _ = next(found.batches())
    by_hand = [
        pose_body(
            open_body(),
            PARAMETERS["betas"][i],
            PARAMETERS["pose"][i],
            0.9,
            PARAMETERS["translation"][i],
        )
        for i in range(4)
    ]
    assert predicted == pytest.approx(np.stack([body.coco for body in by_hand]))
    assert np.array_equal(predicted, true)
    assert vertices is not None
    assert vertices == pytest.approx(np.stack([body.vertices for body in by_hand]))


def test_joints_of_one_file_are_compared_with_parameters_of_the_other(tmp_path: Path) -> None:
    joints = next(read(tmp_path, PARAMETERS, PARAMETERS).batches())[0]
    found = read(tmp_path, {"joints3d_coco": joints}, PARAMETERS)
    predicted, true, _, mesh = next(found.batches())
    assert predicted == pytest.approx(true)
    assert mesh is None


def test_smplx_places_a_body_by_transl_from_its_rest_pelvis(tmp_path: Path) -> None:
    ours = {k: v for k, v in PARAMETERS.items() if k != "scale"}
    theirs = {k: v for k, v in ours.items() if k not in ("pose", "translation")}
    pelvis = np.stack([rest_joints(open_body(), row)[0] for row in ours["betas"]])
    theirs |= {
        "global_orient": ours["pose"][:, :3],
        "body_pose": ours["pose"][:, 3:],
        "transl": ours["translation"] - pelvis,
    }
    predicted, true, _, _ = next(read(tmp_path, ours, theirs).batches())
    assert predicted == pytest.approx(true)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pose": np.zeros((4, 69))}, "“pose” is of shape (4, 69)"),
        ({"pose": np.full((4, 72), np.nan)}, "“pose” holds values that are not finite"),
        ({"betas": np.zeros((4, 21))}, "“betas” is of shape (4, 21)"),
        ({"scale": np.zeros(4)}, "“scale” holds sizes that are not above 0"),
        ({"transl": np.zeros((4, 3))}, "both in it"),
        ({"body_sha256": np.array(["f" * 64] * 4)}, "(--body)"),
        ({"body_sha256": np.array([""] * 4)}, "(--body)"),
    ],
)
def test_parameters_that_are_unsound_or_of_an_unknown_body_are_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, PARAMETERS, PARAMETERS | changes)
    assert words in caught.value.message


def test_a_body_that_is_given_must_be_the_one_that_the_file_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", **(PARAMETERS | {"body_sha256": np.array(["f" * 64] * 4)}))
    with pytest.raises(InvalidInput, match="of another body model than open-infant"):
        read_bodies(tmp_path / "t.npz", tmp_path / "t.npz", body=open_body())
    np.savez(tmp_path / "t.npz", **{k: v for k, v in PARAMETERS.items() if k != "body_sha256"})
    assert len(read_bodies(tmp_path / "t.npz", tmp_path / "t.npz", body=open_body())) == 4


def test_an_archive_without_bodies_is_refused_with_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="none of the arrays joints3d"):
        read(tmp_path, {"joints3d": JOINTS}, {"kappa": np.zeros((4, 72))})
