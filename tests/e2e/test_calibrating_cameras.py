"""A maintainer films boards with four cameras, places them, and notices one that was moved.

The boards are drawn as the demo's cameras would see them, so every number has its truth.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from backend.demo.truth import ASSETS, list_demo_recordings
from backend.domain.cameras import Camera
from backend.domain.workflow import Role
from backend.multiview.calibrations.cameras_toml import cameras_toml
from tests.e2e.boards import write_lens_views, write_place_views
from tests.e2e.cameras_page import Cameras, enter_videos
from tests.e2e.canvas import PATIENCE_MS
from tests.e2e.conftest import Visitor
from tests.e2e.pages import Import, Recording
from tests.e2e.screenshots import take
from tests.fixtures.server import Server
from worker.calibration.files import read_cameras

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-empty")]

NAME = "Visit with four cameras"
SIZE = (640, 480)
SMALL, LARGE = (5, 9), (11, 7)
SMALL_M, LARGE_M = 0.03, 0.05
"""Sides of the squares."""
MARKS = np.array(
    [
        [-0.25, 0.25, 0],
        [0.25, 0.25, 0],
        [0.25, -0.25, 0],
        [-0.25, -0.25, 0],
        [0, 0, 0.25],
        [0.15, 0, 0.15],
    ]
)
"""Points in the room whose places are known, metres."""


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_MODELS": "0"}


@pytest.fixture(scope="module")
def cameras() -> list[Camera]:
    """The demo's four cameras, as their videos are named here."""
    demo = next(d for d in list_demo_recordings() if d.name == "play_mat")
    return [
        Camera(f"cam{i}", *SIZE, c.K, np.zeros(0), T_camera_world=c.T_camera_world)
        for i, c in enumerate(demo.cameras, start=1)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cameras: list[Camera]) -> Path:
    """``videos/cam1.mp4 …``, ``lenses/cam1/01.png …`` and ``places/cam1/01.png …``."""
    folder = tmp_path_factory.mktemp("cameras")
    (folder / "videos").mkdir()
    for number, camera in enumerate(cameras, start=1):
        video = ASSETS / f"play_mat.camera_{number}.mp4"
        shutil.copy(video, folder / "videos" / f"{camera.name}.mp4")
    write_lens_views(folder / "lenses", cameras, SMALL, SMALL_M, 6)
    nothing = np.full((SIZE[1], SIZE[0]), 90, np.uint8)
    cv2.imwrite(str(folder / "lenses" / "cam2" / "07.png"), nothing)
    write_place_views(folder / "places", cameras, LARGE, LARGE_M, 5)
    return folder


def test_a_maintainer_calibrates_four_cameras_and_notices_one_that_moved(
    visit: Visitor, server: Server, cameras: list[Camera], folder: Path, tmp_path: Path
) -> None:
    mara = server.add_person("Mara", [Role.MAINTAINER])
    importing = visit().enter(mara.email, mara.password).to_recordings().begin_import()
    recording = import_four(importing, sorted((folder / "videos").iterdir()))
    page = Cameras.of(recording)
    expect(page.state).to_contain_text("No lens is known yet")

    calibrate_lenses(page, folder)
    look_at_known_points(page, cameras)
    place_by_board(page, folder)
    toml = page.download(2, tmp_path)
    assert_close(read_placed(toml), cameras)

    import_moved(page, toml, tmp_path)
    recordings = page.to_recordings()
    expect(recordings.row(NAME)).to_contain_text("Cameras moved")


def import_four(page: Import, videos: list[Path]) -> Recording:
    enter_videos(page.page, videos)
    page.take_every(40)
    page.tell(name=NAME, source="Home visit", pseudonym="C01", consent="Research only", age=10)
    recording = page.start(NAME)
    recording.wait_for("Imported")
    return recording


def calibrate_lenses(page: Cameras, folder: Path) -> None:
    page.choose_board("Small board", SMALL_M * 1000)
    page.add_folder(folder / "lenses")
    expect(page.files_of("cam2")).to_contain_text("7 files")
    expect(page.page.get_by_text("5 × 9 inner corners")).to_be_visible()
    expect(page.page.get_by_label("All files")).to_have_count(0)
    page.show(page.step("Lens"))
    take(page.page, "cameras-boards")
    page.calibrate_lenses()

    expect(page.state).to_contain_text("4 lenses known, no camera has a place yet")
    page.close_news()
    page.open_step("Lens")
    expect(page.lens("cam1")).to_contain_text("px RMS")
    expect(page.lens("cam1")).to_contain_text("Good")
    expect(page.lens("cam2")).to_contain_text("1 dropped: no board of 5×9 inner corners")
    expect(page.lens("cam2")).to_contain_text("07.png")
    page.show(page.step("Lens"))
    take(page.page, "cameras-lenses")


def look_at_known_points(page: Cameras, cameras: list[Camera]) -> None:
    """Clicked, and left for the board; they are still there after a reload."""
    page.open_step("Place")
    page.choose_way("Known points")
    page.paste_points([f"mark {i}\t{x:g}\t{y:g}\t{z:g}" for i, (x, y, z) in enumerate(MARKS, 1)])
    for camera in cameras[:2]:
        page.click_points(camera.name, SIZE, [(x, y) for x, y in camera.project(MARKS)])
    expect(page.page.get_by_text("All points are placed in cam2")).to_be_visible()
    page.show(page.page.get_by_role("tablist", name="Camera"))
    take(page.page, "cameras-points")
    page.page.reload()
    page.choose_way("Known points")
    expect(page.page.get_by_role("tab", name="cam1")).to_contain_text(str(len(MARKS)))


def place_by_board(page: Cameras, folder: Path) -> None:
    page.choose_way("Board")
    page.choose_board("Large board", LARGE_M * 1000)
    page.add_folder(folder / "places")
    expect(page.files_of("cam4")).to_contain_text("5 files")
    page.place_cameras()
    expect(page.state).to_contain_text("4 lenses known, all placed")
    expect(page.version(2)).to_contain_text("In use")
    expect(page.version(2)).to_contain_text("on version 1")
    page.close_news()
    page.fold_step("Place")
    page.to_top()
    take(page.page, "cameras")


def read_placed(toml: Path) -> list[Camera]:
    return list(read_cameras([toml]).cameras)


def assert_close(found: list[Camera], true: list[Camera]) -> None:
    """Focal lengths, and distances between cameras: the world begins elsewhere."""
    assert [camera.name for camera in found] == [camera.name for camera in true]
    for one, other in zip(found, true, strict=True):
        assert one.K[0, 0] == pytest.approx(other.K[0, 0], rel=0.01)
    for a in range(4):
        for b in range(a):
            apart = np.linalg.norm(found[a].centre - found[b].centre)
            assert apart == pytest.approx(np.linalg.norm(true[a].centre - true[b].centre), abs=0.01)
    assert all(0.9 < camera.centre[2] < 1.3 for camera in found)  # the board lay on the floor


def import_moved(page: Cameras, toml: Path, folder: Path) -> None:
    """The same cameras from a file, but for the third, which was turned."""
    cameras = read_placed(toml)
    turn = np.eye(4)
    turn[:3, :3] = cv2.Rodrigues(np.array([0, np.radians(0.8), 0]))[0]
    cameras[2] = cameras[2].moved(turn @ cameras[2].pose)
    path = folder / "after.toml"
    path.write_text(cameras_toml(cameras))

    page.say_when("After the visit")
    page.open_step("Place")
    page.import_file(path)
    expect(page.version(3)).to_contain_text("After", timeout=PATIENCE_MS)
    check = page.open_step("Check after the visit")
    row = check.get_by_role("row")
    expect(row.filter(has_text="cam3")).to_contain_text("Moved")
    expect(row.filter(has_text="cam1")).to_contain_text("Stood still")
    expect(page.state).to_contain_text("The worst is cam3")
    expect(page.version(2)).to_contain_text("In use")
    page.close_news()
    check.evaluate("element => element.scrollIntoView({ block: 'end' })")
    take(page.page, "cameras-moved")
