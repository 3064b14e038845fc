"""Four cameras in the editor: two views are annotated, the other two follow from geometry."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, Camera, Frame, Moment, Recording
from backend.demo.load import EVERY
from backend.demo.truth import load_truth
from tests.e2e.canvas import JOINTS, Point
from tests.e2e.conftest import Visitor
from tests.e2e.multiview import MultiView
from tests.e2e.pages import Work
from tests.e2e.screenshots import demo_environment, take
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-demo")]

DEMO = "play_mat"
NAME = "Play mat, four cameras (demo)"
SIZE = (640, 480)
CAMERAS = ("camera 1", "camera 2", "camera 3", "camera 4")
BY_HAND, BY_GEOMETRY = CAMERAS[:2], CAMERAS[2:]
MOMENT = 2
NEAR_PX = 5.0
"""The mouse has whole pixels of a screen that shows the image smaller than it is."""


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return demo_environment()


def truth(camera: str) -> list[Point]:
    """Where the rendered infant's joints are, in pixels."""
    frame = load_truth(DEMO).camera(camera.replace(" ", "_")).frames[MOMENT * EVERY[DEMO]]
    assert frame.infant is not None
    return [Point(float(x), float(y)) for x, y in frame.infant.joints2d]


def stored(server: Server, camera: str) -> list[tuple[float, float, int]]:
    """A frame's joints as the database has them."""
    with transaction(server.engine) as session:
        flat = session.scalars(
            select(Annotation.keypoints)
            .join(Frame, Frame.id == Annotation.frame_id)
            .join(Moment, Moment.id == Frame.moment_id)
            .join(Camera, Camera.id == Frame.camera_id)
            .join(Recording, Recording.id == Frame.recording_id)
            .where(Recording.name == NAME, Camera.name == camera, Moment.index == MOMENT)
        ).one()
    assert flat is not None
    return [(flat[i], flat[i + 1], int(flat[i + 2])) for i in range(0, 51, 3)]


def test_two_views_are_annotated_and_the_other_two_accepted(visit: Visitor, server: Server) -> None:
    visit().enter_as("Mara Maintainer").to_recordings().open(NAME).wait_for("Ready to annotate")
    annotator = visit().enter_as("Anna Annotator")
    page = open_editor(annotator)
    editor = MultiView(page)
    editor.as_grid()
    for _ in range(MOMENT):
        editor.press("f")
    expect(page.get_by_test_id("position")).to_have_text(f"{MOMENT + 1}")
    editor.wait_for_images()

    for camera in BY_GEOMETRY:
        pane = editor.pane(camera)
        pane.clear(pane.view(*SIZE))
    for camera in BY_HAND:
        pane = editor.pane(camera)
        pane.place(truth(camera), pane.view(*SIZE))

    editor.select("left wrist")
    expect(editor.says).to_contain_text("the views agree")
    for camera in BY_GEOMETRY:
        image = editor.pane(camera).region
        expect(image.locator("[data-epipolar]")).to_have_count(len(BY_HAND))
        expect(image.locator("[data-triangulated=left_wrist]")).to_have_count(1)
    take(page, "views_lines")

    editor.press("Control+Shift+E")
    for camera in BY_GEOMETRY:
        expect(editor.pane(camera).joint("left wrist")).to_be_visible()
    expect(editor.figure).to_have_attribute("data-ready", "true")
    take(page, "views_grid")

    mend_what_was_moved(editor)

    editor.expect_saved()
    page.reload()
    editor = MultiView(page)
    expect(page.get_by_test_id("position")).to_have_text(f"{MOMENT + 1}")
    for camera in BY_GEOMETRY:
        expect(editor.pane(camera).joint("left wrist")).to_have_attribute("data-visibility", "1")
        check(server, camera, visibility=1)
    for camera in BY_HAND:
        check(server, camera, visibility=2)

    look_at_the_errors(editor)


def open_editor(annotator: Work) -> Page:
    """Start annotating, by the button of the row; come back once the stage has moved."""
    page = annotator.page
    page.get_by_role("button", name=f"Start: {NAME}").click()
    expect(page.get_by_role("banner").get_by_text("Annotating", exact=True)).to_be_visible()
    page.reload()
    return page


def mend_what_was_moved(editor: MultiView) -> None:
    """A joint that is dragged away is named, and one key brings it back."""
    pane = editor.pane(BY_GEOMETRY[0])
    pane.drag("left wrist", by=(60, 40))
    expect(editor.says).to_contain_text(f"{pane.camera} disagrees")
    expect(pane.region.locator("[data-disagrees=left_wrist]")).to_have_count(1)
    editor.press("e")
    expect(editor.says).to_contain_text("the views agree")


def check(server: Server, camera: str, visibility: int) -> None:
    """All joints near the truth, but those outside of the image."""
    width, height = SIZE
    for name, (x, y, v), real in zip(JOINTS, stored(server, camera), truth(camera), strict=True):
        if not (8 < real.x < width - 8 and 8 < real.y < height - 8):
            continue
        assert v == visibility, (camera, name)
        assert math.dist((x, y), (real.x, real.y)) < NEAR_PX, (camera, name)


def look_at_the_errors(editor: MultiView) -> None:
    """The plot of errors leads to another moment."""
    editor.press("Shift+K")
    strip = editor.page.get_by_test_id("error-strip")
    expect(strip).to_be_visible()
    take(editor.page, "views_errors")
    box = strip.bounding_box()
    assert box is not None
    editor.page.mouse.click(box["x"] + box["width"] - 5, box["y"] + 4)
    expect(editor.page.get_by_test_id("position")).not_to_have_text(f"{MOMENT + 1}")
