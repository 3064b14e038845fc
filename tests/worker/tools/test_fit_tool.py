from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.fitting import four_cameras, sample_moments
from worker.calibration.files import write_cameras
from worker.fitting.files import JointsFile, read_fits, write_joints
from worker.tools.__main__ import main
from worker.tools.registry import TOOLS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cameras = four_cameras()
    write_cameras(tmp_path / "cameras.toml", cameras)
    names = tuple(camera.name for camera in cameras)
    joints = sample_moments(4, seed=9, motion=True).joints
    file = JointsFile(joints, "visibility", names, np.arange(4) / 10)
    write_joints(tmp_path / "joints.npz", file)
    write_joints(tmp_path / "single.npz", JointsFile(joints[:, :1], "visibility", names[:1], None))
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main(["fit", *(a.replace("@", f"{folder}/") for a in arguments)])


USUAL = ("--cameras", "@cameras.toml", "--joints", "@joints.npz", "--out", "@fits.npz")


def test_a_session_is_fitted_from_plain_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *USUAL, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["fits"] == 4
    assert said["mean_error_px"] < 5
    assert len(said["error_px_by_joint"]) == 17
    assert read_fits(folder / "fits.npz").calibration == "cameras.toml"


def test_single_moments_are_fitted_again(folder: Path) -> None:
    assert run(folder, *USUAL) == 0
    arguments = ("--previous", "@fits.npz", "--only", "1-2", "--out", "@again.npz")
    assert run(folder, *USUAL[:4], *arguments) == 0
    assert read_fits(folder / "again.npz").refitted == (0, 1, 2, 3)


def test_a_single_view_may_assume_its_camera(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--joints", "@single.npz", "--image-size", "640x480", "--out", "@fits.npz")
    assert run(folder, *arguments) == 0
    assert "no true scale" in capsys.readouterr().err
    assert read_fits(folder / "fits.npz").camera_assumed.all()


def test_a_camera_that_is_not_in_the_file_is_gone_on_without(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cameras(folder / "cameras.toml", four_cameras()[:3])
    assert run(folder, *USUAL) == 0
    assert "camera_4 is not in cameras.toml" in capsys.readouterr().err


def test_bad_files_are_named_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "joints.npz").write_bytes(b"broken")
    assert run(folder, *USUAL) == 1
    assert "joints.npz cannot be used" in capsys.readouterr().err
    assert not (folder / "fits.npz").exists()


def test_bad_settings_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.json").write_text('{"gate": 1}')
    assert run(folder, *USUAL, "--config", "@config.json") == 1
    assert "unknown settings: gate" in capsys.readouterr().err
    assert run(folder, *USUAL, "--only", "1;2") == 2


def test_a_body_file_that_is_none_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *USUAL, "--body", "@joints.npz") == 1
    assert "not a usable body model" in capsys.readouterr().err


def test_no_camera_at_all_is_wrong_usage(folder: Path) -> None:
    assert run(folder, "--joints", "@joints.npz", "--out", "@fits.npz") == 2


def test_the_list_of_tools_imports_none_of_them() -> None:
    code = (
        "import sys; from worker.tools.__main__ import main; main(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith(('worker.fitting', 'numba', 'cv2'))))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("[]")
    for name in TOOLS:
        assert name in said.stdout


def test_every_tool_can_be_loaded() -> None:
    for tool in TOOLS.values():
        assert callable(tool.load())
