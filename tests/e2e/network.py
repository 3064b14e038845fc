"""What a browser says and keeps while the server is away."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Page

KEPT: Final = re.compile("kept on this computer")


class Faults(list[str]):
    """What the browsers of a test complained about; a complaint may come late."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: set[str] = set()

    def expect(self, *words: str) -> None:
        """Complaints with one of these words are what the test is about."""
        self._expected |= set(words)

    def unexpected(self) -> list[str]:
        """Complaints that no test was about."""
        return [fault for fault in self if not any(word in fault for word in self._expected)]


def forget_network_faults(faults: Faults, *also: str) -> None:
    """What the browser said about the missing network, or log-in, is what a test is about."""
    faults.expect("net::ERR_", *also)


def wait_for_service_worker(page: Page) -> None:
    """Until the next page of this browser opens without a server."""
    page.evaluate(
        """async () => {
            await navigator.serviceWorker.ready;
            if (navigator.serviceWorker.controller) return;
            await new Promise((go) => {
                navigator.serviceWorker.addEventListener('controllerchange', go, { once: true });
            });
        }"""
    )
