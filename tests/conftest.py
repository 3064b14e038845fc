"""What holds for every test; pyproject.toml loads the fixtures in ``tests/fixtures``."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A busy machine is no failure: nothing here is judged by the clock.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("unhurried")

# A shell starts background work with interrupts ignored, and every process begun here would
# inherit that; what the tests interrupt has to notice.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name tests with bytes by number: workers must agree on names, and some bytes hold a time."""
    if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 100):
        return argname
    return None
