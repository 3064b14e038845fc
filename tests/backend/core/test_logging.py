"""What the product writes to its logs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fixtures.server import ROOT

FAILS = """
import structlog
from backend.core.logging import configure
from backend.core.settings import Settings

configure(Settings(log_format={form!r}), "web")

def log_in(password):
    raise RuntimeError("nobody is there")

try:
    log_in("".join(["correct", "horse"]))
except RuntimeError:
    structlog.get_logger().exception("failed")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_error_is_told_with_its_place_and_without_the_values_of_variables(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS.format(form=form)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "nobody is there" in done.stderr
    assert "log_in" in done.stderr
    assert "correcthorse" not in done.stderr
