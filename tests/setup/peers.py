"""Libraries of other tools in environments of their own: ``python -m tests.setup.peers``.

They hold back numpy or bring whole servers, so the development environment is spared them. Tests
that need one run it as a process of its own, and are skipped where it was not made. The folder is
``.setup/peers``, or what ``INFANTNET_PEERS`` names; making them takes some minutes, once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Final

import pytest

PEERS: Final = ("datumaro", "label-studio-sdk", "fiftyone")
_ROOT: Final = Path(__file__).parents[2] / ".setup" / "peers"


def folder_of(peer: str) -> Path:
    """Where a peer's environment is."""
    return Path(os.environ.get("INFANTNET_PEERS", _ROOT)) / peer


def asked(peer: str, script: str, *arguments: object) -> Any:
    """What a script, run by a peer's Python, printed as JSON in its last line."""
    python = folder_of(peer) / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{peer} is not there: python -m tests.setup.peers")
    done = subprocess.run(
        [python, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Make the environments that are not there yet."""
    for peer in PEERS:
        folder = folder_of(peer)
        if not (folder / "made").exists():
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run([folder / "bin" / "pip", "install", "--quiet", peer], check=True)
            (folder / "made").touch()
        sys.stdout.write(f"{peer}: {folder}\n")


if __name__ == "__main__":
    main()
