"""``infantnet scans`` before the running product."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from backend.cli.main import app
from backend.domain.cameras import Camera
from backend.multiview.calibrations.cameras_toml import cameras_toml
from tests.backend.cli.conftest import Cli
from tests.factories import unique
from tests.worker.bench import video

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them

POINTS = np.random.default_rng(0).normal((0.0, 0.0, 2.0), 0.1, (300, 3))


@pytest.fixture
def recording(cli: Cli, tmp_path: Path) -> str:
    """Two calibrated cameras whose frames 0, 10 and 20 were taken."""
    name, files = unique("scanned"), [tmp_path / "left.mp4", tmp_path / "right.mp4"]
    for file in files:
        file.write_bytes(video(25))
    done = cli("import", "video", *files, "--infant", "B1", "--name", name, "--every", 10)
    assert done.code == 0, done.err
    K = np.array([[60.0, 0, 32], [0, 60.0, 24], [0, 0, 1]])
    aside = np.eye(4)
    aside[0, 3] = -0.4
    cameras = [
        Camera("left", 64, 48, K, np.zeros(5), T_camera_world=np.eye(4)),
        Camera("right", 64, 48, K, np.zeros(5), T_camera_world=aside),
    ]
    (tmp_path / "cameras.toml").write_text(cameras_toml(cameras))
    done = cli("calibrate", name, "import", tmp_path / "cameras.toml")
    assert done.code == 0, done.err
    return name


@pytest.fixture
def clouds(tmp_path: Path) -> Path:
    """A cloud for every frame of the video, more than were taken."""
    folder = tmp_path / "clouds"
    folder.mkdir()
    for number in range(0, 25, 5):
        np.savez(folder / f"cloud_{number:06d}.npz", points=POINTS)
    return folder


@pytest.mark.parametrize("name", ["add", "list", "remove"])
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, ["scans", name, "--help"])
    assert result.exit_code == 0
    assert f"infantnet scans {name}" in result.output


def test_a_folder_is_attached_listed_and_removed(cli: Cli, recording: str, clouds: Path) -> None:
    added = cli("scans", "add", recording, clouds)
    assert added.code == 0, added.err
    assert "2 files of frames that were not imported: skipped." in added.err
    assert "3 scans attached." in added.err
    assert "scans of 3 of 3 moments" in added.err
    again = cli("scans", "add", recording, clouds, "--json")
    assert (again.json["added"], again.json["unchanged"]) == (0, 3)
    listed = cli("scans", "list", recording)
    assert "cloud_000010.npz" in listed.out
    removed = cli("scans", "remove", recording)
    assert removed.code == 0, removed.err
    assert "3 scans of" in removed.err
    assert "0 scans of" in cli("scans", "remove", recording).err
    one = cli("scans", "add", recording, clouds / "cloud_000010.npz")
    assert "1 scan attached." in one.err
    assert "1 scan of" in cli("scans", "remove", recording).err
    assert cli("scans", "list", recording, "--json").json["scans"] == []


def test_depth_is_of_the_camera_that_is_named(cli: Cli, recording: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.full((48, 64), 1500, np.uint16)).save(buffer, "PNG")
    file = tmp_path / "depth_10.png"
    file.write_bytes(buffer.getvalue())
    unsaid = cli("scans", "add", recording, file)
    assert unsaid.code == 2
    assert "left, right" in unsaid.err
    added = cli("scans", "add", recording, file, "--camera", "right", "--json")
    assert added.code == 0, added.err
    [scan] = added.json["scans"]["scans"]
    assert (scan["kind"], scan["moment_index"], scan["points"]) == ("depth", 1, 48 * 64)


def test_one_bad_file_is_named_before_any_is_sent(cli: Cli, recording: str, clouds: Path) -> None:
    np.savez(clouds / "cloud_000020.npz", points=1000 * POINTS)
    refused = cli("scans", "add", recording, clouds)
    assert refused.code == 1
    assert "cloud_000020.npz" in refused.err
    assert "millimetres" in refused.err
    assert "Sending" not in refused.err
    assert cli("scans", "list", recording, "--json").json["scans"] == []
