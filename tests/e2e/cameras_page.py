"""The page of a recording's cameras, told in people's words."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import PATIENCE_MS
from tests.e2e.pages import Recording, Shell


class Cameras(Shell):
    """Lenses, places, what moved, and every version."""

    title = "Cameras"

    @classmethod
    def of(cls, recording: Recording) -> Cameras:
        """By the navigation of a recording's page."""
        pages = recording.page.get_by_role("navigation", name="Pages of this recording")
        pages.get_by_role("link", name="Cameras").click()
        return cls(recording.page)

    @property
    def state(self) -> Locator:
        """What is known, at the top."""
        return self.page.get_by_role("region", name="State of the cameras")

    def step(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True)

    def _head(self, title: str) -> Locator:
        step = self.step(title)
        return step.get_by_role("heading", level=2).get_by_role("button")

    def open_step(self, title: str) -> Locator:
        head = self._head(title)
        if head.get_attribute("aria-expanded") != "true":
            head.click()
        return self.step(title)

    def fold_step(self, title: str) -> None:
        head = self._head(title)
        if head.get_attribute("aria-expanded") == "true":
            head.click()

    def say_when(self, phase: str) -> None:
        """Before or after the session."""
        self.page.get_by_role("radio", name=phase).click()

    def show(self, what: Locator) -> None:
        """Scroll until it begins at the top of the window."""
        what.evaluate("element => element.scrollIntoView({ block: 'start' })")

    def to_top(self) -> None:
        """Scroll up; the heading at the bottom of the window is above where one can be."""
        heading = self.page.get_by_role("heading", level=1)
        heading.evaluate("element => element.scrollIntoView({ block: 'end' })")

    def close_news(self) -> None:
        """Nothing lies over the page afterwards."""
        news = self.page.get_by_role("button", name="Dismiss", exact=True)
        while news.count():
            news.first.click()

    # Boards.

    def choose_board(self, preset: str, square_mm: float) -> None:
        self.page.get_by_role("radio", name=re.compile(f"^{preset} ")).click()
        self.page.get_by_label("Side of one square, mm").fill(f"{square_mm:g}")

    def add_folder(self, folder: Path) -> None:
        """A folder with one sub-folder for each camera."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose a folder").click()
        chooser.value.set_files(folder)

    def files_of(self, camera: str) -> Locator:
        files = self.page.get_by_role("list", name="Files by camera")
        return files.get_by_role("listitem", name=camera, exact=True)

    def calibrate_lenses(self) -> None:
        self.page.get_by_role("button", name="Calibrate the lenses").click()
        expect(self.state).to_contain_text("known", timeout=PATIENCE_MS)
        expect(self.page.get_by_role("button", name="Place the cameras")).to_be_visible(
            timeout=PATIENCE_MS
        )

    def lens(self, camera: str) -> Locator:
        """What calibrating a lens gave."""
        return self.page.get_by_role("listitem", name=f"Lens of {camera}")

    def place_cameras(self) -> None:
        self.page.get_by_role("button", name="Place the cameras", exact=True).click()
        again = self.page.get_by_role("button", name="Place the cameras again")
        expect(again).to_be_visible(timeout=PATIENCE_MS)

    # Known points.

    def choose_way(self, way: str) -> None:
        self.page.get_by_role("radio", name=re.compile(f"^{way} ")).click()

    def paste_points(self, lines: list[str]) -> None:
        self.page.get_by_role("button", name="Paste from a spreadsheet").click()
        dialog = self.page.get_by_role("dialog", name="Paste points")
        dialog.get_by_role("textbox", name="Points").fill("\n".join(lines))
        dialog.get_by_role("button", name=f"Use {len(lines)} points").click()
        expect(dialog).to_have_count(0)

    def click_points(
        self, camera: str, size: tuple[int, int], at: list[tuple[float, float]]
    ) -> None:
        """Click one after another in a camera's picture, at pixels of that camera."""
        self.page.get_by_role("tab", name=re.compile(f"^{camera}")).click()
        picture = self.page.get_by_role("group", name=re.compile(f"^Picture of {camera}"))
        expect(picture.locator("img")).to_be_visible()
        self.show(picture)
        box = picture.bounding_box()
        assert box is not None
        across, down = box["width"] - 2, box["height"] - 2  # without the frame
        zoom = min(across / size[0], down / size[1])
        left = box["x"] + 1 + (across - size[0] * zoom) / 2
        top = box["y"] + 1 + (down - size[1] * zoom) / 2
        for number, (x, y) in enumerate(at, start=1):
            self.page.mouse.click(left + x * zoom, top + y * zoom)
            tab = self.page.get_by_role("tab", name=re.compile(f"^{camera}"))
            expect(tab).to_contain_text(str(number))

    # Files and versions.

    def import_file(self, path: Path) -> None:
        self.choose_way("File")
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose the file").click()
        chooser.value.set_files(path)
        self.page.get_by_role("button", name="Import cameras").click()

    def version(self, number: int) -> Locator:
        table = self.page.get_by_role("table", name="Versions")
        return table.get_by_role("row").filter(has_text=re.compile(f"^Version {number}"))

    def download(self, number: int, folder: Path) -> Path:
        self.page.get_by_role("button", name=f"More for version {number}").click()
        with self.page.expect_download() as download:
            self.page.get_by_role("menuitem", name="Download TOML").click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


def enter_videos(page: Page, paths: list[Path]) -> None:
    """Several videos at once on the import page."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose videos").click()
    chooser.value.set_files(paths)
    for path in paths:
        expect(page.get_by_text(path.name, exact=True)).to_be_visible()
