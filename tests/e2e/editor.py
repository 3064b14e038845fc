"""The frame editor as people see it: what they do in it, told in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from backend.domain.vouching import MIN_LOOK_S
from tests.e2e.canvas import ABSENT, JOINTS, PATIENCE_MS, PLACING_ORDER, Placed, Point, View

if TYPE_CHECKING:
    from tests.e2e.pages import Recording


class Editor:
    """The frame editor, in any of its modes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stage = page.get_by_role("region", name=re.compile(r"^Frame \d+ of \d+$"))
        expect(self.stage).to_be_visible()
        self.wait_for_image()

    # Where one is.

    def wait_for_image(self) -> None:
        expect(self.page.get_by_text("Loading…")).to_have_count(0)

    @property
    def number(self) -> int:
        """Of the frame on the canvas, from 1."""
        label = self.stage.get_attribute("aria-label") or ""
        return int(label.split()[1])

    @property
    def frames(self) -> int:
        """How many there are to step through."""
        label = self.stage.get_attribute("aria-label") or ""
        return int(label.split()[-1])

    def expect_frame(self, number: int) -> None:
        expect(
            self.page.get_by_role("region", name=re.compile(f"^Frame {number} of "))
        ).to_be_visible()
        self.wait_for_image()

    def go_to(self, number: int) -> None:
        """Step there by keys, as people do."""
        while (here := self.number) != number:
            self.page.keyboard.press("f" if number > here else "d")
            self.expect_frame(here + (1 if number > here else -1))

    def jump_to(self, number: int) -> None:
        """By a picture of the filmstrip."""
        self.page.get_by_role("button", name=re.compile(f"^Frame {number}, ")).click()
        self.expect_frame(number)

    @property
    def details(self) -> Locator:
        """What stands beside the canvas."""
        return self.page.get_by_role("complementary", name="Frame details")

    def expect_saved(self) -> None:
        saved = self.page.get_by_role("status").filter(has_text=re.compile(r"^\s*saved\s*$"))
        expect(saved).to_be_visible()

    def expect_state(self, words: str) -> None:
        expect(self.page.get_by_role("region", name="Verdict")).to_contain_text(words)

    def expect_stage(self, words: str) -> None:
        """The badge above the canvas; it changes by itself."""
        header = self.page.get_by_role("banner")
        expect(header.get_by_text(words, exact=True)).to_be_visible(timeout=PATIENCE_MS)

    def leave(self, recording: str) -> Recording:
        from tests.e2e.pages import Recording

        self.page.get_by_role("link", name=f"Back to {recording}").click()
        return Recording(self.page, recording)

    # The canvas: which pixel of the screen shows which of the image.

    def view(self, width: int, height: int) -> View:
        """The view of a whole image of that size, which fits the canvas with 12 px around it."""
        box = self.stage.bounding_box()
        assert box is not None
        across, down = round(box["width"]), round(box["height"])
        zoom = min((across - 24) / width, (down - 24) / height)
        left = box["x"] + across / 2 - width / 2 * zoom
        top = box["y"] + down / 2 - height / 2 * zoom
        return View(left, top, zoom, width, height)

    def joint(self, name: str) -> Locator:
        return self.stage.get_by_role("button", name=re.compile(f"^{name}, "))

    # What annotators do.

    def discard(self, reason: str) -> None:
        number = self.number
        self.page.keyboard.press("x")
        dialog = self.page.get_by_role("dialog", name="Discard this frame")
        dialog.get_by_role("button", name=reason).click()
        expect(dialog).to_have_count(0)
        expect(
            self.page.get_by_role("button", name=f"Frame {number}, Discarded", exact=True)
        ).to_be_visible()

    def accept(self) -> None:
        self.page.keyboard.press("Space")

    def place(self, joints: Sequence[Placed], view: View) -> list[Placed]:
        """Put a skeleton on the frame from nothing, joint by joint as the guide asks.

        Returns:
            The joints in COCO's order where the mouse really was: it has whole pixels.
        """
        self.page.keyboard.press("n")
        done: list[Placed] = [ABSENT] * len(JOINTS)
        for asked, joint in enumerate(PLACING_ORDER):
            left = len(JOINTS) - asked
            expect(self.stage.get_by_text(f"{left} to place")).to_be_visible()
            expect(self.stage.get_by_text(JOINTS[joint], exact=True)).to_be_visible()
            wanted = joints[joint]
            if wanted.v == 0:
                self.page.keyboard.press("s")
                continue
            at = view.on_screen(wanted)
            self.page.mouse.click(at.x, at.y, button="left" if wanted.v == 2 else "right")
            there = view.in_image(at)
            done[joint] = Placed(there.x, there.y, wanted.v)
        expect(self.stage.get_by_text("to place")).to_have_count(0)
        return done

    def drag_joint(self, name: str, by: tuple[int, int]) -> None:
        """Take a joint and put it down somewhere else, in pixels of the screen."""
        box = self.joint(name).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.drag(Point(x, y), Point(x + by[0], y + by[1]))

    def drag(self, start: Point, end: Point) -> None:
        mouse = self.page.mouse
        mouse.move(start.x, start.y)
        mouse.down()
        mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2)
        mouse.move(end.x, end.y)
        mouse.up()

    def select_joint(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(f"^{name}: ")).click()

    def submit(self) -> None:
        self.expect_saved()
        self.page.get_by_role("banner").get_by_role("button", name="Submit").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Submit", exact=True).click()
        expect(dialog).to_have_count(0)

    # What inspectors do.

    def comment(self, joint: str, words: str) -> None:
        self.select_joint(joint)
        self.page.keyboard.press("m")
        self.page.get_by_label(f"On the {joint}").fill(words)
        self.page.get_by_role("button", name="Comment", exact=True).last.click()
        expect(self.page.get_by_label(f"On the {joint}")).to_have_count(0)
        expect(self.page.get_by_text(words)).to_be_visible()

    def find_good(self) -> None:
        """Look at every frame, from the first to the last, and mark it good."""
        self.page.keyboard.press("Home")
        for number in range(1, self.frames + 1):
            self.expect_frame(number)
            self.page.keyboard.press("Space")
        self.expect_saved()

    def look_through(self) -> None:
        """Look at every frame, from the first to the last, and say nothing yet."""
        self.page.keyboard.press("Home")
        for number in range(1, self.frames + 1):
            self.expect_frame(number)
            self.page.wait_for_timeout(1200 * MIN_LOOK_S)
            self.page.keyboard.press("f")

    @contextmanager
    def deciding(self) -> Iterator[Locator]:
        """The dialog in which the inspector says yes or no to the whole recording."""
        self.page.get_by_role("banner").get_by_role("button", name="Return or approve").click()
        dialog = self.page.get_by_role("dialog")
        yield dialog
        expect(dialog).to_have_count(0)

    def box_on_screen(self) -> tuple[Point, Point]:
        """The left top and the right bottom corner of the infant's box as it is drawn."""
        drawn = self.stage.get_by_role("img", name=re.compile("^box, "))
        canvas = self.stage.bounding_box()
        assert canvas is not None
        x, y, width, height = (
            float(drawn.get_attribute(name) or 0) for name in ("x", "y", "width", "height")
        )
        corner = Point(canvas["x"] + x, canvas["y"] + y)
        return corner, Point(corner.x + width, corner.y + height)
