"""The editor with all cameras of a moment, as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import JOINTS, PLACING_ORDER, Point, View


class MultiView:
    """All cameras of one moment beside each other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.views = page.get_by_test_id("views")
        expect(self.views).to_be_visible()
        self.wait_for_images()

    def wait_for_images(self) -> None:
        expect(self.views.locator("[data-camera]")).not_to_have_count(0)
        expect(self.views.locator("[data-loading]")).to_have_count(0)
        expect(self.page.get_by_text("Loading…")).to_have_count(0)

    def as_grid(self) -> None:
        """All images alike."""
        self.page.get_by_role("button", name="All cameras the same size").click()
        expect(self.views).to_have_attribute("data-layout", "grid")

    def pane(self, camera: str) -> Pane:
        return Pane(self.page, camera)

    @property
    def says(self) -> Locator:
        """What the views say of the selected joint, or of all."""
        return self.page.get_by_test_id("views-say")

    @property
    def figure(self) -> Locator:
        """The figure and the cameras in 3D."""
        return self.page.get_by_test_id("scene")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def select(self, joint: str) -> None:
        """By the list beside the images."""
        self.page.get_by_role("button", name=re.compile(f"^{joint}: ")).click()

    def expect_saved(self) -> None:
        saved = self.page.get_by_role("status").filter(has_text=re.compile(r"^\s*saved\s*$"))
        expect(saved).to_be_visible()


class Pane:
    """The image of one camera."""

    def __init__(self, page: Page, camera: str) -> None:
        self.page = page
        self.camera = camera
        self.region = page.get_by_role("region", name=camera, exact=True)
        expect(self.region).to_be_visible()
        self.frame = page.locator("[data-camera]").filter(has=self.region)

    def joint(self, name: str) -> Locator:
        return self.region.get_by_role("button", name=re.compile(f"^{name}, "))

    def view(self, width: int, height: int) -> View:
        """How the whole image lies in the pane, with 12 px around it."""
        box = self.region.bounding_box()
        assert box is not None
        across, down = round(box["width"]), round(box["height"])
        zoom = min((across - 24) / width, (down - 24) / height)
        left = box["x"] + across / 2 - width / 2 * zoom
        top = box["y"] + down / 2 - height / 2 * zoom
        return View(left, top, zoom, width, height)

    def activate(self, view: View) -> None:
        """Press on an empty corner of the image."""
        corner = view.on_screen(Point(view.width - 4, view.height - 4))
        self.page.mouse.click(corner.x, corner.y)
        expect(self.frame).to_have_attribute("data-active", "true")

    @contextmanager
    def placing(self) -> Iterator[None]:
        """A skeleton from scratch; what is not placed stays absent."""
        self.page.keyboard.press("n")
        expect(self.region.get_by_text("17 to place")).to_be_visible()
        yield
        if self.region.get_by_text("to place").count():
            self.page.keyboard.press("Escape")
        expect(self.region.get_by_text("to place")).to_have_count(0)

    def place(self, joints: Sequence[Point], view: View) -> None:
        """All joints as visible, in COCO's order."""
        self.activate(view)
        with self.placing():
            for asked, joint in enumerate(PLACING_ORDER):
                expect(self.region.get_by_text(f"{len(JOINTS) - asked} to place")).to_be_visible()
                at = view.on_screen(joints[joint])
                self.page.mouse.click(at.x, at.y)

    def clear(self, view: View) -> None:
        """Take all joints away."""
        self.activate(view)
        with self.placing():
            pass
        expect(
            self.region.get_by_role("button", name=re.compile(", (visible|occluded)$"))
        ).to_have_count(0)

    def drag(self, joint: str, by: tuple[int, int]) -> None:
        # The joint's name beside it is no handle.
        box = self.joint(joint).locator("circle").first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + by[0] / 2, y + by[1] / 2)
        mouse.move(x + by[0], y + by[1])
        mouse.up()
