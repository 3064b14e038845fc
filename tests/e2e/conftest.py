"""People at their screens: each has a browser of their own, and nothing may go wrong in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect

from tests.e2e.network import Faults
from tests.e2e.pages import Login
from tests.fixtures.server import Server

SIZE = {"width": 1440, "height": 900}
Visitor = Callable[[], Login]
expect.set_options(timeout=60_000)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What the browsers complained about; the test fails if it is not empty at the end."""
    found = Faults()
    yield found
    assert not found.unexpected()


@pytest.fixture
def service_workers() -> Literal["allow", "block"]:
    """Whether pages may open without the server; a test that stops requests must see them all."""
    return "block"


@pytest.fixture
def visit(
    browser: Browser,
    server: Server,
    faults: Faults,
    service_workers: Literal["allow", "block"],
) -> Iterator[Visitor]:
    """Open the product in a browser that nobody used before."""
    contexts: list[BrowserContext] = []

    def said(message: ConsoleMessage) -> None:
        nobody_yet = "/auth/me" in message.location["url"]  # asked by the page of a stranger
        if message.type == "error" and not nobody_yet:
            faults.append(f"{message.text} ({message.location['url']})")

    def open_one() -> Login:
        context = browser.new_context(
            viewport=SIZE, reduced_motion="reduce", service_workers=service_workers
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", said)
        return Login(page, server.url)

    yield open_one
    for number, context in enumerate(contexts):
        keep_last_view(context, number)
        context.close()


def keep_last_view(context: BrowserContext, number: int) -> None:
    """Leave what was on the screen, for whoever looks into a failure."""
    if folder := os.environ.get("INFANTNET_LAST_VIEWS"):
        for page in context.pages:
            page.screenshot(path=Path(folder) / f"last-{number}.png")
