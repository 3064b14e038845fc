from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.domain import masks as rle
from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import four_cameras, sample_moments
from worker.fitting.files import (
    JointsFile,
    read_fits,
    read_joints,
    read_masks,
    read_scans,
    write_fits,
    write_joints,
    write_masks,
)
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session

NAMES = ("camera_1", "camera_2", "camera_3", "camera_4")


@pytest.fixture(scope="module")
def fitted() -> SessionFit:
    return fit_session(open_body(), [*four_cameras()], sample_moments(3).joints, times=(0, 1, 2))


def test_joints_survive_their_file(tmp_path: Path) -> None:
    joints = sample_moments(2).joints
    write_joints(tmp_path / "j.npz", JointsFile(joints, "visibility", NAMES, np.array([0.0, 0.5])))
    again = read_joints(tmp_path / "j.npz")
    np.testing.assert_array_equal(again.joints, joints)
    assert again.camera_names == NAMES
    assert again.time_s is not None
    assert again.time_s.tolist() == [0.0, 0.5]


def test_masks_survive_their_file(tmp_path: Path) -> None:
    mask = rle.encode(np.eye(6, dtype=bool))
    write_masks(tmp_path / "m.npz", [[mask, None]])
    assert read_masks(tmp_path / "m.npz", 1, 2) == [[mask, None]]


def test_fits_survive_their_file(tmp_path: Path, fitted: SessionFit) -> None:
    write_fits(tmp_path / "f.npz", fitted)
    again = read_fits(tmp_path / "f.npz")
    np.testing.assert_array_equal(again.pose, fitted.pose)
    np.testing.assert_array_equal(again.error_px, fitted.error_px)
    assert again.config == fitted.config
    assert again.camera_names == fitted.camera_names
    assert again.shape_moments == fitted.shape_moments


def test_a_fits_file_names_its_body_and_has_an_empty_verdict(
    tmp_path: Path, fitted: SessionFit
) -> None:
    write_fits(tmp_path / "f.npz", fitted)
    with np.load(tmp_path / "f.npz", allow_pickle=False) as file:
        assert str(file["body_name"]) == "open-infant"
        assert len(str(file["body_sha256"])) == 64
        assert file["verdict"].tolist() == ["none"] * 3
        assert int(file["format"]) == 1


def test_a_fit_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, fitted: SessionFit
) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_fits(tmp_path / "nowhere" / "f.npz", fitted)
    (tmp_path / "taken").mkdir()
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_fits(tmp_path / "taken", fitted)
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_clouds_are_handed_to_their_moments(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", points=np.arange(12.0).reshape(4, 3), moment=[0, 2, 2, 0])
    first, second, third = read_scans(tmp_path / "s.npz", 3)
    assert second is None
    assert first is not None
    assert third is not None
    assert first[:, 0].tolist() == [0.0, 9.0]


def test_a_folder_of_clouds_is_read_by_the_numbers_of_its_files(tmp_path: Path) -> None:
    cloud = np.random.default_rng(0).normal(0, 0.1, (100, 3))
    np.save(tmp_path / "scan_0002.npy", cloud)
    (tmp_path / "notes.txt").write_text("nothing")
    first, second, third = read_scans(tmp_path, 3)
    assert first is second is None
    np.testing.assert_array_equal(third, cloud)
    with pytest.raises(InvalidInput, match=r"scan_0002\.npy .* moment 2 lies outside 0\.\.1"):
        read_scans(tmp_path, 2)
    np.save(tmp_path / "again_2.npy", cloud)
    with pytest.raises(InvalidInput, match="moment 2 has another file already"):
        read_scans(tmp_path, 3)


def save(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def test_broken_joint_files_are_named_with_their_fault(tmp_path: Path) -> None:
    path = tmp_path / "j.npz"
    with pytest.raises(InvalidInput, match=r"j\.npz cannot be used: there is no such file"):
        read_joints(path)
    path.write_bytes(b"no zip")
    with pytest.raises(InvalidInput, match="not an npz of plain arrays"):
        read_joints(path)
    with pytest.raises(InvalidInput, match="it lacks camera_names"):
        read_joints(save(path, joints=np.zeros((1, 1, 17, 3))))
    with pytest.raises(InvalidInput, match="not moments × 2 × 17 × 3"):
        read_joints(save(path, joints=np.zeros((1, 1, 17, 3)), camera_names=["a", "b"]))
    with pytest.raises(InvalidInput, match="same name"):
        read_joints(save(path, joints=np.zeros((1, 2, 17, 3)), camera_names=["a", "a"]))
    with pytest.raises(InvalidInput, match="time_s has 2 values for 1"):
        read_joints(
            save(path, joints=np.zeros((1, 1, 17, 3)), camera_names=["a"], time_s=[0.0, 1.0])
        )


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "j.npz"
    np.savez(path, joints=np.array([{"a": 1}], object), camera_names=["a"])
    with pytest.raises(InvalidInput, match="not an npz of plain arrays"):
        read_joints(path)


def test_broken_masks_are_named_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="moment 0, view 1 is not JSON"):
        read_masks(save(tmp_path / "m.npz", rle=np.array([["", "{"]])), 1, 2)
    with pytest.raises(InvalidInput, match="not COCO run lengths"):
        read_masks(save(tmp_path / "m.npz", rle=np.array([["[]", "3"]])), 1, 2)
    with pytest.raises(InvalidInput, match="rle is 1 × 2, not 2 × 2"):
        read_masks(save(tmp_path / "m.npz", rle=np.array([["", ""]])), 2, 2)


def test_fits_of_an_unknown_format_are_refused(tmp_path: Path, fitted: SessionFit) -> None:
    write_fits(tmp_path / "f.npz", fitted)
    with np.load(tmp_path / "f.npz") as file:
        arrays = dict(file)
    with pytest.raises(InvalidInput, match="its format is 7"):
        read_fits(save(tmp_path / "g.npz", **{**arrays, "format": 7}))
    with pytest.raises(InvalidInput, match="pose is 2 × 72"):
        read_fits(save(tmp_path / "g.npz", **{**arrays, "pose": arrays["pose"][:2]}))
