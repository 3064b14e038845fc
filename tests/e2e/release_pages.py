"""The pages of releases as a maintainer uses them, in the words of the screen."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import PATIENCE_MS
from tests.e2e.pages import Shell

Tab = Literal["Overview", "Statistics", "Frames", "Changes", "Leaderboard", "Faces"]


class Releases(Shell):
    """All datasets with their versions."""

    title = "Releases"

    def new_dataset(self, title: str) -> Draft:
        self.page.get_by_role("button", name="New dataset").first.click()
        dialog = self.page.get_by_role("dialog", name="New dataset")
        dialog.get_by_label("Title").fill(title)
        dialog.get_by_role("button", name="Make dataset").click()
        return self._begin()

    def new_version(self, change: Literal["Minor", "Patch", "Major"]) -> Draft:
        self.page.get_by_role("button", name="New version").first.click()
        dialog = self.page.get_by_role("dialog", name=re.compile("^New version of"))
        dialog.get_by_role("radio", name=re.compile(f"^{change}")).check()
        return self._begin()

    def _begin(self) -> Draft:
        dialog = self.page.get_by_role("dialog", name=re.compile("^New version of"))
        dialog.get_by_role("button", name="Begin draft").click()
        expect(dialog).to_have_count(0)
        return Draft(self.page)


class ReleaseView:
    """The page of one release."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab(self, name: Tab) -> None:
        """Go to one of the release's tabs."""
        tabs = self.page.get_by_role("navigation", name="Release")
        tabs.get_by_role("link", name=name, exact=True).click()

    def section(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name)


class Draft(ReleaseView):
    """A release that can still change."""

    def tell(self, *, licence: str, contact: str) -> None:
        self.page.get_by_label("Licence").fill(licence)
        self.page.get_by_label("Contact").fill(contact)

    def save(self) -> None:
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_text("Unsaved changes")).to_have_count(0)

    def put(self, infant: str, split: str) -> None:
        """Choose an infant's split in its row."""
        choice = self.page.get_by_label(f"Split of {infant}")
        choice.select_option(split)
        expect(choice).to_have_value(split)

    def check(self) -> None:
        """Press Check; how it ends is for the caller to expect."""
        self.page.get_by_role("button", name=re.compile("^(Check|Check again)$")).click()

    def expect_open(self) -> None:
        expect(self.section("Gate")).to_contain_text("Nothing blocks", timeout=PATIENCE_MS)

    def expect_blocked(self, words: str) -> None:
        expect(self.section("Gate")).to_contain_text(words, timeout=PATIENCE_MS)

    def publish(self, version: str) -> Published:
        self.page.get_by_role("button", name="Publish…").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=f"Publish {version}").click()
        link = self.page.get_by_role("link", name="Download archive.tar")
        expect(link).to_be_visible(timeout=PATIENCE_MS)
        return Published(self.page)


class Published(ReleaseView):
    """A release that is final."""

    def download(self, folder: Path) -> Path:
        """The archive, unpacked; returns the release's folder."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Download archive.tar").click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
        return folder / path.stem

    def add_predictions(
        self, path: Path, model: str, setting: Literal["Zero-shot", "Fine-tuned"], split: str
    ) -> None:
        """Upload a file of predictions on the leaderboard, and wait until it is measured."""
        self.tab("Leaderboard")
        self.page.get_by_role("main").get_by_role(
            "combobox", name=re.compile("^Split")
        ).select_option(split)
        self.page.get_by_role("button", name="Add predictions").first.click()
        dialog = self.page.get_by_role("dialog", name=re.compile("predictions", re.I))
        with self.page.expect_file_chooser() as chooser:
            dialog.get_by_text("Choose a file").click()
        chooser.value.set_files(path)
        dialog.get_by_label("Model", exact=True).fill(model)
        dialog.get_by_role("radio", name=re.compile(f"^{setting}")).check()
        dialog.get_by_role("button", name="Measure").click()
        expect(dialog).to_have_count(0)
        expect(self.numbers_of(model, setting)).to_be_visible(timeout=PATIENCE_MS)

    def numbers_of(self, model: str, setting: str) -> Locator:
        return self.page.get_by_role("link", name=f"{model}, {setting}: all numbers")

    def worst_frame(self) -> Locator:
        """Open the worst frame of the evaluation that is looked at."""
        self.page.get_by_role("tab", name="Worst frames").click()
        self.page.get_by_role("list", name="Frames").get_by_role("button").first.click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Report label")).to_be_visible()
        return dialog


class Infants(Shell):
    """Infants with what their families agreed to."""

    title = "Infants"

    def take_consent_back(self, pseudonym: str, document: str) -> None:
        self.page.get_by_role("button", name=pseudonym, exact=True).click()
        self.page.get_by_role("button", name="Take consent back…").click()
        dialog = self.page.get_by_role("dialog", name=f"Take back the consent of {pseudonym}?")
        dialog.get_by_label("Document").fill(document)
        dialog.get_by_role("button", name="Take consent back", exact=True).click()
        expect(dialog).to_have_count(0)
        drawer = self.page.get_by_role("dialog", name=pseudonym)
        expect(drawer).to_contain_text("Withdrawn")
        drawer.get_by_role("button", name="Close").click()
        expect(drawer).to_have_count(0)
