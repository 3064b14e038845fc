"""Calibration and triangulation on plain files, as the command line runs them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.skeleton import JOINTS
from tests.worker.calibration.rigs import lens_pictures, rig
from worker.calibration.files import read_cameras, write_cameras
from worker.calibration.poses import angle_deg
from worker.synthesis.marks import knocked, marks_of, wander
from worker.tools.__main__ import main


def saved(folder: Path, count: int) -> Path:
    folder.mkdir()
    for k, image in enumerate(lens_pictures(rig()[0], count)):
        cv2.imwrite(str(folder / f"{k}.png"), image)
    return folder


def test_pictures_of_a_board_become_a_camera_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "camera.toml"
    folder = saved(tmp_path / "boards", 6)
    (folder / "broken.jpg").write_text("no picture")
    done = main(["calibrate-intrinsics", "--board", "7x4", "--square-mm", "30", str(folder),
                 "--out", str(out)])  # fmt: skip
    assert done == 0
    camera = read_cameras([out]).cameras[0]
    assert camera.name == "camera"
    assert abs(camera.K[0, 0] / rig()[0].K[0, 0] - 1) < 0.01
    assert "broken.jpg: " in capsys.readouterr().out


def test_too_few_pictures_write_nothing_and_say_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "camera.toml"
    folder = saved(tmp_path / "boards", 2)
    done = main(["calibrate-intrinsics", "--board", "7x4", "--square-mm", "30", str(folder),
                 "--out", str(out)])  # fmt: skip
    assert done == 1
    assert "2 usable pictures" in capsys.readouterr().err
    assert not out.exists()


def test_marked_points_place_cameras(tmp_path: Path) -> None:
    write_cameras(tmp_path / "lenses.toml", rig())
    xyz = [(0, 0, 0), (0.4, 0, 0), (0, 0.4, 0), (0.4, 0.4, 0.1), (0.2, 0.1, 0.2)]
    points = [
        {"name": f"p{k}", "xyz": p, "seen": {c.name: c.project(p).tolist() for c in rig()}}
        for k, p in enumerate(xyz)
    ]
    (tmp_path / "points.json").write_text(json.dumps(points))
    out = tmp_path / "cameras.toml"
    done = main(["calibrate-extrinsics", "--intrinsics", str(tmp_path / "lenses.toml"),
                 "--points", str(tmp_path / "points.json"), "--out", str(out)])  # fmt: skip
    assert done == 0
    for found, true in zip(read_cameras([out]).cameras, rig(), strict=True):
        assert np.abs(found.centre - true.centre).max() < 1e-4


def test_joints_are_triangulated_and_the_view_that_disagrees_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cameras(tmp_path / "cameras.toml", rig())
    points = np.random.default_rng(0).uniform(-0.2, 0.3, (2, 17, 3))
    joints = np.zeros((2, 4, 17, 3))
    for c, camera in enumerate(rig()):
        joints[:, c, :, :2] = camera.project(points)
        joints[:, c, :, 2] = 2
    joints[1, 2, 5, 0] += 60
    np.savez(tmp_path / "joints.npz", joints=joints, camera_names=[c.name for c in rig()])
    out = tmp_path / "points.npz"
    done = main(["triangulate", "--cameras", str(tmp_path / "cameras.toml"), "--joints",
                 str(tmp_path / "joints.npz"), "--out", str(out)])  # fmt: skip
    assert done == 0
    with np.load(out, allow_pickle=False) as file:
        assert np.abs(file["points"] - points).max() < 1e-4
        assert not file["inliers"][1, 2, 5]
    assert f"rig3 disagrees about {JOINTS[5]}" in capsys.readouterr().out


def test_joints_of_an_unknown_camera_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cameras(tmp_path / "cameras.toml", rig())
    np.savez(tmp_path / "joints.npz", joints=np.zeros((1, 1, 17, 3)), camera_names=["elsewhere"])
    out = tmp_path / "points.npz"
    done = main(["triangulate", "--cameras", str(tmp_path / "cameras.toml"), "--joints",
                 str(tmp_path / "joints.npz"), "--out", str(out)])  # fmt: skip
    assert done == 1
    assert "no camera elsewhere" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("kind", ["paper-small", "paper-large", "charuco", "aruco", "aprilgrid"])
def test_every_kind_of_board_is_printed_with_how_to_calibrate_by_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    assert main(["board", "--kind", kind, "--out", str(tmp_path / "board.pdf")]) == 0
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF")
    said = capsys.readouterr().out
    assert "to calibrate with it: --" in said
    assert ("--marker-mm" in said) == (not kind.startswith("paper"))


def test_several_boards_are_several_pages(tmp_path: Path) -> None:
    out = tmp_path / "boards.pdf"
    assert main(["board", "--first-id", "0", "--first-id", "24", "--out", str(out)]) == 0
    assert out.read_bytes().count(b"/Type /Page ") == 2
    assert main(["board", "--kind", "chessboard", "--first-id", "3", "--out", str(out)]) == 2


def test_cameras_are_refined_and_a_knock_gives_a_second_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    K = np.array([[900.0, 0, 321], [0, 900, 238], [0, 0, 1]])
    before = [Camera(c.name, 640, 480, K, c.distortion, T_camera_world=c.pose) for c in rig()]
    after = list(before)
    after[3] = knocked(after[3], (1.5, 1.0, 0))
    rng = np.random.default_rng(1)
    marks = marks_of([before] * 20 + [after] * 16, wander(36, rng), rng, noise_px=1.5)
    joints = np.concatenate(
        (np.nan_to_num(marks.pixels), np.where(marks.seen, 2.0, 0.0)[..., None]), axis=-1
    )
    write_cameras(tmp_path / "cameras.toml", before)
    np.savez(
        tmp_path / "joints.npz", joints=joints, time_s=marks.time_s,
        camera_names=[camera.name for camera in before],
    )  # fmt: skip
    arguments = [
        "--cameras", f"{tmp_path}/cameras.toml", "--joints", f"{tmp_path}/joints.npz",
        "--out", f"{tmp_path}/refined.toml", "--json",
    ]  # fmt: skip
    assert main(["refine-cameras", *arguments]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [m["camera"] for m in said["movements"]] == ["rig4"]
    assert said["helps"]
    later = read_cameras([Path(said["files"][1]["file"])]).cameras[3]
    assert said["files"][1]["from_s"] == 10.0
    assert angle_deg(later.pose, after[3].pose) < 0.3
