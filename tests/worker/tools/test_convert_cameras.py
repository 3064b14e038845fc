"""``infantnet tools convert-cameras`` as a person meets it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.cli.stop import Exit
from backend.domain.cameras import Camera
from tests.worker.calibration.rigs import rig
from worker.calibration.files import read_cameras, write_cameras
from worker.tools.__main__ import main


def stored(path: Path, cameras: list[Camera]) -> Path:
    write_cameras(path, cameras)
    return path


def test_cameras_under_each_other_s_names_are_noticed_against_an_earlier_calibration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cameras = list(rig())
    before = stored(tmp_path / "before.toml", cameras)
    names = ["rig2", "rig1", "rig3", "rig4"]
    exchanged = [replace(camera, name=name) for camera, name in zip(cameras, names, strict=True)]
    after = stored(tmp_path / "after.toml", exchanged)
    out = tmp_path / "out.toml"

    assert main(["convert-cameras", str(after), "--against", str(before), "-o", str(out)]) == 0
    assert "rig2 and rig1 seem to be exchanged" in capsys.readouterr().err
    assert [camera.name for camera in read_cameras([out]).cameras] == names


def test_cameras_that_agree_with_the_earlier_calibration_are_not_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = stored(tmp_path / "cameras.toml", list(rig()))
    out = tmp_path / "out.toml"

    assert main(["convert-cameras", str(file), "--against", str(file), "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert (said.out + said.err).count("\n") == 1


def test_an_earlier_calibration_of_other_cameras_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cameras = list(rig())
    others = [replace(camera, name=f"hall {camera.name}") for camera in cameras]
    file = stored(tmp_path / "cameras.toml", cameras)
    against = stored(tmp_path / "hall.toml", others)
    out = tmp_path / "out.toml"

    code = main(["convert-cameras", str(file), "--against", str(against), "-o", str(out)])
    assert code != Exit.OK
    assert "none of its cameras (hall rig1" in capsys.readouterr().err
    assert not out.exists()
