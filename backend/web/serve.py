"""The web server process: ``python -m backend.web.serve``."""

from __future__ import annotations

import faulthandler
import gc

import uvicorn

from backend.core import logging
from backend.core.private import keep_private
from backend.core.settings import get_settings
from backend.web.app import create_app

# Event streams stay open for hours; at the end they are cut after this many seconds.
GRACE_S = 3


def main() -> None:
    """Serve the application on the configured address until told to stop."""
    faulthandler.enable()  # a server that hangs tells where, when it is ended
    keep_private()
    settings = get_settings()
    logging.configure(settings, "web")
    app = create_app()
    # What was imported and declared stays for good: without this, each full collection walks
    # through all of it, and every request waits for a tenth of a second.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_S,
    )


if __name__ == "__main__":
    main()
