"""The product's pages as people see them: found by roles and names, told in people's words."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import PATIENCE_MS
from tests.e2e.editor import Editor


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
        """Press the button of a row: Start, Inspect, Revise …, or one of several (``A|B``)."""
        name = re.compile(f"^({act}): {re.escape(recording)}")
        self.page.get_by_role("button", name=name).click()
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

    def train(self, *, release: str, recipe: str, start: str, name: str) -> None:
        """Ask for a training of one epoch."""
        self.page.get_by_role("button", name="Train a model").first.click()
        dialog = self.page.get_by_role("dialog", name="Train a model")
        chosen = dialog.get_by_label("Release").locator("option:checked")
        expect(chosen).to_contain_text(release.lower().split()[-1])
        dialog.get_by_label("Recipe").select_option(label=recipe)
        dialog.get_by_label("Begins from").select_option(value=start)
        dialog.get_by_label("Epochs").fill("1")
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_role("button", name="Train", exact=True).click()
        expect(dialog).to_have_count(0)

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
