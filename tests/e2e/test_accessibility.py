"""Every page of the product, light and dark, as axe reads it."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import complaints
from tests.e2e.conftest import SIZE
from tests.e2e.editor import Editor
from tests.e2e.pages import Login
from tests.e2e.screenshots import SETTLED
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-demo-begun")]

Scheme = Literal["light", "dark"]
THEME = "scheme => document.documentElement.dataset.theme === scheme"
PAGES = (
    "/",
    "/recordings",
    "/recordings/import",
    "/recordings/1",
    "/recordings/1/cameras",
    "/recordings/1/sync",
    "/recordings/1/fits",
    "/recordings/1/inspect",
    "/recordings/2",
    "/recordings/2?tab=rounds",
    "/recordings/2?tab=comments",
    "/infants",
    "/jobs",
    "/exports",
    "/releases",
    "/analytics",
    "/quality",
    "/quality?tab=pairs",
    "/quality?tab=people",
    "/quality?tab=rules",
    "/changes",
    "/models",
    "/team",
    "/settings",
    "/nowhere",
)
TAKE_UP = re.compile(r"^(Start|Continue): Living room")
OPENED = {
    "?": "keys",
    "Control+k": "commands",
    "y": "history",
    "x": "reasons to discard",
    "m": "a comment",
    "Shift+I Shift+X": "a range",
    "Alt+i": "how it looks",
    "Shift+T 1": "postures",
    "Control+Enter": "submission",
}
"""What keys of the editor open, and Escape closes."""
DIALOGS = (
    ("/recordings/2", "Cut into parts"),
    ("/recordings/2/inspect", "How this works"),
    ("/exports", "New export"),
    ("/releases", "New dataset"),
)
"""A page, and the button that opens a dialog on it."""
MENU = re.compile("change annotator$")
"""A button on the page of a recording that opens a menu."""


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}


def test_axe_finds_nothing_on_any_page_light_or_dark(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce", color_scheme="light")
    context.set_default_timeout(60_000)
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def look(name: str, scheme: Scheme | None = None) -> None:
        page.locator("main").first.wait_for(state="attached")  # parts of pages come on their own
        page.wait_for_function(SETTLED)
        if scheme is None:  # the other one differs in colours alone
            change_to(page, "dark")
            if told := complaints(page, colours=True):
                found[f"{name}, dark"] = told
        change_to(page, scheme or "light")
        if told := complaints(page):
            found[name] = told

    login = Login(page, server.url)
    expect(page.get_by_role("heading", name="This is a demo")).to_be_visible()
    look("log-in")
    login.enter_as("Mara Maintainer")
    for address in PAGES:
        page.goto(server.url + address)
        expect(page.get_by_role("heading").first).to_be_visible()
        look(address)
    for address, button in DIALOGS:
        page.goto(server.url + address)
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        look(f"{address}, {button}")
    page.goto(f"{server.url}/recordings/2")
    page.get_by_role("button", name=MENU).click()
    expect(page.get_by_role("menu")).to_be_visible()
    look("an open menu")
    for recording in (1, 2):
        page.goto(f"{server.url}/recordings/{recording}/frames/5")
        expect(page.get_by_role("region", name="Frame 5 of").first).to_be_visible()
        expect(page.get_by_text("Loading…")).to_have_count(0)
        look(f"editor of {recording}, reading", "dark")  # it is dark in every theme

    context.clear_cookies()
    Login(page, server.url).enter_as("Anna Annotator")
    page.get_by_role("button", name=TAKE_UP).click()
    editor = Editor(page)
    editor.jump_to(5)
    editor.expect_stage("Annotating")
    look("editor", "dark")
    for keys, name in OPENED.items():
        for key in keys.split():
            page.keyboard.press(key)
        look(f"editor, {name}", "dark")
        page.keyboard.press("Escape")
    for address in ("/single-frames", "/training"):
        page.goto(server.url + address)
        expect(page.get_by_role("heading").first).to_be_visible()
        look(address, "dark")
    context.close()
    assert not found, "\n".join(f"{name}: {told}" for name, many in found.items() for told in many)


def change_to(page: Page, scheme: Scheme) -> None:
    """The system's colours change while the page is open."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(THEME, arg=scheme)
