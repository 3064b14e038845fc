"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path


def keep_private() -> None:
    """Let every file that this process and its children make be their owner's alone (0600, 0700).

    Images of children lie in the data folder; other accounts of the machine have no business there.
    """
    os.umask(0o077)


def close_folder(folder: Path) -> None:
    """Make a folder, or close one that an earlier version left open to others."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
