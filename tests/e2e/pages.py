"""The product's pages as people see them: found by roles and names, told in people's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from backend.domain.vouching import MIN_LOOK_S

JOINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip",
    "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""COCO's order, in the screen's words."""

PLACING_ORDER = (0, 1, 2, 3, 4, 5, 7, 9, 6, 8, 10, 11, 13, 15, 12, 14, 16)
"""The order in which the editor asks for joints: head, left arm, right arm, left leg, right leg."""

Visibility = Literal[0, 1, 2]


@dataclass(frozen=True)
class Point:
    """A place in the image, in its pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class Placed:
    """A joint as a person left it; ``v`` is COCO's flag."""

    x: float
    y: float
    v: Visibility


ABSENT = Placed(0, 0, 0)


class Login:
    """Where everybody begins."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        expect(page.get_by_role("heading", name="InfantNet")).to_be_visible()

    def enter(self, email: str, password: str) -> Work:
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        return Work(self.page)

    def enter_as(self, name: str) -> Work:
        """By one of the demo's cards."""
        self.page.get_by_role("button", name=re.compile(name)).click()
        return Work(self.page)


class Shell:
    """A page with the navigation at its side."""

    title = ""

    def __init__(self, page: Page) -> None:
        self.page = page
        if self.title:
            expect(page.get_by_role("heading", level=1, name=self.title)).to_be_visible()

    def visit(self, name: str) -> None:
        """Go to another page by the navigation."""
        self.page.get_by_role("navigation", name="Main").get_by_role(
            "link", name=re.compile(f"^{name}")
        ).click()

    def to_work(self) -> Work:
        self.visit("My work")
        return Work(self.page)

    def to_recordings(self) -> Recordings:
        self.visit("Recordings")
        return Recordings(self.page)

    def to_models(self) -> Models:
        self.visit("Models")
        return Models(self.page)

    def to_exports(self) -> Exports:
        self.visit("Exports")
        return Exports(self.page)

    def to_jobs(self) -> Jobs:
        self.visit("Jobs")
        return Jobs(self.page)


class Work(Shell):
    """What waits for somebody."""

    title = "My work"

    def row(self, recording: str) -> Locator:
        link = self.page.get_by_role("link", name=recording, exact=True)
        return self.page.get_by_role("listitem").filter(has=link)

    def take_up(self, act: str, recording: str) -> Editor:
        """Press the button of a row, such as Start, Inspect or Revise."""
        self.page.get_by_role("button", name=f"{act}: {recording}").click()
        return Editor(self.page)


class Recordings(Shell):
    """All recordings."""

    title = "Recordings"

    def begin_import(self) -> Import:
        self.page.get_by_role("link", name="Import", exact=True).click()
        return Import(self.page)

    def row(self, recording: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=recording)

    def open(self, recording: str) -> Recording:
        self.page.get_by_role("link", name=recording).first.click()
        return Recording(self.page, recording)


class Import(Shell):
    """Files, which frames, and the facts of the recording."""

    title = "Import a recording"

    def choose_video(self, path: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose videos").click()
        chooser.value.set_files(path)
        expect(self.page.get_by_text(path.name, exact=True)).to_be_visible()

    def take_every(self, step: int) -> None:
        self.page.get_by_label("Step from frame to frame").fill(str(step))

    def tell(self, *, name: str, source: str, pseudonym: str, consent: str, age: float) -> None:
        self.page.get_by_label("Name of the recording").fill(name)
        self.page.get_by_label("Where it comes from").select_option(label=source)
        self.page.get_by_label("Infant’s pseudonym").fill(pseudonym)
        self.page.get_by_label("Consent").select_option(label=consent)
        self.page.get_by_label("Age in months").fill(f"{age:g}")

    def start(self, recording: str) -> Recording:
        self.page.get_by_role("button", name="Import", exact=True).click()
        return Recording(self.page, recording)


class Recording(Shell):
    """One recording: where it stands, who has it, its frames."""

    def __init__(self, page: Page, name: str) -> None:
        self.title = name
        self.name = name
        super().__init__(page)

    def wait_for(self, stage: str) -> None:
        """Until the page says by itself that the recording has come to a stage."""
        timeline = self.page.get_by_role("region", name="Where this recording stands")
        expect(timeline).to_contain_text(stage, timeout=PATIENCE_MS)

    @property
    def overview(self) -> Locator:
        return self.page.get_by_role("main")

    def frame(self, number: int) -> Locator:
        """A frame in the grid; numbers count from 1, as on the screen."""
        return self.page.get_by_role("link", name=re.compile(rf"^Frame {number}(,|$)"))

    def frames(self) -> Locator:
        return self.page.get_by_role("list", name="Frames").get_by_role("listitem")

    def do(self, event: str) -> Locator:
        """Press an event's button; returns its dialog, still to be confirmed."""
        self.page.get_by_role("button", name=event, exact=True).click()
        return self.page.get_by_role("dialog")

    def confirm(self, event: str) -> None:
        dialog = self.do(event)
        dialog.get_by_role("button", name=event, exact=True).click()
        expect(dialog).to_have_count(0)

    def prelabel(self, weights: str) -> None:
        dialog = self.do("Run pre-labels")
        dialog.get_by_label("Checkpoint").select_option(value=weights)
        dialog.get_by_role("button", name="Run pre-labels").click()
        expect(dialog).to_have_count(0)

    def assign(self, role: str, person: str) -> None:
        self.page.get_by_role("button", name=re.compile(f"change {role}$")).click()
        self.page.get_by_role("menuitemradio", name=person, exact=True).click()
        trigger = self.page.get_by_role("button", name=re.compile(f"change {role}$"))
        expect(trigger).to_contain_text(person)


class Models(Shell):
    """Weights."""

    title = "Models"

    def add_file(self, name: str, path: Path) -> None:
        card = self.page.get_by_role("listitem").filter(
            has=self.page.get_by_label(f"Checkpoint file of {name}")
        )
        with self.page.expect_file_chooser() as chooser:
            card.get_by_role("button", name="Add a file").click()
        chooser.value.set_files(path)
        # With the file here there is nothing to add any more.
        expect(self.page.get_by_label(f"Checkpoint file of {name}")).to_have_count(
            0, timeout=PATIENCE_MS
        )
        expect(self.card(name)).to_contain_text("Here", timeout=PATIENCE_MS)

    def card(self, name: str) -> Locator:
        exactly = self.page.get_by_text(name, exact=True)
        return self.page.get_by_role("listitem").filter(has=exactly)


class Jobs(Shell):
    """Background work."""

    title = "Jobs"

    def row(self, job: str) -> Locator:
        return self.page.get_by_role("listitem").filter(has_text=job).first


class Exports(Shell):
    """Finished files."""

    title = "Exports"

    def write(self, recording: str) -> None:
        self.page.get_by_role("button", name="New export").first.click()
        dialog = self.page.get_by_role("dialog", name="New export")
        dialog.get_by_role("checkbox", name=re.compile(f"^{re.escape(recording)}")).check()
        dialog.get_by_role("button", name="Write COCO file").click()
        expect(dialog).to_have_count(0)

    def download(self, folder: Path) -> Path:
        link = self.page.get_by_role("link", name="Download").first
        expect(link).to_be_visible(timeout=PATIENCE_MS)
        with self.page.expect_download() as download:
            link.click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


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


@dataclass(frozen=True)
class View:
    """How an image lies on the screen: its left top corner there, and the zoom."""

    left: float
    top: float
    zoom: float
    width: int
    height: int

    def on_screen(self, at: Point | Placed) -> Point:
        """The whole pixel of the screen next to a place in the image."""
        return Point(round(self.left + at.x * self.zoom), round(self.top + at.y * self.zoom))

    def in_image(self, at: Point) -> Point:
        """The place in the image under a pixel of the screen, to a hundredth as the editor says."""
        x, y = (at.x - self.left) / self.zoom, (at.y - self.top) / self.zoom
        return Point(round(min(max(x, 0), self.width), 2), round(min(max(y, 0), self.height), 2))


PATIENCE_MS = 240_000
"""For what a worker does; the machine may be busy."""
