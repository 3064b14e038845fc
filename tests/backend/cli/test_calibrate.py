"""Calibration from the command line, on a running server."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

import av
import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.multiview.calibrations.cameras_toml import cameras_toml
from tests.backend.cli.conftest import Cli


def video(path: Path) -> Path:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in (40, 90):
            image = np.full((48, 64, 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def recording(cli: Cli, tmp_path: Path) -> str:
    files = [video(tmp_path / f"{name}.mp4") for name in ("left", "right")]
    name = f"visit-{uuid.uuid4().hex[:8]}"
    done = cli("import", "video", *files, "--infant", "B1", "--name", name)
    assert done.code == 0, done.err
    return name


def test_a_file_of_cameras_becomes_the_version_in_use(
    cli: Cli, recording: str, tmp_path: Path
) -> None:
    T = np.eye(4)
    T[:3, 3] = (-0.4, 0, 0)
    K = np.array([[60.0, 0, 32], [0, 60.0, 24], [0, 0, 1]])
    cameras = [Camera("left", 64, 48, K, np.zeros(5), T_camera_world=np.eye(4)),
               Camera("right", 64, 48, K, np.zeros(5), T_camera_world=T)]  # fmt: skip
    file = tmp_path / "cameras.toml"
    file.write_text(cameras_toml(cameras))
    done = cli("calibrate", recording, "import", file, "--note", "from the rig")
    assert done.code == 0, done.err
    assert "Version 1 (import, session, in use): from the rig" in done.out
    assert "left: focal length 60 px, placed" in done.out
    listed = cli("calibrate", recording, "list", "--json")
    assert [version["in_use"] for version in listed.json] == [True]


def test_a_failed_calibration_says_why(cli: Cli, recording: str, tmp_path: Path) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text("a = 1\n")
    done = cli("calibrate", recording, "import", file)
    assert done.code == 1
    assert "cameras.toml: there is no camera in it" in done.err


def test_as_many_sources_as_cameras_are_wanted(cli: Cli, recording: str, tmp_path: Path) -> None:
    done = cli("calibrate", recording, "intrinsics", "--board", "5x9", "--square-mm", 30, tmp_path)
    assert done.code == 2
    assert "2 cameras (left, right)" in done.err
