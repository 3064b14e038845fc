"""What a browser says and keeps while the server is away."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Page

KEPT: Final = re.compile("kept on this computer")


def forget_network_faults(faults: list[str], *also: str) -> None:
    """What the browser said about the missing network, or log-in, is what a test is about."""
    known = ("net::ERR_", *also)
    faults[:] = [fault for fault in faults if not any(word in fault for word in known)]


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
