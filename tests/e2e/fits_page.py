"""The page of a recording's body fits, as people see it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import PATIENCE_MS

# How many pixels of a canvas were drawn on, and how many there are.
DRAWN = """canvas => {
  const { width, height } = canvas;
  if (!width || !height) return [0, 0];
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  let drawn = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn += 1;
  return [drawn, width * height];
}"""


class FitsPage:
    """Views, turntable, facts and verdict, and the timeline below."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.get_by_role("heading", name="Body fits · Validation")).to_be_visible()

    @classmethod
    def open(cls, page: Page, url: str, recording_id: int) -> FitsPage:
        page.goto(f"{url}/recordings/{recording_id}/fits")
        return cls(page)

    # Fitting.

    def begin_fit(self) -> Locator:
        self.page.get_by_role("button", name=re.compile("^Fit")).click()
        return self.page.get_by_role("dialog", name="Fit bodies")

    def wait_for_fits(self) -> None:
        """Until the page says by itself that there are fits."""
        expect(self.timeline).to_be_visible(timeout=PATIENCE_MS)
        self.expect_moment(1)

    # Where one is.

    @property
    def timeline(self) -> Locator:
        return self.page.get_by_role("slider", name="Moment")

    @property
    def details(self) -> Locator:
        return self.page.get_by_role("complementary", name="Fit details")

    @property
    def verdict(self) -> Locator:
        return self.page.get_by_role("region", name="Verdict")

    def expect_moment(self, number: int) -> None:
        expect(self.timeline).to_have_attribute("aria-valuenow", str(number))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_many(self, state: str, number: int) -> None:
        """How many moments are in a state, by the timeline's legend; none when it is not there."""
        legend = self.page.get_by_role("list", name="Moments by state")
        entry = legend.get_by_role("listitem").filter(has_text=state)
        if number:
            expect(entry).to_have_text(f"{state} {number}")
        else:
            expect(entry).to_have_count(0)

    # What is drawn.

    def drawn_share(self, camera: int) -> float:
        """Part of a view over which the body was drawn."""
        drawn, all_pixels = self.page.get_by_test_id(f"overlay-{camera}").evaluate(DRAWN)
        return float(drawn / max(all_pixels, 1))

    def wait_for_bodies(self, cameras: int) -> None:
        for camera in range(1, cameras + 1):
            overlay = self.page.get_by_test_id(f"overlay-{camera}")
            handle = overlay.element_handle()
            self.page.wait_for_function(f"canvas => ({DRAWN})(canvas)[0] > 100", arg=handle)

    def error_of(self, joint: str, camera: int) -> float:
        """Of the table, in pixels."""
        row = self.details.get_by_role("row").filter(
            has=self.page.get_by_role("rowheader", name=joint, exact=True)
        )
        return float(row.get_by_role("cell").nth(camera - 1).inner_text())

    # Verdicts.

    def verify_all(self) -> None:
        self.verdict.get_by_role("button", name=re.compile(r"^Verify the \d+ that pass")).click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Verify them").click()
        expect(dialog).to_have_count(0)

    def reject(self, reason: str, words: str | None = None) -> None:
        self.verdict.get_by_role("button", name=re.compile("^Reject")).click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=re.compile(f"^{reason}")).click()
        if words is not None:
            dialog.get_by_label("What is wrong with it?").fill(words)
            dialog.get_by_role("button", name="Reject", exact=True).click()
        expect(dialog).to_have_count(0)

    # What leaves.

    def export(self, choice: str) -> None:
        self.page.get_by_role("button", name="Export fits").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label(re.compile(choice)).check()
        dialog.get_by_role("button", name="Export", exact=True).click()
        expect(self.page.get_by_text("The fits are being written")).to_be_visible()

    def download_mesh(self, kind: str, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.details.get_by_role("link", name=kind).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path
