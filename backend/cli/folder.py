"""The data folder that commands on the server's own machine speak of."""

from __future__ import annotations

from pathlib import Path

from backend.core.settings import get_settings


def data_folder() -> Path:
    """The data folder on this machine: the configured one, else the one in the program's folder."""
    configured = get_settings().data_dir
    beside_program = Path(__file__).resolve().parents[2] / "data"
    return configured if configured.exists() or not beside_program.exists() else beside_program
