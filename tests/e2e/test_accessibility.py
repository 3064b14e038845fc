"""Every page of the product, light and dark, as axe reads it."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import complaints
from tests.e2e.conftest import SIZE
from tests.e2e.pages import Editor, Login
from tests.e2e.screenshots import SETTLED
from tests.fixtures.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-accessibility")]

PAGES = (
    "/",
    "/recordings",
    "/recordings/import",
    "/recordings/1",
    "/recordings/1/cameras",
    "/recordings/1/sync",
    "/recordings/1/fits",
    "/recordings/2",
    "/infants",
    "/jobs",
    "/exports",
    "/releases",
    "/models",
    "/team",
    "/settings",
    "/nowhere",
)
DIALOGS = {"?": "Keys", "Control+k": "Commands", "y": "History"}
"""What keys of the editor open."""


@pytest.fixture(scope="module")
def server_environment() -> dict[str, str]:
    return {"INFANTNET_DEMO": "1", "INFANTNET_MODELS": "0"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, server: Server, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce", color_scheme=scheme)
    context.set_default_timeout(60_000)
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        page.wait_for_function(SETTLED)
        if told := complaints(page):
            found[name] = told

    login = Login(page, server.url)
    expect(page.get_by_role("heading", name="This is a demo")).to_be_visible()
    look("log-in")
    login.enter_as("Mara Maintainer")
    for address in PAGES:
        page.goto(server.url + address)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        look(address)
    for recording in (1, 2):
        look_at_the_editor(page, server, recording)
        look(f"editor of {recording}, reading")
    context.close()
    assert not found, "\n".join(f"{name}: {told}" for name, many in found.items() for told in many)


def look_at_the_editor(page: Page, server: Server, recording: int) -> None:
    page.goto(f"{server.url}/recordings/{recording}/frames/5")
    Editor(page).wait_for_image()
