"""Real recordings beside the project, where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def shared_folder(name: str) -> Path:
    """A folder of real inputs; the test is skipped where there is none."""
    base = Path(os.environ.get("INFANTNET_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not (base / name).is_dir():
        pytest.skip(f"no real recordings here ({name}); INFANTNET_SHARED_DATA names their folder")
    return base / name
