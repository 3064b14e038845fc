"""What holds for every test; pyproject.toml loads the fixtures in ``tests/fixtures``."""

from __future__ import annotations

import os
import signal

import structlog
from hypothesis import HealthCheck, settings

# A busy machine is no failure: nothing here is judged by the clock. The same tests see the same
# examples at each run, so what fails comes of the change at hand; "searching" draws new ones.
settings.register_profile(
    "searching", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("repeatable", settings.get_profile("searching"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# Left alone, structlog writes the local variables of each call into what it tells of an error:
# those of a whole application are seconds of work.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

# A shell starts background work with interrupts ignored, and every process begun here would
# inherit that; what the tests interrupt has to notice.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name tests with bytes by number: workers must agree on names, and some bytes hold a time."""
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 100):
        return argname
    return None
